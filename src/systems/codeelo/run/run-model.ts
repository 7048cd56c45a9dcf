/**
 * Lets a model attempt problems and judges what it writes. An error of the endpoint or of the judge is no wrong answer:
 * the attempt is marked as missing. Attempts that are known already are not made again.
 */
import { PolymathError } from "../../../core/errors.ts";
import { BudgetError, type Endpoint, type Reply } from "../../../endpoint/index.ts";
import type { LoadedProblem } from "../datasets/loaded-problem.ts";
import type { Judge } from "../judge/judge.ts";
import type { Judgement, LanguageId, Problem } from "../schemas.ts";
import { extractCode } from "./extract-code.ts";
import { wrapFunction } from "./functional.ts";
import { promptOf } from "./prompt.ts";
import { type Attempt, attemptKey } from "./schemas.ts";

export interface AttemptSampling {
  temperature: number;
  topP: number;
  topK: number;
  repetitionPenalty: number;
  maxTokens: number;
}

/** Of the published code. */
export const publishedSampling: AttemptSampling = {
  temperature: 0.7,
  topP: 0.8,
  topK: 20,
  repetitionPenalty: 1.1,
  maxTokens: 4096,
};

export interface RunModelOptions {
  problems: readonly LoadedProblem[];
  /** Retries, cache and budget are its affair. */
  endpoint: Endpoint;
  judge: Judge;
  attempts: number;
  language: LanguageId;
  sampling: AttemptSampling;
  /** Whether a problem is left once it is solved. */
  untilAccepted: boolean;
  /** Problems under way at a time. */
  concurrency: number;
  /** By `attemptKey`; of an earlier process. */
  known: ReadonlyMap<string, Attempt>;
  /** Called as attempts end, in any order; those that are known are not told again. */
  onAttempt(attempt: Attempt): void;
  signal: AbortSignal;
}

/**
 * @returns all attempts, in the order of problems and attempts
 * @throws BudgetError and errors that every other attempt would meet as well, such as a wrong key
 */
export async function runModel(options: RunModelOptions): Promise<Attempt[]> {
  const { problems, concurrency, signal } = options;
  const results: Attempt[][] = Array.from(problems, () => []);
  let next = 0;
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const work = async () => {
    for (let index = next++; index < problems.length && !either.aborted; index = next++) {
      results[index] = await attemptProblem(problems[index]!, { ...options, signal: either });
    }
  };
  const workers = Array.from({ length: Math.min(concurrency, problems.length) }, work);
  try {
    await Promise.all(workers);
  } catch (error) {
    stop.abort(error); // the others end at their next call
    await Promise.allSettled(workers);
    throw error;
  }
  signal.throwIfAborted();
  return results.flat();
}

async function attemptProblem(loaded: LoadedProblem, options: RunModelOptions): Promise<Attempt[]> {
  const { attempts, untilAccepted, known, onAttempt } = options;
  const calls = Array.from({ length: attempts }, (_, attempt) => attempt);
  const one = async (attempt: number): Promise<Attempt> => {
    const earlier = known.get(attemptKey({ problem: loaded.problem.id, attempt }));
    if (earlier && earlier.accepted !== null) return earlier;
    const made = await makeAttempt(loaded, attempt, options);
    onAttempt(made);
    return made;
  };
  if (!untilAccepted) return Promise.all(calls.map(one));
  const made: Attempt[] = [];
  for (const attempt of calls) {
    made.push(await one(attempt));
    if (made.at(-1)!.accepted) break;
  }
  return made;
}

async function makeAttempt(loaded: LoadedProblem, attempt: number, options: RunModelOptions): Promise<Attempt> {
  const { problem } = loaded;
  const empty = {
    problem: problem.id,
    attempt,
    language: null,
    choice: null,
    source: null,
    failedTest: null,
    failure: null,
  };
  let reply: Reply;
  const begun = performance.now();
  try {
    const request = { messages: promptOf(loaded, options.language), ...options.sampling };
    reply = await options.endpoint.chat(request, { signal: options.signal, sample: attempt });
  } catch (error) {
    options.signal.throwIfAborted();
    if (isFatal(error)) throw error;
    const latencyMs = performance.now() - begun;
    const reason = error instanceof Error ? error.message : String(error);
    return { ...empty, accepted: null, verdict: null, reason, cpuMs: null, ...noTokens, isCut: false, latencyMs };
  }
  const [choice] = reply.choices;
  const spent = {
    promptTokens: reply.usage.promptTokens,
    completionTokens: reply.usage.completionTokens,
    isCut: choice!.finishReason === "length",
    latencyMs: reply.latencyMs,
  };
  const found = extractCode(choice!.text, loaded.entryPoint ? "python" : options.language);
  if ("reason" in found) {
    const reason = spent.isCut ? `${found.reason}: cut at ${options.sampling.maxTokens} tokens` : found.reason;
    return { ...empty, accepted: false, verdict: null, reason, cpuMs: null, ...spent };
  }
  const source = loaded.entryPoint ? wrapFunction(found.source, loaded.entryPoint) : found.source;
  const program = { language: found.language, source, files: {} };
  const judgement = await options.judge.judge(problem, program, { signal: options.signal });
  return {
    problem: problem.id,
    attempt,
    accepted: judgement.verdict === "FAILED" ? null : judgement.verdict === "OK",
    verdict: judgement.verdict,
    reason: judgement.verdict === "COMPILATION_ERROR" ? judgement.compiler.slice(0, 2000) : "",
    language: found.language,
    choice: found.choice,
    source: found.source,
    failedTest: judgement.failedTest,
    failure: failureOf(problem, judgement),
    cpuMs: judgement.cpuMs,
    ...spent,
  };
}

const noTokens = { promptTokens: 0, completionTokens: 0 };

/** What no other attempt would survive either. */
function isFatal(error: unknown): boolean {
  if (error instanceof BudgetError) return true;
  const code = error instanceof PolymathError ? error.code : "";
  return ["ENDPOINT_AUTH", "ENDPOINT_MODEL", "ENDPOINT_ADDRESS", "CACHE_MISS"].includes(code);
}

/** The first failing test, cut to what a person reads. */
function failureOf(problem: Problem, { failedTest, tests }: Judgement): Attempt["failure"] {
  const result = tests.find(({ test }) => test === failedTest);
  const test = problem.tests.find(({ name }) => name === failedTest);
  if (!result || !test) return null;
  const cut = (text: string) => (text.length > 2000 ? `${text.slice(0, 2000)}…` : text);
  return {
    input: cut(test.input),
    answer: cut(test.answer),
    output: cut(result.output || result.stderr),
    message: cut(result.message),
  };
}
