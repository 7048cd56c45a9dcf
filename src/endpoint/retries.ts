/**
 * Trying again what may succeed later: rate limits, overload, time-outs, broken connections, garbled replies; never a
 * wrong key or a bad request. Waits grow exponentially with full jitter (Brooker, "Exponential Backoff and Jitter",
 * AWS 2015): clients that failed together do not come back together. What the server asks for (Retry-After) is the
 * least wait.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { addUsage } from "./assemble.ts";
import type { Endpoint, StreamEvent } from "./endpoint.ts";
import { EndpointError } from "./errors.ts";
import { type LayerOptions, wrapEndpoint } from "./layer.ts";

export interface RetryOptions {
  /** Requests per call at most, the first included; default 6. */
  maxAttempts?: number;
  /** From the first request on, waits included, milliseconds; default 600 000. No attempt starts after it. */
  maxTotalMs?: number;
  /** Longest wait before the second attempt, milliseconds; doubles each time. Default 500. */
  baseDelayMs?: number;
  /** Longest wait that we choose, milliseconds; a server may ask for more. Default 30 000. */
  maxDelayMs?: number;
  /** Uniform in [0, 1); default Math.random. */
  random?: () => number;
}

/** A stream is tried again only until its first piece has been handed on. */
export function withRetries(endpoint: Endpoint, options: RetryOptions = {}): Endpoint {
  return wrapEndpoint(endpoint, {
    async reply(call, callOptions, next) {
      const attempts = startAttempts(options, callOptions);
      while (true) {
        try {
          const reply = await next.reply(call, callOptions);
          return { ...reply, attemptCount: attempts.count };
        } catch (error) {
          await attempts.waitOrThrow(error);
        }
      }
    },
    async *stream(call, callOptions, next): AsyncGenerator<StreamEvent> {
      const attempts = startAttempts(options, callOptions);
      while (true) {
        let begun = false;
        try {
          for await (const event of next.stream(call, callOptions)) {
            begun = true;
            yield event.type === "delta"
              ? event
              : { ...event, reply: { ...event.reply, attemptCount: attempts.count } };
          }
          return;
        } catch (error) {
          if (begun) throw attempts.mark(error);
          await attempts.waitOrThrow(error);
        }
      }
    },
  });
}

function startAttempts(options: RetryOptions, { signal, trace }: LayerOptions) {
  const {
    maxAttempts = 6,
    maxTotalMs = 600_000,
    baseDelayMs = 500,
    maxDelayMs = 30_000,
    random = Math.random,
  } = options;
  const started = performance.now();
  let count = 1;
  if (trace) trace.attemptCount = count;
  /** Writes into the error how often was tried and what it cost. */
  const mark = (error: unknown): unknown => {
    if (error instanceof EndpointError) {
      error.attemptCount = count;
      if (error.spent && trace) trace.lost.push(error.spent);
      if (trace?.lost.length) error.spent = trace.lost.reduce(addUsage);
    }
    return error;
  };
  return {
    get count() {
      return count;
    },
    mark,
    async waitOrThrow(error: unknown): Promise<void> {
      mark(error);
      signal?.throwIfAborted();
      if (!(error instanceof EndpointError && error.retryable) || count >= maxAttempts) throw error;
      const jitter = random() * Math.min(maxDelayMs, baseDelayMs * 2 ** (count - 1));
      // Jitter comes on top of what the server asked for: it asked all its clients for the same.
      const delayMs = (error.retryAfterMs ?? 0) + jitter;
      if (performance.now() - started + delayMs > maxTotalMs) throw error;
      await sleep(delayMs, undefined, { signal }).catch((cause) => {
        signal?.throwIfAborted();
        throw cause;
      });
      count++;
      if (trace) trace.attemptCount = count;
    },
  };
}
