/** The options of `certaindex solve`. */
import { z } from "zod";
import { endpointOptions } from "../../../language/endpoint-options.ts";
import { schedulerPolicies } from "../scheduler/scheduler.ts";
import { policyForms } from "./policies.ts";

const positive = z.int().min(1);
const text = z.string();

export const SolveOptions = z.object({
  program: z
    .enum(["self-consistency", "rebase", "mcts", "chain-of-thought"])
    .default("self-consistency")
    .describe("how each question is worked on"),
  policy: text.optional().describe(`when to stop: ${policyForms}; default what was published for the program`),
  cap: positive
    .optional()
    .describe("branches, leaves, iterations or probe intervals at most; default 20, 128, 15 or 256, or the policy's"),
  ...endpointOptions,
  prompting: z
    .enum(["auto", "chat", "completions"])
    .default("auto")
    .describe("send conversations, or plain text without a chat template"),
  count: positive.optional().describe("without DATA: questions drawn from the embedded model's own world; default 200"),
  limit: positive.optional().describe("only the first so many questions"),
  questionField: text.optional().meta({ label: "name" }).describe("column of the question"),
  answerField: text.optional().meta({ label: "name" }).describe("column of the right answer"),
  idField: text.optional().meta({ label: "name" }).describe("column of the question's name"),
  maxTokens: positive.optional().describe("per branch; of a chain of thought in all; default 4096, chains 16384"),
  temperature: z.number().min(0).max(2).optional().describe("default 0.7, for the embedded model 1"),
  topP: z.number().gt(0).max(1).optional().describe("default the server's"),
  seed: z.int().min(0).default(0).describe("of every draw: the same seed, the same run where the server keeps to it"),
  concurrency: positive.optional().describe("calls of the model at once; default 8, for models of this machine 64"),
  order: z
    .enum(schedulerPolicies)
    .default("gang")
    .describe("which waiting call is next: first come, longest shared prompt, programs begun first, or least left"),
  attempts: positive.default(6).describe("requests per call at most, when the server fails or asks to wait"),
  shadow: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe("share of questions that go on after their stop, to see what it cost"),
  allowed: z
    .number()
    .gt(0)
    .lt(1)
    .optional()
    .describe(
      "share of stops whose answer the full run may change; above it shadows turn the policy off; default what it was calibrated to",
    ),
  record: z
    .boolean()
    .default(false)
    .describe("let every question go on after its stop, so that any policy can be replayed"),
  strict: z
    .boolean()
    .default(false)
    .describe("refuse a policy that was not calibrated for this program, model and data"),
  maxTokensTotal: positive.optional().describe("prompt and generated tokens of the whole run"),
  maxTokensPerQuestion: positive.optional().describe("generated tokens per question, probes included"),
  prices: text
    .optional()
    .meta({ label: "file" })
    .describe('what tokens cost: {"MODEL": {"input": ..., "output": ...}} per million'),
  cache: text
    .optional()
    .meta({ label: "folder" })
    .describe("answers already paid for, shared by runs; default the run's own"),
  interval: positive.optional().describe("chain-of-thought: tokens between two probes; default 64"),
  window: z
    .int()
    .min(2) // one probe cannot agree with another
    .optional()
    .describe("chain-of-thought: probes that must agree; default the preset's, else 3"),
  minTokens: z.int().min(0).optional().describe("no stop before so many generated tokens"),
  stepTokens: positive.optional().describe("rebase and mcts: tokens of one step at most; default 256"),
  rewardSuffix: text
    .optional()
    .meta({ label: "text" })
    .describe("rebase and mcts: what asks the model for its verdict"),
  rewardYes: text.optional().meta({ label: "word" }).describe("the verdict of a right path; default Yes"),
  rewardNo: text.optional().meta({ label: "word" }).describe("the verdict of a wrong path; default No"),
  traceQuestions: z.boolean().default(false).describe("write the questions' texts into the trace"),
});
export type SolveOptions = z.output<typeof SolveOptions>;
