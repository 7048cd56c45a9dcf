/** An analysed trace in the published JSONL, which this system and the authors' tools read. */
import type { AnalysedTrace } from "../prepare.ts";

/** Fields beside the published ones (level, model, flags, answer) are ignored by readers that do not know them. */
export function toPublished(trace: AnalysedTrace) {
  const { id, problem, expected, correct, level, model, flags, solutions } = trace;
  return {
    id,
    problem,
    response: responseOf(trace),
    expected_answer: expected,
    correct,
    split_solutions: solutions.map(({ text, correct, strategy, answer }) => ({
      solution: text,
      correct,
      cluster: strategy === null ? null : /^\d+$/u.test(strategy) ? Number(strategy) : strategy,
      answer,
    })),
    split_answers: solutions.map(({ answer }) => answer),
    split_parse_error: flags.includes("split_parse_error"),
    ...(level !== null && { level }),
    ...(model !== null && { model }),
    ...(flags.length > 0 && { flags }),
  };
}

/** The whole response as one text, also where the server kept reasoning and answer apart. */
export function responseOf({ format, opening, reasoning, closing, truncated }: AnalysedTrace): string {
  if (format !== "separate") return opening + reasoning + closing;
  return truncated && closing === "" ? `<think>\n${reasoning}` : `<think>\n${reasoning}\n</think>\n\n${closing}`;
}
