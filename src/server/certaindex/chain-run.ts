/**
 * One attempt at a probed answer: takes the upstream's events one by one, hands the pieces on, lets the observer look,
 * and ends the answer once: by the stop, by the model's own end, or by a failure. After the stop nothing of the model's is
 * sent; of a shadowed chain it is still read, to learn what it would have said.
 */
import { answersEqual, extractAnswer } from "../../endpoint/answers/index.ts";
import { estimateTokens } from "../../endpoint/index.ts";
import { closingText, type StopReason, sentenceWith } from "../../systems/certaindex/index.ts";
import { ApiError } from "../api-error.ts";
import { type Chain, type Chunk, type ChunkUsage, createChain } from "./chain.ts";
import type { RawEvent } from "./events.ts";
import { createObserver, type Observer, type Stop } from "./observer.ts";
import { brokenOff } from "./pass.ts";
import type { ProbePlan } from "./plan.ts";
import type { ProbedOptions } from "./probed.ts";
import { certaindexReport, wireUsage } from "./report.ts";
import type { SpentTokens } from "./request-trace.ts";
import type { Sink } from "./sink.ts";

export interface ChainRun {
  /** The answer has been ended by a stop. */
  readonly isStopped: boolean;
  /** Nothing that the upstream may still say is wanted. */
  readonly isOver: boolean;
  /** The model has come to its own end. */
  readonly isWhole: boolean;
  /** Something has been written. */
  readonly hasText: boolean;
  /** What it has cost so far. */
  spent(): SpentTokens;
  /** Resolves when a slow client has caught up. @throws ApiError for what is no chunk, and for the upstream's own errors */
  take(event: RawEvent): Promise<void> | void;
  /** The stream is over and there was no stop: ends the answer. @param failure what broke it off, if the model did not end */
  end(failure?: ApiError): void;
  /** No probes any more, and the tokens are accounted for; must be called when the stream is over. */
  close(): void;
}

export interface ChainRunOptions extends ProbedOptions {
  sink: Sink;
  /** Ends the probes; fired when the stop ends the upstream's work. */
  signal: AbortSignal;
  /** The upstream's work is to be ended. */
  onStop(): void;
}

export function createChainRun(options: ChainRunOptions): ChainRun {
  const { plan, sink, generation, account, counters, lengths, trace, shadow } = options;
  const { thinkingEnd } = plan.settings;
  const chain = createChain({ thinkingEnd, promptIsOpen: plan.promptIsOpen, countTokens: options.countTokens });
  let stop: Stop | undefined;
  let isShadowed = false;
  let [last, told]: [Chunk | undefined, ChunkUsage | undefined] = [undefined, undefined];
  let accounted = 0;

  const observer: Observer = createObserver({
    ...{ plan, chain, upstream: options.upstream, headers: options.headers, signal: options.signal },
    timeoutMs: options.probeTimeoutMs,
    onStep(step, result) {
      counters.probesTotal++;
      if ("fault" in result || result.answer === null) counters.probeFaultsTotal++;
      if (!("fault" in result)) counters.probeTokensTotal += result.tokens;
      trace?.step(step);
    },
    onStop: stopNow,
  });

  /** @returns whether the budget allows more */
  function spend(): boolean {
    const spent = chain.tokens + observer.prober.probeTokens;
    const left = account.spend(spent - accounted);
    accounted = spent;
    return left > 0;
  }

  function stopNow(decided: Stop): void {
    if (stop || last) return; // the model's own end came first
    stop = decided;
    const { reason, answer } = decided;
    isShadowed = reason === "settled" && answer !== null && shadow?.isShadowed(options.name) === true;
    if (!isShadowed) options.onStop();
    const isCut = reason === "cap" || reason === "budget";
    endAnswer(reason, isCut ? "length" : "stop", answer === null ? {} : { closing: closingOf(chain, plan, answer) });
  }

  function endAnswer(reason: StopReason, finishReason: string, details: { closing?: string; error?: object }): void {
    const { prober, promptTokens } = observer;
    observer.close();
    const saved = stop ? lengths.saved(stop.tokens, prober.probeTokens, maxTokensOf(plan)) : null;
    const certaindex = certaindexReport({ plan, observer, chain }, { reason, stop, saved });
    const usage = usageNow();
    sink.end({ finishReason, usage, certaindex, last: stop ? undefined : last, ...details });
    if (stop) counters.stopsTotal++;
    counters.savedTokensTotal += Math.max(0, saved ?? 0);
    if (prober.offReason !== undefined) counters.probingOffTotal++;
    counters.probePromptTokensTotal += promptTokens;
    generation.usage({ promptTokens: usage.prompt_tokens, completionTokens: usage.completion_tokens ?? 0 });
    if (reason !== "failed") trace?.spend(spent()); // that of a chain that broke off is told where it is noticed
    trace?.end({ reason, answer: prober.answer, isWhole: reason !== "failed" });
  }

  const usageNow = () => wireUsage(chain, observer, told, () => promptTokensOf(options));

  function spent(): SpentTokens {
    const { prompt_tokens: promptTokens, completion_tokens: completion } = usageNow();
    const { probeTokens } = observer.prober;
    return { promptTokens, tokens: Math.max(0, (completion ?? 0) - probeTokens), probeTokens };
  }

  return {
    get isStopped() {
      return stop !== undefined;
    },
    get isOver() {
      return stop !== undefined && (!isShadowed || last !== undefined);
    },
    get isWhole() {
      return last !== undefined;
    },
    get hasText() {
      return chain.text !== "";
    },
    spent,
    take({ raw, data }) {
      if (data === undefined && !stop) sink.comment(raw);
      if (data === undefined || data === "[DONE]") return;
      const chunk = readChunk(data);
      if (chunk.usage) told = chunk.usage;
      const choice = chunk.choices[0];
      chain.add(chunk);
      if (!choice) return;
      if (choice.finish_reason) last = chunk;
      if (stop) return;
      const piece = choice.finish_reason ? withoutEnd(chunk) : { chunk, raw };
      if (piece) generation.token(0);
      const taken = piece && sink.piece(piece.chunk, piece.raw);
      if (last) return taken;
      if (spend()) observer.look();
      else stopNow({ reason: "budget", answer: observer.prober.answer, tokens: chain.tokens });
      return taken;
    },
    end(failure) {
      if (failure) endAnswer("failed", "abort", failure.body());
      else endAnswer("natural", last!.choices[0]!.finish_reason!, {});
    },
    close() {
      observer.close();
      spend();
      const isNatural = last?.choices[0]?.finish_reason === "stop";
      if (isNatural) lengths.add(chain.tokens);
      const full = isShadowed && isNatural ? extractAnswer(chain.text) : null;
      if (!full) return; // a chain without an answer of its own says nothing about the stop
      const disagrees = !answersEqual(full.text, stop!.answer!).equal;
      counters.shadowRunsTotal++;
      if (disagrees) counters.shadowDisagreementsTotal++;
      shadow!.record(options.name, disagrees);
    },
  };
}

/** @throws ApiError */
function readChunk(data: string): Chunk {
  let chunk: Chunk | undefined;
  try {
    chunk = JSON.parse(data);
  } catch {
    throw brokenOff();
  }
  if (chunk?.error) {
    const { message, code } = chunk.error as { message?: string; code?: unknown };
    throw new ApiError(502, typeof code === "string" ? code : "endpoint_error", message ?? "The model's server failed");
  }
  if (!Array.isArray(chunk?.choices)) throw brokenOff();
  return chunk;
}

/** A last chunk that brings text, too, is sent as a piece; its end is told later. */
function withoutEnd(chunk: Chunk): { chunk: Chunk; raw: Uint8Array } | undefined {
  const choice = chunk.choices[0]!;
  const { content, reasoning_content, reasoning } = choice.delta ?? {};
  if (!(content || reasoning_content || reasoning || choice.text)) return undefined;
  const piece = { ...chunk, usage: undefined, choices: [{ ...choice, finish_reason: null }] };
  return { chunk: piece, raw: Buffer.from(`data: ${JSON.stringify(piece)}\n\n`) };
}

/** What is told apart as reasoning needs no tag: the text that follows is the answer. */
function closingOf(chain: Chain, { settings, promptIsOpen }: ProbePlan, answer: string): string {
  if (chain.isInReasoning) return sentenceWith(answer, settings.sentence);
  return closingText({ text: chain.text, promptIsOpen, answer }, settings);
}

function maxTokensOf({ body }: ProbePlan): number | undefined {
  const limit = body.max_completion_tokens ?? body.max_tokens;
  return typeof limit === "number" ? limit : undefined;
}

function promptTokensOf({ plan, countTokens }: ProbedOptions): number {
  const text = plan.prompt || JSON.stringify(plan.body.messages ?? "");
  return (countTokens ?? estimateTokens)(text);
}
