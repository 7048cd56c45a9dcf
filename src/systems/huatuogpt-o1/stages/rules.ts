/**
 * Stage 3 of the factory: questions without one answer of their own are dropped by rule, before any model is paid.
 * in, out  CheckedRow
 * Source: spec section 2.1, step 2: "which is incorrect/except" questions and multi-answer keys.
 * A negated question has as many answers as there are things outside a list: without its options it cannot be posed.
 */
import { keep, reject, type Stage } from "../../../jobs/index.ts";
import { type CheckedRow, isSeveral } from "./check-row.ts";

export type RuleBreak = { label: "Not Reformulatable" | "Ambiguous Answer"; rule: "negated" | "several-answers" };

/** Which rule a question breaks, if any. */
export function brokenRule({ question, options, answer_idx, answer }: CheckedRow): RuleBreak | null {
  if (isNegated(question)) return { label: "Not Reformulatable", rule: "negated" };
  if (isSeveral(answer_idx, options) || namesSeveral(answer, options)) {
    return { label: "Ambiguous Answer", rule: "several-answers" };
  }
  return null;
}

const auxiliary = "(?:is|are|was|were|does|do|did|would|will|should|can|could|has|have|had|may|might|must)";
/** Words that ask for what does not fit; looked for in the part that asks. */
const negations = [
  /\bexcept(?:ing)?\b(?! (?:for|when|that|if)\b)/i,
  /\b(?:least|less) (?:likely|common|useful|appropriate|probable|helpful|relevant)\b/i,
  /\b(?:incorrect|untrue|false|wrong)\b(?! (?:positive|negative|passage|lumen|labou?r|aneurysm|joint|cords?|teeth))/i,
  /\bNOT\b/,
  new RegExp(
    `\\b(?:which|what|who|all|each|one)\\b[^.?!]{0,120}?\\b(?:${auxiliary}\\s+not|cannot|can't|isn't|aren't)\\b`,
    "i",
  ),
  /^(?:which|what|structures?|features?|causes?|drugs?|conditions?|symptoms?|signs?)\b[^.?!]{0,80}?\bnot\b/i,
];

/** Whether a question asks for what does not fit, rather than what does. */
export function isNegated(question: string): boolean {
  const asking = askingPart(question);
  return negations.some((pattern) => pattern.test(asking));
}

/**
 * The sentence that asks: in a case history the word "not" stands everywhere, and means nothing for the question.
 * Lists of choices that were left in the text ("a) ... b) ...") are cut off first.
 */
export function askingPart(question: string): string {
  const withoutList = question.replace(/(?<=\s|[-–:?])\(?a\)\s?[\s\S]*\(?b\)[\s\S]*$/i, "").trim();
  const sentences = (withoutList || question).split(/(?<=[.?!])\s+(?=[A-Z"'(])|(?<=[a-z)][.?!])(?=[A-Z])/);
  return (sentences.findLast((sentence) => sentence.includes("?")) ?? sentences.at(-1) ?? "").trim();
}

/** A key that points at other options. */
function namesSeveral(answer: string, options: Readonly<Record<string, string>>): boolean {
  if (/\b(?:all|both|none|any|neither|some) of (?:the )?(?:above|these|them|options)\b/i.test(answer)) return true;
  const letters = Object.keys(options).join("");
  const letter = `(?:option )?\\(?[${letters}]\\)?`;
  return new RegExp(`^\\s*(?:both )?${letter}(?:\\s*(?:,|&|\\+|/|and|or)\\s*${letter})+\\s*\\.?\\s*$`, "i").test(
    answer,
  );
}

export const rulesStage: Stage<CheckedRow, CheckedRow> = {
  name: "rules",
  version: 1,
  run(row) {
    const broken = brokenRule(row);
    return broken ? reject(broken.label, { row: row.process_id, rule: broken.rule }) : keep(row);
  },
};
