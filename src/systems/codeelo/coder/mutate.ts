/** Programs that are one change away from the reference: what people hand in when they are wrong. */
import type { Random } from "../../../core/random.ts";
import { bodyOf, sampleStep, type Task } from "./task.ts";

/**
 * Different bodies, none of them the reference's. Now and then one computes the same by another way: the judge says so.
 * The first lacks its last character, and does not compile.
 */
export function mutantsOf(task: Task, count: number, rng: Random): string[] {
  const reference = bodyOf(task);
  const bodies = new Set<string>([reference.slice(0, -1)]);
  while (bodies.size < count) {
    const body = bodyOf(changed(task, rng));
    if (body !== reference) bodies.add(body);
  }
  return [...bodies];
}

/** Another digit, another operation of the kind, two operations in the wrong order, or one forgotten. */
function changed(task: Task, rng: Random): Task {
  const at = rng.int(0, task.length - 1);
  const step = task[at]!;
  const { digits } = step.operation;
  const isLast = at === task.length - 1;
  const way = rng.choice(["digit", "operation", "order", "forgotten"] as const);
  if (way === "digit" && digits) return task.with(at, { ...step, digit: rng.int(...digits) });
  if (way === "forgotten" && !isLast) return task.toSpliced(at, 1);
  if (way === "order" && at + 1 < task.length - 1) return task.with(at, task[at + 1]!).with(at + 1, step);
  return task.with(at, sampleStep(rng, step.operation.kind));
}
