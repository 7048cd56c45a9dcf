/** Options that the commands over files of responses share. */
import { z } from "zod";
import { CheckerName } from "../judge/checkers.ts";

/** To be spread into a command's `options`. */
export const fileOptions = {
  tokenizer: z
    .string()
    .default("whitespace")
    .meta({ label: "file" })
    .describe("tokenizer.json or a model's folder to count tokens with; whitespace counts words"),
  checker: CheckerName.default("maths").describe("how a solution's answer is compared with the expected one"),
  unlabelled: z
    .boolean()
    .default(false)
    .describe("keep rows without expected answer: measure against the model's own final answer"),
  recut: z.boolean().default(false).describe("cut and cluster anew where the file brings cuts"),
};

export const measureOptions = {
  tokens: z
    .enum(["reasoning", "full"])
    .default("reasoning")
    .describe("full also counts the final answer's text, as part of the last solution"),
  repoCompat: z
    .boolean()
    .default(false)
    .describe("weight each trace by its number of solutions, as the published code does"),
  price: z.number().min(0).optional().describe("of a million tokens, in your currency: what the waste costs"),
};

export const fileArgument = z.tuple([
  z.string().meta({ label: "file" }).describe("responses: .jsonl, .json, .csv or .parquet"),
]);
export const optionalEndpoint = {
  endpoint: z
    .string()
    .optional()
    .meta({ label: "url" })
    .describe("model that cuts, judges and clusters: base URL of an OpenAI-compatible server, or local:DIR"),
  model: z.string().optional().meta({ label: "name" }).describe("name of the server's model, or a model's folder"),
  apiKeyEnv: z
    .string()
    .optional()
    .meta({ label: "variable" })
    .describe("environment variable with the server's key; default POLYMATH_API_KEY, for OpenAI OPENAI_API_KEY"),
};
