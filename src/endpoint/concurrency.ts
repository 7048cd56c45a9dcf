/**
 * So many calls at once, and fewer when the server asks for it: the limit halves on 429 and overload and grows back by
 * one per round of successes, as TCP does (additive increase, multiplicative decrease).
 */
import type { CallOptions, Endpoint, StreamEvent } from "./endpoint.ts";
import { OverloadedError, RateLimitError } from "./errors.ts";
import { wrapEndpoint } from "./layer.ts";

export interface Limiter {
  /** Calls allowed at once now, from 1 to the maximum. */
  readonly limit: number;
  readonly runningCount: number;
  readonly waitingCount: number;
  /** Resolves when there is a place; first come, first served. `leave` must follow. @throws the signal's reason */
  enter(signal?: AbortSignal): Promise<Place>;
}

export interface Place {
  /** @param error what the call failed with, if it did */
  leave(error?: unknown): void;
}

/** @param max calls at once at most */
export function createLimiter(max: number): Limiter {
  let limit = max;
  let running = 0;
  let generation = 0; // counts decreases: a burst of 429 from calls sent together is one signal, not many
  const waiting = new Set<() => void>();
  const admit = () => {
    for (const start of waiting) {
      if (running >= Math.floor(limit)) break;
      waiting.delete(start);
      start();
    }
  };
  const createPlace = (): Place => {
    running++;
    const born = generation;
    let left = false;
    return {
      leave(error) {
        if (left) return;
        left = true;
        running--;
        if (error instanceof RateLimitError || error instanceof OverloadedError) {
          if (born === generation) {
            limit = Math.max(1, limit / 2);
            generation++;
          }
        } else if (error === undefined) limit = Math.min(max, limit + 1 / limit);
        admit();
      },
    };
  };
  return {
    get limit() {
      return Math.floor(limit);
    },
    get runningCount() {
      return running;
    },
    get waitingCount() {
      return waiting.size;
    },
    async enter(signal) {
      signal?.throwIfAborted();
      if (running < Math.floor(limit) && waiting.size === 0) return createPlace();
      return new Promise((resolve, reject) => {
        const start = () => {
          signal?.removeEventListener("abort", giveUp);
          resolve(createPlace());
        };
        const giveUp = () => {
          waiting.delete(start);
          reject(signal!.reason);
        };
        waiting.add(start);
        signal?.addEventListener("abort", giveUp, { once: true });
      });
    },
  };
}

/** Holds calls back until the limiter has a place; a stream keeps its place until it ends or is left. */
export function withConcurrency(endpoint: Endpoint, limiter: Limiter): Endpoint {
  const enter = ({ signal }: CallOptions) => limiter.enter(signal);
  return wrapEndpoint(endpoint, {
    async reply(call, options, next) {
      const place = await enter(options);
      try {
        const reply = await next.reply(call, options);
        place.leave();
        return reply;
      } catch (error) {
        place.leave(error);
        throw error;
      }
    },
    async *stream(call, options, next): AsyncGenerator<StreamEvent> {
      const place = await enter(options);
      try {
        yield* next.stream(call, options);
      } catch (error) {
        place.leave(error);
        throw error;
      } finally {
        place.leave();
      }
    },
  });
}
