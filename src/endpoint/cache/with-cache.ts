/**
 * Record and replay: a call that was paid for is never paid twice. The answer is on disk before the caller sees it;
 * whoever asks for the same meanwhile, in this process or another, waits for it. A stream is recorded with its pieces,
 * also the part of one that the caller left early: asked again, that part is replayed, and only who reads on past it
 * makes a new call.
 */
import { randomUUID } from "node:crypto";
import { PolymathError } from "../../core/errors.ts";
import { createAssembler, estimateUsage } from "../assemble.ts";
import type { Endpoint, Reply, StreamDelta, StreamEvent } from "../endpoint.ts";
import { type Call, type LayerOptions, wrapEndpoint } from "../layer.ts";
import { callKey, identifyCall } from "./key.ts";
import { createSingleFlight } from "./single-flight.ts";
import { type CacheEntry, openCacheStore } from "./store.ts";

export interface CacheOptions {
  /** Shared by any number of runs and processes. */
  folder: string;
  /**
   * use     replay what is there, ask for the rest (default)
   * refresh ask for everything anew and write it over what is there
   * replay  only what is there; a call that is missing is an error
   * off     neither read nor write
   */
  mode?: CacheMode;
}

export type CacheMode = "use" | "refresh" | "replay" | "off";

/** A call that is not in the cache although only the cache may answer. */
export class CacheMissError extends PolymathError {
  constructor(message: string, details?: { hint?: string }) {
    super("CACHE_MISS", message, details);
  }
}

/** @throws CacheMissError in mode `replay`, and where a stream left early is asked for again and says something else */
export function withCache(endpoint: Endpoint, { folder, mode = "use" }: CacheOptions): Endpoint {
  if (mode === "off") return endpoint;
  const store = openCacheStore(folder);
  const flights = createSingleFlight(store);

  /** A recorded answer, or the turn to ask for it. */
  async function find(key: string, call: Call, options: LayerOptions, fits: (entry: CacheEntry) => boolean) {
    const look = async () => {
      const entry = mode === "refresh" ? undefined : await store.read(key);
      return entry && fits(entry) ? entry : undefined;
    };
    const known = await look();
    if (known) return { entry: known };
    if (mode === "replay") throw missError(endpoint, call, folder);
    const release = await flights.enter(key, options.signal);
    const meanwhile = await look();
    if (!meanwhile) return { release };
    release();
    return { entry: meanwhile };
  }

  const record = async (key: string, call: Call, options: LayerOptions, entry: Omit<CacheEntry, "callId">) => {
    const callId = options.trace?.callId ?? randomUUID();
    await store.write(key, identifyCall(endpoint, call, options), { callId, ...entry });
  };

  /** Asks, hands the pieces on and records them, whichever way the stream ends short of an error of the server. */
  async function* recordStream(
    key: string,
    call: Call,
    options: LayerOptions,
    events: AsyncIterable<StreamEvent>,
  ): AsyncGenerator<StreamEvent> {
    const started = performance.now();
    const deltas: StreamDelta[] = [];
    let isOver = false; // the reply has come, or the server failed
    try {
      for await (const event of events) {
        if (event.type === "delta") deltas.push(event);
        else {
          await record(key, call, options, { reply: event.reply, deltas });
          isOver = true;
        }
        yield event;
      }
    } catch (error) {
      isOver = isOver || !options.signal?.aborted;
      throw error;
    } finally {
      if (!isOver && deltas.length > 0) {
        const reply = partialReply(endpoint, call, deltas, performance.now() - started);
        await record(key, call, options, { reply, deltas, isPartial: true });
      }
    }
  }

  return wrapEndpoint(endpoint, {
    async reply(call, options, next) {
      const key = callKey(endpoint, call, options);
      const { entry, release } = await find(key, call, options, ({ isPartial }) => !isPartial);
      if (entry) return replayed(entry, options);
      try {
        const reply = await next.reply(call, options);
        await record(key, call, options, { reply });
        return reply;
      } finally {
        release();
      }
    },
    async *stream(call, options, next): AsyncGenerator<StreamEvent> {
      const key = callKey(endpoint, call, options);
      const { entry, release } = await find(key, call, options, () => true);
      if (!entry) {
        try {
          return yield* recordStream(key, call, options, next.stream(call, options));
        } finally {
          release();
        }
      }
      const callId = options.trace?.callId;
      const reply = replayed(entry, options);
      for (const delta of entry.deltas ?? reply.choices.map(asDelta)) {
        options.signal?.throwIfAborted();
        yield delta;
      }
      if (!entry.isPartial) return yield { type: "reply", reply };
      if (mode === "replay") throw missError(endpoint, call, folder);
      // The caller wants more than it took last time: a new call, of which the known part is passed over.
      if (options.trace) Object.assign(options.trace, { callId, cacheHit: false });
      const again = await flights.enter(key, options.signal);
      try {
        yield* skipKnown(recordStream(key, call, options, next.stream(call, options)), entry.deltas ?? []);
      } finally {
        again();
      }
    },
  });
}

function replayed({ reply, callId }: CacheEntry, { trace }: LayerOptions): Reply {
  if (trace) Object.assign(trace, { callId, cacheHit: true });
  return { ...reply, cacheHit: true };
}

/** The part of an answer that came before its caller left. */
export function partialReply(
  { model }: Endpoint,
  call: Call,
  deltas: readonly StreamDelta[],
  latencyMs: number,
): Reply {
  const received = createAssembler();
  for (const delta of deltas) received.add(delta);
  const choices = received.choices();
  return { model: call.request.model ?? model, choices, usage: estimateUsage(call, choices), latencyMs };
}

function asDelta({ text, reasoning, logprobs }: Reply["choices"][number], index: number): StreamDelta {
  return { type: "delta", index, text, ...(reasoning && { reasoning }), ...(logprobs && { logprobs }) };
}

/** The events after the known pieces. @throws CacheMissError when the answer does not begin with them */
async function* skipKnown(
  events: AsyncIterable<StreamEvent>,
  known: readonly StreamDelta[],
): AsyncGenerator<StreamEvent> {
  const rest = new Map<string, string>();
  const place = (index: number, field: "text" | "reasoning") => `${index} ${field}`;
  for (const delta of known) {
    for (const field of ["text", "reasoning"] as const) {
      rest.set(place(delta.index, field), (rest.get(place(delta.index, field)) ?? "") + (delta[field] ?? ""));
    }
  }
  const pass = (index: number, field: "text" | "reasoning", piece: string | undefined) => {
    const left = rest.get(place(index, field)) ?? "";
    if (!piece || !left) return piece;
    const shared = Math.min(left.length, piece.length);
    if (left.slice(0, shared) !== piece.slice(0, shared)) throw divergedError();
    rest.set(place(index, field), left.slice(shared));
    return piece.slice(shared) || undefined;
  };
  for await (const event of events) {
    if (event.type === "reply") {
      yield event;
      continue;
    }
    const { index, logprobs } = event;
    const text = pass(index, "text", event.text);
    const reasoning = pass(index, "reasoning", event.reasoning);
    const isNew = text === event.text && reasoning === event.reasoning;
    if (text || reasoning) {
      yield {
        type: "delta",
        index,
        ...(text && { text }),
        ...(reasoning && { reasoning }),
        ...(isNew && logprobs && { logprobs }),
      };
    }
  }
}

function divergedError(): CacheMissError {
  return new CacheMissError(
    "A stream that was left early is in the cache, and asked again the model says something else",
    {
      hint: "Give a seed or temperature 0, or use the cache mode `refresh`.",
    },
  );
}

function missError({ url, model }: Endpoint, { kind, request }: Call, folder: string): CacheMissError {
  const text =
    kind === "chat" ? JSON.stringify(request.messages.at(-1)?.content ?? "") : JSON.stringify(request.prompt);
  const shown = text.length > 80 ? `${text.slice(0, 77)}...` : text;
  return new CacheMissError(`Not in the cache: ${kind} with ${request.model ?? model} at ${url}: ${shown}`, {
    hint: `Only ${folder} may answer (mode "replay"); mode "use" asks for what is missing.`,
  });
}
