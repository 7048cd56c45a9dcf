/**
 * An evaluation: every question asked, once or several times, and the answers scored by benchmark.
 * Source: spec section 2.7: temperature 0.5, top_p 0.9, 2,000 new tokens; GPQA is run five times and averaged.
 */
import { clopperPearson, type Interval } from "../../../core/statistics/index.ts";
import { createLimiter, type Endpoint } from "../../../endpoint/index.ts";
import { parseForm } from "../form.ts";
import type { Verifier } from "../search/verifiers.ts";
import { optionsText } from "../stages/check-row.ts";
import type { EvalItem } from "./files.ts";
import { type McqScore, scoreAnswers } from "./score.ts";

export interface EvalOptions {
  endpoint: Endpoint;
  /** Judges answers without options. */
  verifier: Pick<Verifier, "verify">;
  /** Asks for "The answer is A." */
  strict: boolean;
  temperature: number;
  topP: number;
  maxTokens: number;
  /** Times that each question is asked. */
  repeats: number;
  seed: number;
  concurrency: number;
  signal?: AbortSignal;
  onAnswer?(done: number): void;
}

export interface EvalAnswer {
  item: EvalItem;
  output: string;
  /** Of an open question; null where the verifier said neither. */
  verdict?: boolean | null;
}

export interface BenchmarkScore {
  benchmark: string;
  /** Of multiple-choice questions. */
  mcq?: McqScore;
  /** Of open ones: the share that the verifier found right. */
  open?: { count: number; accuracy: Interval; unclear: number };
  /** Share of answers that think first, in the trained form. */
  hasForm: Interval;
}

const strictEnd = "End your answer with the letter of your choice, in the form: The answer is A.";

export function promptOf(item: EvalItem, strict: boolean): string {
  if (item.kind === "open") return item.question;
  const { question, options } = item.row;
  return ["Answer this multiple-choice question:", question, optionsText(options), ...(strict ? [strictEnd] : [])].join(
    "\n",
  );
}

/** In the order of the items, the repeats of one after each other. @throws EndpointError; what the signal aborts with */
export async function answerItems(items: readonly EvalItem[], options: EvalOptions): Promise<EvalAnswer[]> {
  const { endpoint, verifier, strict, temperature, topP, maxTokens, repeats, seed, signal, onAnswer } = options;
  const limiter = createLimiter(options.concurrency);
  let done = 0;
  const ask = async (item: EvalItem, repeat: number): Promise<EvalAnswer> => {
    const place = await limiter.enter(signal);
    try {
      const messages = [{ role: "user" as const, content: promptOf(item, strict) }];
      const request = { messages, temperature, topP, maxTokens, seed: seed + repeat };
      const { choices } = await endpoint.chat(request, signal ? { signal } : {});
      const output = choices[0]!.text;
      if (item.kind === "mcq") return { item, output };
      const response = parseForm(output)?.response ?? output;
      return { item, output, verdict: await verifier.verify(response, item.reference, signal ? { signal } : {}) };
    } finally {
      place.leave();
      onAnswer?.(++done);
    }
  };
  const asked = items.flatMap((item) => Array.from({ length: repeats }, (_, repeat) => ask(item, repeat)));
  const settled = await Promise.allSettled(asked);
  const failed = settled.find((one): one is PromiseRejectedResult => one.status === "rejected");
  if (failed) throw failed.reason;
  return settled.map((one) => (one as PromiseFulfilledResult<EvalAnswer>).value);
}

/** One score per benchmark, in the order in which they come. */
export function scoreBenchmarks(answers: readonly EvalAnswer[]): BenchmarkScore[] {
  const groups = Map.groupBy(answers, ({ item }) => item.benchmark);
  return [...groups].map(([benchmark, own]) => {
    const hasForm = clopperPearson(own.filter(({ output }) => parseForm(output) !== null).length, own.length);
    if (own[0]!.item.kind === "open") {
      const right = own.filter(({ verdict }) => verdict === true).length;
      const unclear = own.filter(({ verdict }) => verdict === null).length;
      return { benchmark, open: { count: own.length, accuracy: clopperPearson(right, own.length), unclear }, hasForm };
    }
    const answered = own.map(({ item, output }) => ({ ...(item as Extract<EvalItem, { kind: "mcq" }>).row, output }));
    return { benchmark, mcq: scoreAnswers(answered), hasForm };
  });
}
