/**
 * Problems of the coder's world: a list goes through up to three operations and ends in a number. The statement names
 * them from the outside in, "sum of square of above 3 of a:", and the program works from the inside out.
 * A family is the sequence of kinds, innermost first; four families never occur in training, and nor do two of their
 * neighbourhoods (keep right after view, view right after map).
 */
import { createHash } from "node:crypto";
import type { Random } from "../../../core/random.ts";
import { type Kind, type Operation, operationsByKind } from "./operations.ts";
import { COLON, LINE, LIST, OF } from "./vocabulary.ts";

export interface Step {
  operation: Operation;
  /** Null where it takes none. */
  digit: number | null;
}

/** In the order in which they are done; the last one gives the answer. */
export type Task = readonly Step[];

/** "plain", or kinds joined by hyphens, innermost first. */
export type FamilyName = string;

export const trainedFamilies: readonly FamilyName[] = [
  ...["plain", "keep", "map", "view"],
  ...["keep-map", "map-keep", "keep-view", "view-map"],
  ...["keep-view-map", "map-keep-view", "view-map-keep", "keep-map-keep"],
];

export const heldOutFamilies: readonly FamilyName[] = ["view-keep", "map-view", "view-keep-map", "map-view-map"];

export function kindsOf(family: FamilyName): Kind[] {
  return family === "plain" ? [] : (family.split("-") as Kind[]);
}

/** One problem in five, by a hash of its statement, is never trained on; all of held-out families are. */
export function isForContests(task: Task): boolean {
  return createHash("sha256").update(statementOf(task)).digest()[0]! % 5 === 0;
}

/** Any problem of the family, for training or for contests. */
export function sampleTask(rng: Random, family: FamilyName, use: "training" | "contests"): Task {
  const isHeldOut = heldOutFamilies.includes(family);
  for (;;) {
    const task = [...kindsOf(family), "answer" as const].map((kind) => sampleStep(rng, kind));
    if (isHeldOut || isForContests(task) === (use === "contests")) return task;
  }
}

export function sampleStep(rng: Random, kind: Kind): Step {
  const operation = rng.choice(operationsByKind[kind]);
  return { operation, digit: operation.digits ? rng.int(...operation.digits) : null };
}

/** What the task gives for a list. */
export function solveTask(task: Task, list: readonly number[]): number {
  return task.reduce<readonly number[]>((now, { operation, digit }) => operation.apply(now, digit ?? 0), list)[0]!;
}

/** What the model reads, after the beginning of the text. */
export function statementTokens(task: Task): string[] {
  const words = task
    .toReversed()
    .map(({ operation: { word }, digit }) => (digit === null ? [word] : [word, `${digit}`]));
  return [...words.flatMap((one) => [...one, OF]), LIST, COLON];
}

export const statementOf = (task: Task): string => statementTokens(task).join("");

/** The reference: what the model shall write, without the token that ends it. */
export function programTokens(task: Task): string[] {
  return task.flatMap(({ operation, digit }, index) => [
    ...(index > 0 ? [LINE] : []),
    ...operation.python(String(digit ?? "")),
  ]);
}

export const bodyOf = (task: Task): string => programTokens(task).join("");
