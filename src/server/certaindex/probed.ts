/**
 * A probed request from its start to its end. The upstream is always asked for a stream; its pieces go on as they come,
 * whether the client wants them so or whole. On a stop, and when the client is gone, the upstream's work is ended.
 */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Log } from "../../core/log.ts";
import type { Shadow } from "../../systems/certaindex/index.ts";
import { ApiError, clientGone, toApiError } from "../api-error.ts";
import type { Call } from "../calls.ts";
import type { Generation } from "../metrics.ts";
import type { Account } from "./account.ts";
import { createChainRun } from "./chain-run.ts";
import type { Counters, Lengths } from "./counters.ts";
import { createSplitter } from "./events.ts";
import { brokenOff, isEventStream, passThrough } from "./pass.ts";
import type { ProbePlan } from "./plan.ts";
import type { RequestTrace } from "./request-trace.ts";
import { type Sink, streamSink, wholeSink } from "./sink.ts";
import type { Upstream } from "./upstream.ts";

export interface ProbedOptions {
  plan: ProbePlan;
  /** Names the request. */
  name: string;
  /** The client's, to be sent on. */
  headers: Record<string, string | string[] | undefined>;
  outgoing: ServerResponse;
  call: Call;
  generation: Generation;
  account: Account;
  trace: RequestTrace | undefined;
  /** Of the policy: some of its stops run on unseen, to learn whether they changed the answer. */
  shadow: Shadow | undefined;
  upstream: Upstream;
  streamOptions: Readonly<Record<string, boolean>> | undefined;
  countTokens: ((text: string) => number) | undefined;
  probeTimeoutMs: number;
  counters: Counters;
  lengths: Lengths;
  log: Log;
}

/** Streams that broke before the client had seen anything are asked for again. */
const maxAttempts = 3;

/** @throws ApiError for what failed before the first byte; what failed later the answer itself has told */
export async function answerProbed(options: ProbedOptions): Promise<void> {
  const { call, counters, log, name, trace } = options;
  counters.probedRequestsTotal++;
  try {
    for (let attempt = 1; ; attempt++) {
      trace?.begin();
      const failure = await runChain(options, attempt === maxAttempts);
      if (!failure) return;
      log.info("stream-retry", { request: name, attempt, failure: failure.message });
    }
  } finally {
    // Counts only where no other end was told: the upstream refused, or the client has left.
    trace?.end({ reason: call.signal.aborted ? "aborted" : "failed", answer: null, isWhole: false });
  }
}

/** @returns why the chain broke off, if it is to be tried again */
async function runChain(options: ProbedOptions, isLast: boolean): Promise<ApiError | undefined> {
  const { call, counters, trace } = options;
  const stopping = new AbortController();
  const signal = AbortSignal.any([call.signal, stopping.signal]);
  const response = await open(options, signal);
  if (response.statusCode !== 200 || !isEventStream(response)) {
    await passUnprobed(response, options);
    return undefined;
  }
  const sink = createSink(options);
  const onStop = () => stopping.abort(new Error("The chain was stopped"));
  const run = createChainRun({ ...options, sink, signal, onStop });
  const split = createSplitter();
  let failure: ApiError | undefined;
  try {
    reading: for await (const bytes of response) {
      for (const event of split(bytes)) {
        const taken = run.take(event);
        if (taken) await taken;
        if (run.isOver) break reading;
      }
    }
    if (!run.isWhole) failure = brokenOff();
  } catch (error) {
    failure = error instanceof ApiError ? error : brokenOff();
  }
  run.close();
  if (run.isStopped) return undefined;
  if (run.isWhole) {
    run.end();
    return undefined;
  }
  stopping.abort(failure); // whatever the upstream still has to say
  if (call.signal.aborted) failure = toApiError(call.signal.reason);
  else counters.upstreamFaultsTotal++;
  trace?.spend(run.spent());
  if (!sink.isOpen && !isLast && !call.signal.aborted) return failure;
  if ((sink.isOpen || run.hasText) && failure!.apiCode !== clientGone().apiCode) run.end(failure); // the part is kept
  throw failure;
}

/** An error in the upstream's own words, or an answer of a server that does not stream. */
async function passUnprobed(
  response: IncomingMessage,
  { outgoing, generation, account, trace }: ProbedOptions,
): Promise<void> {
  const usage = await passThrough(response, outgoing);
  if (response.statusCode !== 200) return;
  if (usage) {
    const { promptTokens, completionTokens: tokens } = usage;
    generation.usage(usage);
    account.spend(tokens);
    trace?.spend({ promptTokens, tokens, probeTokens: 0 });
  }
  trace?.end({ reason: "natural", answer: null, isWhole: true });
}

function createSink({ plan, outgoing, streamOptions }: ProbedOptions): Sink {
  const { isChat, isStream, includeUsage, body } = plan;
  const make = isStream ? streamSink : wholeSink;
  return make(outgoing, {
    isChat,
    includeUsage,
    dropUsage: streamOptions?.continuous_usage_stats === true,
    model: String(body.model ?? ""),
    id: `${isChat ? "chatcmpl" : "cmpl"}-${randomUUID().replaceAll("-", "")}`,
  });
}

function open(
  { plan, headers, upstream, streamOptions }: ProbedOptions,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { stream_options: asked, ...body } = plan.body;
  const merged = { ...(asked as object | null | undefined), ...streamOptions };
  return upstream.sendPatiently({
    method: "POST",
    path: plan.isChat ? "/chat/completions" : "/completions",
    headers: { ...headers, accept: "text/event-stream" },
    body: JSON.stringify({ ...body, stream: true, ...(Object.keys(merged).length > 0 && { stream_options: merged }) }),
    signal,
  });
}
