/** Programs of a model for many tasks, and their verdicts by the judge. */
import type { Engine } from "../../../language/engine/index.ts";
import type { Judge } from "../judge/judge.ts";
import type { Verdict } from "../schemas.ts";
import { problemOf, pythonProgramOf } from "./problem.ts";
import type { Task } from "./task.ts";
import { promptIds } from "./tokenizer.ts";

export const attemptCount = 8;
export const temperature = 1;
/** The longest reference has 46. */
const mostTokens = 80;
/** Tasks under way at a time: what fills the engine without filling its waiting list. */
const taskWidth = 24;

/** Eight bodies per task; task i draws from the seed `${seed}/${i}`, whatever else is in the batch. */
export async function samplePrograms(
  engine: Engine,
  tasks: readonly Task[],
  { seed, signal, onDone }: { seed: number | string; signal: AbortSignal; onDone?(index: number): void },
): Promise<string[][]> {
  return inOrder(tasks, taskWidth, signal, async (task, index) => {
    const request = { n: attemptCount, temperature, maxTokens: mostTokens, seed: `${seed}/${index}`, signal };
    const { completions } = engine.submit({ ...request, prompt: promptIds(task) });
    const texts = (await completions).map(({ text }) => text);
    onDone?.(index);
    return texts;
  });
}

/** Verdicts of the programs of each task; equal programs are judged once. */
export async function judgePrograms(
  judge: Judge,
  tasks: readonly Task[],
  bodies: readonly (readonly string[])[],
  { signal, onDone }: { signal: AbortSignal; onDone?(index: number): void },
): Promise<Verdict[][]> {
  return inOrder(tasks, 2 * judge.workerCount, signal, async (task, index) => {
    const problem = problemOf(task);
    const verdicts = new Map<string, Verdict>();
    for (const body of new Set(bodies[index]!)) {
      const { verdict } = await judge.judge(problem, pythonProgramOf(body), { signal });
      if (verdict === "FAILED") throw new Error(`the judge failed on "${problem.id}"`);
      verdicts.set(body, verdict);
    }
    onDone?.(index);
    return bodies[index]!.map((body) => verdicts.get(body)!);
  });
}

/** So many items at a time; results in the order of the items. @throws the signal's reason */
async function inOrder<Item, Result>(
  items: readonly Item[],
  width: number,
  signal: AbortSignal,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      signal.throwIfAborted();
      const index = next++;
      results[index] = await work(items[index]!, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  signal.throwIfAborted();
  return results;
}
