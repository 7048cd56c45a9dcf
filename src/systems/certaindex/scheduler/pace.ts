/**
 * A small model that takes the time of a large one. Its steps last at least so long, whatever else the machine does:
 * what is measured then is scheduling, on a real engine with real answers, and not the load of the machine.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { TokenRunner } from "../../../language/engine/index.ts";

/** Seconds of one call of the model: `rows` that write, or `tokens` of prompts that are read. */
export type Pace = (call: { rows: number; tokens: number; isPrompt: boolean }) => number;

/** As on a machine whose memory is the limit: a step costs the same for few rows as for many, nearly. */
export const memoryBound: Pace = ({ rows, tokens, isPrompt }) => (isPrompt ? 1e-3 + 2e-5 * tokens : 4e-3 + 5e-5 * rows);

/** @param runner belongs to the paced one from then on */
export function pacedRunner(runner: TokenRunner, pace: Pace): TokenRunner {
  /** When the calls so far should have ended, seconds. */
  let due = 0;
  const now = () => performance.now() / 1000;
  return {
    ...runner,
    sizes: (rows, slots) => runner.sizes(rows, slots),
    dispose: () => runner.dispose(),
    async extend(cache, batch) {
      const begun = now();
      const { tokens, isPrompt } = batch;
      const seconds = pace({ rows: tokens.length, tokens: tokens.flat().length, isPrompt });
      const logits = await runner.extend(cache, batch);
      // A timer that rang late is made up for by the next call; a pause, or a machine that is too slow, is not.
      due = (begun - due < seconds ? due : begun) + seconds;
      const left = due - now();
      if (left > 0) await sleep(1000 * left);
      return logits;
    },
  };
}
