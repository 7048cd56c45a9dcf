/** Many answers from the engine at once, and what most of them say. Questions enter as places get free, so that its waiting list stays short. */
import type { Completion, Engine, EngineRequest } from "../../../language/engine/index.ts";

export interface SampleOptions extends Omit<EngineRequest, "prompt"> {
  /** Branches under way or waiting at a time; default 192. */
  mostBranches?: number;
  /** After each prompt, in the order of finishing. */
  onDone?(index: number): void;
}

/** The branches of each prompt; prompt i draws from the seed `${seed}/${i}`, whatever else is in the batch. */
export async function sampleEach(
  engine: Engine,
  prompts: readonly (string | readonly number[])[],
  { mostBranches = 192, onDone, seed = 0, ...request }: SampleOptions,
): Promise<Completion[][]> {
  const results: Completion[][] = [];
  await inPool(prompts.length, Math.max(1, Math.floor(mostBranches / (request.n ?? 1))), async (index) => {
    const handle = engine.submit({ ...request, prompt: prompts[index]!, seed: `${seed}/${index}` });
    results[index] = await handle.completions;
    onDone?.(index);
  });
  return results;
}

/** Runs `work(0)` to `work(count - 1)`, so many at a time. */
export async function inPool(count: number, width: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, worker));
}

/** The commonest answer; of equals the one that came first. No answer is no vote. */
export function majority(answers: readonly (string | null)[]): string | null {
  const counts = new Map<string, number>();
  for (const answer of answers) if (answer !== null) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  let best: string | null = null;
  for (const [answer, count] of counts) if (best === null || count > counts.get(best)!) best = answer;
  return best;
}
