/**
 * Three-stage segmentation by any model behind an `Endpoint`: mark the solutions, cut where an answer stands earlier,
 * merge what belongs together.
 * Source: papers/overthinking section 2.2. Differs from it: one re-ask instead of endless retries, and then the rule
 * segmenter with the flag `split_parse_error`; windows that do not fit the model's context are halved, never skipped.
 */
import { z } from "zod";
import { type ChatMessage, ContextTooLongError, type Endpoint, extractJson } from "../../../endpoint/index.ts";
import { parseSolutions } from "./parse-solutions.ts";
import { cutPrompt, separatesPrompt, statesAnswerPrompt } from "./prompts.ts";
import { type Segmentation, segmentByRules } from "./rules.ts";
import { type Step, splitSteps } from "./steps.ts";

export interface StageOptions {
  /** Steps per request of stage 1; default 50. */
  windowSteps?: number;
  /** What the response ends in, if known; helps the rules where they must step in. */
  finalAnswer?: string | null;
  /** Tokens a reply may take; default 4096 for stage 1. */
  maxTokens?: number;
  signal?: AbortSignal;
}

export type StagedSegmentation = Segmentation & {
  /** Pieces after each stage; absent where the rules stepped in. */
  stagePieceCounts?: [cut: number, subCut: number, merge: number];
};

/** In steps: the last step of a piece, and the answer that the piece states. */
type Piece = { last: number; answer: string };

/** Steps on each side of a cut that stage 3 shows. */
const neighbourSteps = 5;
const verdictTokens = 512;

/** @throws EndpointError as the endpoint; the signal's reason when aborted */
export async function segmentByStages(
  { reasoning, problem }: { reasoning: string; problem: string },
  endpoint: Endpoint,
  options: StageOptions = {},
): Promise<StagedSegmentation> {
  const { steps, fallback } = splitSteps(reasoning);
  const flags = fallback ? ["sentence_fallback"] : [];
  const job: Job = { problem, steps, endpoint, options };
  const marked = await markSolutions(job);
  if (!marked) {
    const { pieces, flags: others } = segmentByRules(reasoning, options);
    return { pieces, flags: [...new Set([...flags, ...others, "split_parse_error"])] };
  }
  if (marked.length === 0) {
    // The model read the form and found no answer: the whole is one piece, as in the published pipeline.
    return { pieces: [{ end: reasoning.length, answer: null }], flags: [...flags, "split_parse_error"] };
  }
  const divided = await divide(job, marked);
  const merged = await merge(job, divided);
  const pieces = merged.map(({ last, answer }) => ({ end: steps[last]!.end, answer }));
  pieces.at(-1)!.end = reasoning.length;
  return { pieces, flags, stagePieceCounts: [marked.length, divided.length, merged.length] };
}

type Job = { problem: string; steps: readonly Step[]; endpoint: Endpoint; options: StageOptions };

/** Stage 1. @returns complete solutions, the last stretched to the end; undefined when the replies cannot be read */
async function markSolutions(job: Job): Promise<Piece[] | undefined> {
  const { steps, options } = job;
  const pieces: Piece[] = [];
  for (let from = 0; from < steps.length; ) {
    const window = await askWindow(job, from, Math.min(from + (options.windowSteps ?? 50), steps.length));
    if (!window) return undefined;
    for (const { last, answer, complete } of window.solutions) {
      if (complete && !/^none\.?$|^$/iu.test(answer)) pieces.push({ last: last - 1, answer });
    }
    from = window.to;
  }
  if (pieces.length > 0) pieces.at(-1)!.last = steps.length - 1;
  return pieces;
}

/** Steps `[from, to)`, or as many of them as fit the model. */
async function askWindow(job: Job, from: number, to: number): ReturnType<typeof readWindow> {
  try {
    return await readWindow(job, from, to);
  } catch (error) {
    if (!(error instanceof ContextTooLongError) || to - from <= 1) throw error;
    return askWindow(job, from, from + Math.ceil((to - from) / 2));
  }
}

async function readWindow({ problem, steps, endpoint, options }: Job, from: number, to: number) {
  const shown = steps.slice(from, to).map(({ text }) => text);
  const bounds = { first: from + 1, last: to };
  const request = {
    messages: cutPrompt(problem, shown, from + 1),
    temperature: 0,
    maxTokens: options.maxTokens ?? 4096,
  };
  const reply = await askTwice(endpoint, request, options, (text) => {
    const result = parseSolutions(text, bounds);
    return "problem" in result ? result : { value: result.solutions };
  });
  return reply && { solutions: reply, to };
}

/** Stage 2: every step but the last of a piece is asked whether it already states the piece's answer. */
async function divide(job: Job, pieces: readonly Piece[]): Promise<Piece[]> {
  const divided = pieces.map(async ({ last, answer }, index) => {
    const first = index === 0 ? 0 : pieces[index - 1]!.last + 1;
    const inner = Array.from({ length: last - first }, (_, offset) => first + offset);
    const verdicts = await Promise.all(
      inner.map((step) => judge(job, statesAnswerPrompt(job.problem, job.steps[step]!.text, answer), false)),
    );
    return [...inner.filter((_, at) => verdicts[at]).map((step) => ({ last: step, answer })), { last, answer }];
  });
  return (await Promise.all(divided)).flat();
}

/** Stage 3: a cut that separates nothing goes, and the later answer stays. Replies that cannot be read keep the cut. */
async function merge(job: Job, pieces: readonly Piece[]): Promise<Piece[]> {
  const { steps, problem } = job;
  const texts = (from: number, to: number) => steps.slice(from, to).map(({ text }) => text);
  const verdicts = await Promise.all(
    pieces.slice(0, -1).map(({ last }, index) => {
      const first = index === 0 ? 0 : pieces[index - 1]!.last + 1;
      const before = texts(Math.max(first, last + 1 - neighbourSteps), last + 1);
      const after = texts(last + 1, Math.min(pieces[index + 1]!.last + 1, last + 1 + neighbourSteps));
      return judge(job, separatesPrompt(problem, before, after), true);
    }),
  );
  return pieces.filter((_, index) => index === pieces.length - 1 || verdicts[index]);
}

const Verdict = z.object({ result: z.boolean() });

/** @param otherwise what holds when twice no verdict can be read */
async function judge({ endpoint, options }: Job, messages: ChatMessage[], otherwise: boolean): Promise<boolean> {
  const request = { messages, temperature: 0, maxTokens: verdictTokens };
  const verdict = await askTwice(endpoint, request, options, (text) => {
    for (const candidate of extractJson(text)) {
      const parsed = Verdict.safeParse(candidate);
      if (parsed.success) return { value: parsed.data };
    }
    return { problem: 'there is no {"result": true} or {"result": false} in it' };
  });
  return verdict?.result ?? otherwise;
}

/** Asks, and once more with what is wrong; undefined when the second reply cannot be read either. */
export async function askTwice<T>(
  endpoint: Endpoint,
  request: { messages: ChatMessage[]; temperature: number; maxTokens: number },
  { signal }: { signal?: AbortSignal },
  read: (text: string) => { value: T } | { problem: string },
): Promise<T | undefined> {
  const call = { ...(signal && { signal }) };
  const text = (await endpoint.chat(request, call)).choices[0]!.text;
  const first = read(text);
  if ("value" in first) return first.value;
  const correction: ChatMessage[] = [
    { role: "assistant", content: text },
    { role: "user", content: `That cannot be read: ${first.problem}. Answer again, in the form asked for.` },
  ];
  const again = await endpoint.chat({ ...request, messages: [...request.messages, ...correction] }, call);
  const second = read(again.choices[0]!.text);
  return "value" in second ? second.value : undefined;
}
