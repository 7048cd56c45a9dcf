/**
 * Rows as they are published and as they grow on the way: question with options → problem with one short answer →
 * search log → natural chain and response. Field names are those of the published files and of the authors' code
 * (spec sections 2.1 to 2.5); what else a row brings stays in it.
 */
import { z } from "zod";

const text = z
  .string()
  .min(1)
  .refine((value) => value.trim() !== "", "must not be empty");

/** A multiple-choice question with its key. */
export type McqRow = z.output<typeof McqRow>;
export const McqRow = z.looseObject({
  question: text,
  /** Letter → text. */
  options: z.record(z.string(), text),
  /** Letter of the key. */
  answer_idx: z.string(),
  /** Text of the key, the same as `options[answer_idx]`. */
  answer: z.string(),
});

export const questionField = "Open-ended Verifiable Question";
export const answerField = "Ground-True Answer";

/** What a reformatted problem should be looked at for; it is kept all the same. */
export type ProblemFlag = z.output<typeof ProblemFlag>;
export const ProblemFlag = z.enum(["leak", "not_concise"]);

/** A problem that is posed without options and has one answer to compare with: a row of the RL set. */
export type VerifiableRow = z.output<typeof VerifiableRow>;
export const VerifiableRow = z.looseObject({ [questionField]: text, [answerField]: text });

/** One move of a chain. */
export type Action = z.output<typeof Action>;
export const Action = z.discriminatedUnion("action", [
  z.object({ action: z.literal("Inner Thinking"), title: text, content: text }),
  z.object({ action: z.literal("Final Conclusion"), content: text }),
  z.object({ action: z.literal("Verification"), content: text }),
]);

/** How an accepted chain came about. */
export type Provenance = z.output<typeof Provenance>;
export const Provenance = z.object({
  /** `Init_CoT`, `Re_CoT_<strategy>` or `Label_CoT`: the reply that reached the answer. */
  response_type: z.string(),
  /** The attempt that succeeded, from 1. */
  attempt: z.int().min(1),
  /** Refinements in it. */
  depth: z.int().min(0),
  /** The teacher was told the answer: such rows can be left out of an export. */
  label_revealed: z.boolean(),
  teacher: z.string(),
  verifier: z.string(),
  seed: z.int(),
});

/** A problem whose answer was found, with the log of the search. */
export type SearchedRow = z.output<typeof SearchedRow>;
export const SearchedRow = VerifiableRow.extend({
  /** The accepted chain. */
  Long_CoT: z.array(Action).min(3),
  /** One verdict per check of the accepted attempt; null where the verifier said neither. */
  verify: z.array(z.boolean().nullable()),
  response_struct: z.array(z.array(Action)),
  response_type: z.array(z.string()),
  gpt4_query_cot: z.array(z.string()),
  gpt4_response_cot: z.array(z.string()),
  prior_fail_try: z.array(z.unknown()),
  provenance: Provenance,
});

/** A row of the SFT set. */
export type SftRow = z.output<typeof SftRow>;
export const SftRow = z.looseObject({ Question: text, Complex_CoT: text, Response: text });

/** The order in which published files have their fields; others follow in their own order. */
export const publishedOrder: readonly string[] = [
  "process_id",
  "question",
  "options",
  "answer_idx",
  "answer",
  "options_str",
  "gpt_filter_query",
  "gpt_filter_response",
  "gpt_reformat_query",
  "gpt_reformat_response",
  questionField,
  answerField,
  "Question",
  "Complex_CoT",
  "Response",
];

/** The nine fields of a row of the published demonstration file. */
export const demoFields: readonly string[] = [
  "question",
  "options",
  "answer_idx",
  "answer",
  questionField,
  answerField,
  "Question",
  "Complex_CoT",
  "Response",
];
