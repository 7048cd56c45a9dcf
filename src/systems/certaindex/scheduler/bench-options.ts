/** What `polymath certaindex bench` can be told, and what it puts on the engine. */
import { z } from "zod";
import { UsageError } from "../../../core/errors.ts";
import { answersEqual } from "../../../endpoint/answers/index.ts";
import { estimateTokens } from "../../../endpoint/assemble.ts";
import type { Endpoint } from "../../../endpoint/index.ts";
import { type EndpointOptions, endpointOptions, findPlace } from "../../../language/endpoint-options.ts";
import { readQuestions } from "../datasets.ts";
import { readPolicy } from "../policy/policy-file.ts";
import type { Policy } from "../schemas.ts";
import { choosePrompting } from "../solve/prompts.ts";
import { type Arm, arms, paperPolicy } from "./arms.ts";
import type { VotingTask } from "./voting.ts";

export const BenchOptions = z.object({
  ...endpointOptions,
  orders: z
    .string()
    .default("fcfs,sjf+C")
    .meta({ label: "list" })
    .describe(`orders to compare: ${arms.map(({ name }) => name).join(", ")}; +C stops with certaindex`),
  rates: z
    .string()
    .optional()
    .meta({ label: "list" })
    .describe(
      "programs a second; default for the embedded model 0.5, 0.8, 1.1, 1.6 and 2.2 times what it can do in full",
    ),
  programs: z.int().min(4).default(60).describe("programs per run"),
  slots: z.int().min(1).default(16).describe("branches at a time"),
  deadline: z
    .number()
    .positive()
    .optional()
    .describe("seconds per program; default for the embedded model twice what 90 % need alone, times difficulty"),
  policy: z
    .string()
    .optional()
    .meta({ label: "file" })
    .describe("policy of the +C orders; default the paper's: unanimous after 5 of 20"),
  ageing: z
    .number()
    .positive()
    .optional()
    .describe("seconds after which a program goes first; default for sjf twice its deadline, else 60"),
  shed: z.boolean().default(false).describe("drop requests whose deadline has passed before they were served"),
  maxTokens: z.int().min(1).default(2048).describe("tokens per branch, for endpoints"),
  temperature: z.number().min(0).default(0.7).describe("of the branches, for endpoints"),
  trials: z
    .int()
    .min(20)
    .default(20)
    .describe("branches per question by which the embedded model's difficulties are told"),
  paced: z
    .boolean()
    .default(false)
    .describe("let the embedded model take the time of a large one, so that the machine's load matters little"),
  trace: z.string().optional().meta({ label: "file" }).describe("only report on this trace: nothing is run"),
  seed: z.int().min(0).default(0).describe("of questions, arrivals and answers"),
});
export type BenchOptions = z.output<typeof BenchOptions>;

/** The embedded model answers its own world, unless another one or a file of questions is chosen. */
export function isMiniature(file: string | undefined, { endpoint, model }: EndpointOptions): boolean {
  if (file !== undefined) return false;
  if (endpoint === undefined && model === undefined) return true;
  const place = findPlace({ endpoint, model });
  return place.kind === "embedded" && place.name === "chains";
}

/** @throws UsageError for a name that is none */
export function readArms(list: string): Arm[] {
  return list.split(",").map((text) => {
    const name = text.trim();
    const arm = arms.find((one) => one.name === name);
    if (arm) return arm;
    const known = arms.map((one) => one.name).join(", ");
    throw new UsageError(`--orders: "${name}" is no order`, { hint: `There are: ${known}.` });
  });
}

/** @throws UsageError for what is no list of numbers above 0 */
export function readRates(list: string): number[] {
  const rates = list.split(",").map(Number);
  const bad = rates.findIndex((rate) => !(rate > 0 && Number.isFinite(rate)));
  if (bad === -1) return rates.sort((a, b) => a - b);
  throw new UsageError(`--rates: "${list.split(",")[bad]}" is no number above 0`, { hint: "Write them like 0.5,1,2." });
}

export async function choosePolicy(file: string | undefined): Promise<Policy> {
  return file === undefined ? paperPolicy : readPolicy(file);
}

/** Questions of a file, as many as there are programs; they come round again where there are fewer. */
export async function readTasks(
  file: string,
  count: number,
  endpoint: Endpoint,
): Promise<{ tasks: VotingTask[]; isChat: boolean }> {
  const { questions } = await readQuestions(file);
  const prompting = await choosePrompting(endpoint, "auto", { prefill: false, logprobs: false });
  const rendered = questions.map((question) => prompting.render(question));
  const tasks = Array.from({ length: count }, (_, number): VotingTask => {
    const at = number % questions.length;
    const [question, messages] = [questions[at]!, rendered[at]!];
    const prompt = typeof messages === "string" ? messages : String(messages.at(-1)!.content);
    return {
      id: number < questions.length ? question.id : `${question.id}#${Math.floor(number / questions.length)}`,
      prompt,
      promptTokens: estimateTokens(prompt),
      estimatedTokens: 512,
      readAnswer: prompting.readAnswer,
      equal: (a, b) => answersEqual(a, b).equal,
      target: question.target,
    };
  });
  return { tasks, isChat: typeof rendered[0] !== "string" };
}
