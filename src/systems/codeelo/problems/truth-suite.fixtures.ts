/**
 * The judge held to the truth on part of the catalogue: every known program of every level, in C++ and Python. Declared
 * once per topic, so that no file takes more than some three minutes. Compiled programs come from the user's cache;
 * verdicts never do, since the judge that gives them is what is tested.
 */
import { expect, suite, test } from "vitest";
import { probeSandbox } from "../../../sandbox/index.ts";
import { openCommandJudge } from "../judge/commands.ts";
import type { Judge } from "../judge/judge.ts";
import { findLanguage } from "../judge/languages.ts";
import type { Problem } from "../schemas.ts";
import { buildProblem } from "./build.ts";
import { type Family, levels } from "./family.ts";
import { tellTruth } from "./truth.ts";

const whyNot = await whyNotHere();

async function whyNotHere(): Promise<string | undefined> {
  const { report } = await probeSandbox();
  if (!report.ok) return report.missing[0]!.what;
  const found = await Promise.all([findLanguage("cpp"), findLanguage("python")]);
  return found.every(Boolean) ? undefined : "it lacks g++ or Python 3";
}

/** Declares tests, or one that is skipped with the reason, where nothing can be judged. */
export function judgedSuite(name: string, declare: () => void): void {
  suite(name, () => (whyNot === undefined ? declare() : test.skip(`not on this machine: ${whyNot}`, () => {})));
}

/** A judge that compiles a program once per machine. */
export const openTruthJudge = (workers = 2): Promise<Judge> => openCommandJudge({ workers, cache: true });

export async function buildProblems(judge: Judge, families: readonly Family[]): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const family of families) {
    for (const level of levels) problems.push(await buildProblem(judge, family, level, 1));
  }
  return problems;
}

export function truthSuite(topic: string, families: readonly Family[]): void {
  judgedSuite(`the truth about ${topic}`, () => {
    test("no false accept, no false reject, and the kinds of faults by name", async () => {
      const judge = await openTruthJudge();
      const truth = await tellTruth(judge, await buildProblems(judge, families), { fresh: true });
      expect(truth.pairs.length).toBeGreaterThan(15 * families.length);
      expect([truth.falseAccepts, truth.falseRejects, truth.misnamed]).toEqual([[], [], []]);
      expect(truth.limited.length).toBeGreaterThan(families.length);
    });
  });
}
