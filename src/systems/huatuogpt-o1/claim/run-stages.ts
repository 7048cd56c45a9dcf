/** Stages of a pipeline on single items, without its database: what a claim does in seconds needs no durable job. */
import type { Outcome, Stage } from "../../../jobs/index.ts";

/** One item through stages that keep it or end it. @param place of the item in its input */
export async function runThrough(
  stages: readonly Stage[],
  item: unknown,
  { place, signal }: { place: number; signal: AbortSignal },
): Promise<Outcome> {
  let outcome: Outcome = { items: [item] };
  for (const stage of stages) {
    signal.throwIfAborted();
    if ("reject" in outcome) break;
    outcome = await stage.run(outcome.items[0], { signal, attempt: 1, place: String(place) });
  }
  return outcome;
}
