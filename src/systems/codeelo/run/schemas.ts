/** What running a model leaves behind: one line per attempt. */
import { z } from "zod";
import { LanguageId, Verdict } from "../schemas.ts";

export type Attempt = z.output<typeof Attempt>;
export const Attempt = z.object({
  problem: z.string(),
  /** From 0. */
  attempt: z.int().min(0),
  /** Null where the model did not answer or the judge failed: not the model's fault, so it counts as missing. */
  accepted: z.boolean().nullable(),
  verdict: Verdict.nullable(),
  /** Why there is no verdict, or what the judge says beside it. */
  reason: z.string().default(""),
  language: LanguageId.nullable(),
  /** How the program was found in the answer. */
  choice: z.string().nullable(),
  source: z.string().nullable(),
  /** First test that failed, for the failure explorer. */
  failedTest: z.string().nullable(),
  /** What that test saw. */
  failure: z.object({ input: z.string(), answer: z.string(), output: z.string(), message: z.string() }).nullable(),
  cpuMs: z.number().nullable(),
  promptTokens: z.int(),
  completionTokens: z.int(),
  /** The answer ended at the token limit. */
  isCut: z.boolean(),
  /** From the request to the answer. */
  latencyMs: z.number(),
});

export const attemptKey = ({ problem, attempt }: Pick<Attempt, "problem" | "attempt">) => `${problem}#${attempt}`;
