/** Shapes that leave this system: what training takes, and what evaluation writes. */
import { z } from "zod";

/** How the reasoner is made; saved beside it, so that it can be made again. */
export type ReasonerSettings = z.output<typeof ReasonerSettings>;
export const ReasonerSettings = z.object({
  dim: z.int().positive().describe("width of the model"),
  layers: z.int().positive().describe("transformer layers"),
  heads: z.int().positive().describe("attention heads"),
  lessons: z.int().positive().describe("teacher traces in the corpus"),
  steps: z.int().positive().describe("optimizer steps"),
  batch: z.int().positive().describe("rows of 320 tokens per step"),
  lr: z.number().positive().describe("highest learning rate"),
  seed: z.int().nonnegative().describe("seed of parameters, corpus and order"),
  testPerLevel: z.int().positive().describe("held-out problems per level to judge by"),
});

const share = z.number().min(0).max(1);

export type Figures = z.output<typeof Figures>;
export const Figures = z.object({
  level: z.union([z.literal("all"), z.int().min(1).max(5)]),
  problemCount: z.int(),
  accuracy: share,
  /** Clopper-Pearson, 95 %. */
  accuracyInterval: z.tuple([share, share]),
  firstCorrect: share.describe("first solution right"),
  solutionCount: z.number().describe("mean solutions per response"),
  tokenCount: z.number().describe("mean reasoning tokens per response"),
  outcome: share.describe("outcome efficiency, xi_O"),
  process: share.describe("process efficiency, xi_P"),
  malformed: share.describe("responses with any fault of form"),
});

/** evaluation.json of a reasoner. */
export type ReasonerEvaluation = z.output<typeof ReasonerEvaluation>;
export const ReasonerEvaluation = z.object({
  settings: ReasonerSettings,
  parameterCount: z.int(),
  greedy: z.array(Figures),
  sampled: z.array(Figures).describe("temperature 1"),
});

/** A stretch of reasoning that ends in an answer, with what is known about it. */
export type Solution = z.output<typeof Solution>;
export const Solution = z.object({
  /** As the model wrote it; the solutions of a trace, joined, are its reasoning. */
  text: z.string(),
  /** What it states as its result; null when that is not known. */
  answer: z.string().nullable(),
  /** Null: not judged. */
  correct: z.boolean().nullable(),
  /** Name of its strategy, equal for equal ones of the same trace; null: unknown. */
  strategy: z.string().nullable(),
  /** By the tokenizer of the analysis; 0 until counted. */
  tokenCount: z.int().nonnegative(),
});

/** Which positive example a pair teaches; papers/overthinking section 2.6. */
export type PositiveKind = z.output<typeof PositiveKind>;
export const PositiveKind = z.enum(["shortest", "fcs", "fcs-reflection", "gds", "fcs-plus-one", "silc"]);

/** One answer of a model to a prompt, cut into solutions. */
export type PairSample = z.output<typeof PairSample>;
export const PairSample = z.object({
  /** What stands before the first solution: "<think>\n", or nothing. */
  opening: z.string(),
  solutions: z.array(Solution),
  /** From the end of thinking on: the marker and the final answer's text. */
  closing: z.string(),
  /** The final answer; null when the sample gives none. */
  answer: z.string().nullable(),
  /** Whether the final answer is right. */
  correct: z.boolean(),
  /** Of opening and closing together. */
  frameTokenCount: z.int().nonnegative(),
});

/** All samples of one prompt. */
export type SampleSet = z.output<typeof SampleSet>;
export const SampleSet = z.object({
  id: z.string(),
  /** As the model is given it; for a chat model the user's message. */
  prompt: z.string(),
  /** Drawn at temperature 1. */
  samples: z.array(PairSample),
  /** The likeliest answer, where it is to be the negative. */
  greedy: PairSample.optional(),
});

/** What a preference trainer takes: the chosen text is to become likelier than the rejected one. */
export type PreferencePair = z.output<typeof PreferencePair>;
export const PreferencePair = z.object({
  /** Of the sample set. */
  id: z.string(),
  kind: PositiveKind,
  prompt: z.string(),
  chosen: z.string(),
  rejected: z.string(),
  chosenTokenCount: z.int(),
  rejectedTokenCount: z.int(),
  chosenSolutionCount: z.int(),
  rejectedSolutionCount: z.int(),
});

/** The form in which a response marks its reasoning; `plain` has no marks: all of it is reasoning. */
export type TraceFormat = z.output<typeof TraceFormat>;
export const TraceFormat = z.enum(["think", "thought-tokens", "headings", "separate", "plain"]);

/** One response of a model, ready for every stage of the analysis. */
export type Trace = z.output<typeof Trace>;
export const Trace = z.object({
  /** From the row, else its place: "rows.jsonl line 3". */
  id: z.string(),
  problem: z.string(),
  format: TraceFormat,
  /** What stands before the reasoning, marks included; then the reasoning; then the rest, marks included. */
  opening: z.string(),
  reasoning: z.string(),
  closing: z.string(),
  /** Null where the row does not tell it. */
  expected: z.string().nullable(),
  /** Of the final answer, as the row says; null: not judged. */
  correct: z.boolean().nullable(),
  /** The difficulty, as the row names it. */
  level: z.string().nullable(),
  /** Who wrote it. */
  model: z.string().nullable(),
  /** Cut off before its end: the end mark is missing, or the server stopped it at its limit. */
  truncated: z.boolean(),
  /** Tokens that the server counted, reasoning and answer together. */
  reportedTokenCount: z.int().nullable(),
  /** As far as the row brings them; null: still to be cut. */
  solutions: z.array(Solution).nullable(),
  /** What the reader should know of this trace's analysis. */
  flags: z.array(z.string()),
});
