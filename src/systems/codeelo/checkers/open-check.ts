/** A checker ready to use: a rule that is applied here, or a program that waits for its turn like any other. */
import type { Executable } from "../judge/compile.ts";
import type { Slots } from "../judge/slots.ts";
import type { Checker, Program } from "../schemas.ts";
import { type CheckResult, compareOutput, isRule } from "./compare.ts";
import { type CheckTexts, checkByProgram, checkerProgram } from "./program-checker.ts";

export type Check = (texts: CheckTexts) => Promise<CheckResult>;

/** @param compile throws where the checker's program does not compile */
export async function openCheck(
  checker: Checker,
  slots: Slots,
  compile: (program: Program) => Promise<Executable>,
): Promise<Check> {
  if (isRule(checker)) return async ({ output, answer }) => compareOutput(checker, output.toString(), answer);
  const executable = await compile(checkerProgram(checker));
  return (texts) => slots.run(() => checkByProgram(checker, executable, texts));
}
