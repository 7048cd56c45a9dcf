/**
 * Ctrl-C between calls, not within them: a call that was sent is paid for, so its answer is waited for and kept; those
 * that wait for their turn are given up.
 */
import type { Endpoint, StreamEvent } from "../../../endpoint/index.ts";
import { createLimiter } from "../../../endpoint/index.ts";
import { type LayerOptions, wrapEndpoint } from "../../../endpoint/layer.ts";

/** @param concurrency calls at once; the layers below need not hold any back, so nothing waits there */
export function finishCalls(
  endpoint: Endpoint,
  { concurrency, signal }: { concurrency: number; signal: AbortSignal },
): Endpoint {
  const limiter = createLimiter(concurrency);
  const unsignalled = ({ signal: _, ...options }: LayerOptions): LayerOptions => options;
  return wrapEndpoint(endpoint, {
    async reply(call, options, next) {
      const place = await limiter.enter(signal);
      try {
        return await next.reply(call, unsignalled(options));
      } finally {
        place.leave();
      }
    },
    async *stream(call, options, next): AsyncGenerator<StreamEvent> {
      const place = await limiter.enter(signal);
      try {
        yield* next.stream(call, unsignalled(options));
      } finally {
        place.leave();
      }
    },
  });
}
