/**
 * One trace through the stages of the analysis: cut into solutions, judge each, group them by strategy, count tokens.
 * What the row brings already (cuts, verdicts, clusters) is taken as it is.
 */
import { DataError } from "../../core/errors.ts";
import { type AnswerChecker, extractAnswer } from "../../endpoint/answers/index.ts";
import type { Endpoint } from "../../endpoint/index.ts";
import { clusterByEndpoint } from "./cluster/endpoint.ts";
import { clusterLocally } from "./cluster/local.ts";
import { checkAnswer } from "./judge/checkers.ts";
import { extractByModel } from "./judge/extract-by-model.ts";
import type { TokenCounter } from "./measure/count-tokens.ts";
import type { Solution, Trace } from "./schemas.ts";
import { type Segmentation, segmentByRules } from "./segment/rules.ts";
import { segmentByStages } from "./segment/stages.ts";
import { isSums, segmentSums } from "./segment/sums.ts";
import { answerOfTrace } from "./traces/final-answer.ts";
import { answerText } from "./traces/marks.ts";

export interface PrepareOptions {
  /** Tried in order; see `checkersOf`. */
  checkers: readonly AnswerChecker[];
  counter: TokenCounter;
  /** Cuts by the three stages and clusters, where the row brings neither. Default: rules and n-grams. */
  endpoint?: Endpoint;
  /** Cut and cluster anew, whatever the row brings. Default false. */
  recut?: boolean;
  signal?: AbortSignal;
}

/** A trace whose solutions are there, judged, grouped and counted. */
export type AnalysedTrace = Trace & {
  solutions: Solution[];
  /** What the response ends in. */
  answer: string | null;
  /** Of the final answer's part, marks not included. */
  answerTokenCount: number;
};

export async function prepareTrace(trace: Trace, options: PrepareOptions): Promise<AnalysedTrace> {
  const answer = answerOfTrace(trace) ?? (await askForAnswer(trace, options));
  const cut = trace.solutions && !options.recut ? asGiven(trace.solutions) : await segment(trace, answer, options);
  const judged = await judge(trace, cut.solutions, options);
  const clustered = await cluster(trace, judged, options);
  const correct = trace.correct ?? (await judgeFinal(trace, answer, options));
  const flags = [
    ...new Set([...trace.flags, ...cut.flags, ...clustered.flags, ...(trace.truncated ? ["truncated"] : [])]),
  ];
  return {
    ...trace,
    answer,
    correct,
    flags,
    solutions: clustered.solutions.map((one) => ({ ...one, tokenCount: options.counter.count(one.text) })),
    answerTokenCount: options.counter.count(answerText(trace.closing)),
  };
}

/**
 * The same trace cut at other places, by hand for instance; judged and clustered anew.
 * @param ends of the pieces in characters of the reasoning, rising; the last one is put to the end
 * @throws DataError when they do not rise, or lie outside
 */
export async function recutTrace(
  trace: Trace,
  ends: readonly number[],
  options: PrepareOptions,
): Promise<AnalysedTrace> {
  const { reasoning } = trace;
  const inner = ends.filter((end) => end < reasoning.length);
  const wrong = inner.find((end, index) => !Number.isInteger(end) || end <= (inner[index - 1] ?? 0));
  if (wrong !== undefined || inner.length < ends.length - 1) {
    throw new DataError(`${trace.id}: cuts at ${ends.join(", ")} do not rise from 1 to ${reasoning.length - 1}`, {
      hint: "Give the end of each piece in characters, in their order.",
    });
  }
  const pieces = [...inner, reasoning.length].map((end) => ({ end, answer: null }));
  const { solutions } = toSolutions(reasoning, { pieces, flags: [] });
  return prepareTrace({ ...trace, solutions }, { ...options, recut: false });
}

type Cut = { solutions: Solution[]; flags: string[] };

const asGiven = (solutions: readonly Solution[]): Cut => ({ solutions: [...solutions], flags: [] });

async function segment(trace: Trace, finalAnswer: string | null, { endpoint, signal }: PrepareOptions): Promise<Cut> {
  const { reasoning, problem } = trace;
  if (isSums(reasoning)) {
    const { strategies, ...segmentation } = segmentSums(reasoning);
    return toSolutions(reasoning, segmentation, strategies);
  }
  if (!endpoint) return toSolutions(reasoning, segmentByRules(reasoning, { finalAnswer }));
  const staged = await segmentByStages({ reasoning, problem }, endpoint, { finalAnswer, ...(signal && { signal }) });
  return toSolutions(reasoning, staged);
}

function toSolutions(reasoning: string, { pieces, flags }: Segmentation, strategies: (string | null)[] = []): Cut {
  const solutions = pieces.map(({ end, answer }, index) => ({
    text: reasoning.slice(index === 0 ? 0 : pieces[index - 1]!.end, end),
    answer,
    correct: null,
    strategy: strategies[index] ?? null,
    tokenCount: 0,
  }));
  return { solutions, flags };
}

async function judge(
  { expected, problem }: Trace,
  solutions: readonly Solution[],
  { checkers, endpoint, signal }: PrepareOptions,
): Promise<Solution[]> {
  const call = signal ? { signal } : {};
  const judged: Solution[] = [];
  for (const solution of solutions) {
    const answer =
      solution.answer ??
      statedIn(solution.text) ??
      (endpoint && solution.correct === null
        ? await extractByModel({ problem, text: solution.text }, endpoint, call)
        : null);
    const correct =
      solution.correct ??
      (expected === null ? null : (await checkAnswer(checkers, answer, expected, { question: problem })).correct);
    judged.push({ ...solution, answer, correct });
  }
  return judged;
}

/** Of a solution that somebody else cut out. */
const statedIn = (text: string): string | null =>
  extractAnswer(text.slice(-4000), { thinking: "all", lastNumber: true })?.text ?? null;

/** A trace that was cut off has no final answer, and one that is judged already needs none. */
async function askForAnswer(
  { problem, reasoning, closing, truncated, correct }: Trace,
  { endpoint, signal }: PrepareOptions,
): Promise<string | null> {
  if (!endpoint || truncated || correct !== null) return null;
  const text = answerText(closing) || reasoning;
  return extractByModel({ problem, text }, endpoint, signal ? { signal } : {});
}

async function judgeFinal(
  { expected, problem }: Trace,
  answer: string | null,
  { checkers }: PrepareOptions,
): Promise<boolean | null> {
  if (expected === null) return null;
  return (await checkAnswer(checkers, answer, expected, { question: problem })).correct;
}

async function cluster({ problem }: Trace, solutions: Solution[], { endpoint, signal }: PrepareOptions): Promise<Cut> {
  const unknownCount = solutions.filter(({ strategy }) => strategy === null).length;
  if (unknownCount < solutions.length) return { solutions, flags: unknownCount > 0 ? ["unknown_strategy"] : [] };
  const texts = solutions.map(({ text }) => text);
  const { strategies, flags } = endpoint
    ? await clusterByEndpoint({ problem, solutions: texts }, endpoint, { ...(signal && { signal }) })
    : { strategies: clusterLocally(texts, { problem }), flags: [] };
  return { solutions: solutions.map((solution, index) => ({ ...solution, strategy: strategies[index]! })), flags };
}
