/**
 * The simple chain of a row: the line of thought that was accepted, without wrong turns and checks.
 * Source: spec section 2.5: "simple CoT" is the first chain (e0, y0). A first chain is wrong in half of Clinic's questions,
 * and who learns wrong answers gives wrong answers. So that the simple arm loses to nothing but its form, ours has right
 * ones, to the same questions as the complex arm.
 */
import type { MergedRow } from "../merge/respond.ts";
import { parseQuestion } from "./question.ts";
import { readChain } from "./read-chain.ts";
import { say } from "./sentences.ts";

export function straightChain({ Question, Complex_CoT }: Pick<MergedRow, "Question" | "Complex_CoT">): string {
  const { present, query } = parseQuestion(Question)!;
  const { candidate, complication, subject, name } = readChain(Complex_CoT);
  return [
    say.firstThought(present[0]!, candidate),
    ...(query.hops === 2 && complication !== undefined ? [say.complication(candidate, complication)] : []),
    say.fact(query.relation, subject!, name!),
    say.conclusion(name!),
  ].join("");
}
