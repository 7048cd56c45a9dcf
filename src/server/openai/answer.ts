/** From an order to its HTTP response: through the model's gate, by its endpoint, whole or as a stream. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ChatRequest, CompletionRequest, Reply, StreamEvent } from "../../endpoint/endpoint.ts";
import { toApiError } from "../api-error.ts";
import type { Call, Calls } from "../calls.ts";
import type { Generation, Metrics } from "../metrics.ts";
import type { ModelTable, ServedModel } from "../model-table.ts";
import { merge } from "./merge.ts";
import { createChunker, createHead, wholeReply } from "./reply.ts";
import type { Order } from "./request.ts";
import { eventStream } from "./sse.ts";

export interface Serving {
  models: ModelTable;
  metrics: Metrics;
  calls: Calls;
}

interface Work {
  order: Order;
  model: ServedModel;
  call: Call;
  generation: Generation;
}

/**
 * How long a stream's headers wait for its first token. Until then a failure is a proper HTTP status; afterwards it is
 * an event in the stream, for a client left without headers would give up.
 */
const headersWaitMs = 5000;

const streamHeaders = {
  "Content-Type": "text/event-stream; charset=utf-8",
  "Cache-Control": "no-cache",
  "Transfer-Encoding": "chunked", // else the adapter waits for more before it sends the first token
  "X-Accel-Buffering": "no", // nginx would collect tokens before it sends them
};

/** @param client fires when the client is gone @throws ApiError and what endpoints throw */
export async function answer(
  order: Order,
  { models, metrics, calls }: Serving,
  client: AbortSignal,
): Promise<Response> {
  const model = models.find(order.model);
  const call = calls.begin(client);
  const generation = metrics.begin(model, order.isStream);
  const end = (error?: unknown) => {
    generation.end(error === undefined ? "done" : toApiError(error).apiCode);
    call.end();
  };
  const work = { order, model, call, generation };
  try {
    if (order.isStream) return await answerStream(work, end);
    const body = await untilAborted(answerWhole(work), call.signal);
    end();
    return Response.json(body);
  } catch (error) {
    const reason = call.signal.aborted ? call.signal.reason : error; // whatever the endpoint made of the abort
    end(reason);
    throw reason;
  }
}

async function answerWhole({ order, model, call, generation }: Work): Promise<object> {
  const leave = await enter(model, order, call);
  try {
    const replies = await Promise.all(order.requests.map((request) => ask(model, request, call)));
    for (const { usage } of replies) generation.usage(usage);
    return wholeReply(createHead(order, model.id), order, replies);
  } catch (error) {
    call.abort(error as Error); // the other prompts' answers are wanted no more
    throw error;
  } finally {
    leave();
  }
}

async function answerStream(work: Work, end: (error?: unknown) => void): Promise<Response> {
  const chunks = streamChunks(work);
  const first = chunks.next();
  const wait = new AbortController();
  const patience = sleep(headersWaitMs, undefined, { ref: false, signal: wait.signal }).catch(() => {});
  await untilAborted(Promise.race([first, patience]), work.call.signal).finally(() => wait.abort());
  return new Response(eventStream({ chunks, first, call: work.call, onEnd: end }), { headers: streamHeaders });
}

async function* streamChunks({ order, model, call, generation }: Work): AsyncGenerator<object[]> {
  const leave = await enter(model, order, call);
  try {
    const chunker = createChunker(createHead(order, model.id), order);
    const replies: Reply[] = [];
    for await (const [prompt, event] of merge(order.requests.map((request) => open(model, request, call)))) {
      if (event.type === "delta") {
        generation.token(prompt * order.n + event.index);
        yield chunker.delta(prompt, event);
      } else {
        generation.usage(event.reply.usage);
        replies.push(event.reply);
        yield chunker.finish(prompt, event.reply);
      }
    }
    if (order.includeUsage) yield [chunker.usage(replies.map(({ usage }) => usage))];
  } finally {
    leave();
  }
}

function enter({ gate }: ServedModel, { requests, n, priority }: Order, { signal }: Call): Promise<() => void> {
  return gate.enter({ weight: requests.length * n, priority, signal });
}

function ask({ endpoint }: ServedModel, request: ChatRequest | CompletionRequest, { signal }: Call): Promise<Reply> {
  return "messages" in request ? endpoint.chat(request, { signal }) : endpoint.complete(request, { signal });
}

function open(
  { endpoint }: ServedModel,
  request: ChatRequest | CompletionRequest,
  { signal }: Call,
): AsyncIterable<StreamEvent> {
  return "messages" in request
    ? endpoint.streamChat(request, { signal })
    : endpoint.streamCompletion(request, { signal });
}

/** The work's result, or the signal's reason at once when it fires first. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
