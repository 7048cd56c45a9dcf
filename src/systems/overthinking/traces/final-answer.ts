/** The final answer of a trace: in its last part, or at the end of a reasoning that has none. */
import { extractAnswer } from "../../../endpoint/answers/index.ts";
import type { Trace } from "../schemas.ts";
import { answerText } from "./marks.ts";

/** Of a reasoning without an answer after it, so much is looked at: the last thousand words or so. */
const searchedCharacters = 6000;

/** @returns null where there is none; for a trace cut off in its reasoning always */
export function answerOfTrace({ reasoning, closing, format }: Trace): string | null {
  const said = answerText(closing);
  if (said !== "") return extractAnswer(said, { thinking: "all", lastNumber: true })?.text ?? null;
  if (format !== "plain") return null;
  return extractAnswer(reasoning.slice(-searchedCharacters), { thinking: "all" })?.text ?? null;
}
