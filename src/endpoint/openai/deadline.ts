/** One attempt's time limit and the caller's abort, as one signal that remembers which of them it was. */
import type { CallOptions, Usage } from "../endpoint.ts";
import { TimeoutError } from "../errors.ts";

export interface Deadline {
  readonly signal: AbortSignal;
  /** The same items; the time starts anew with each. */
  watch<T>(items: AsyncIterable<T>): AsyncGenerator<T>;
  /** Throws the caller's reason or a TimeoutError if that is what ended the attempt; else does nothing. */
  rethrow(url: string, spent?: Usage): void;
  /** Ends the attempt: what is still under way is aborted. */
  stop(): void;
}

/** @param closing fires when the endpoint is closed */
export function createDeadline(options: CallOptions, closing: AbortSignal | undefined, defaultMs: number): Deadline {
  const { signal: outer, timeoutMs = defaultMs } = options;
  const late = new AbortController();
  const stopped = new AbortController();
  const signals = [late.signal, stopped.signal, outer, closing].filter((signal) => signal !== undefined);
  const startTimer = () => setTimeout(() => late.abort(), timeoutMs);
  let timer = startTimer();
  const throwIfOver = () => {
    outer?.throwIfAborted();
    closing?.throwIfAborted();
    late.signal.throwIfAborted();
  };
  return {
    signal: AbortSignal.any(signals),
    async *watch(items) {
      for await (const item of items) {
        throwIfOver();
        clearTimeout(timer); // a slow reader is not a slow server
        yield item;
        timer = startTimer();
      }
      throwIfOver(); // the client ends an aborted stream without an error
    },
    rethrow(url, spent) {
      outer?.throwIfAborted();
      closing?.throwIfAborted();
      if (!late.signal.aborted) return;
      throw new TimeoutError(`${url} gave no answer for ${timeoutMs / 1000} s`, {
        hint: "Raise timeoutMs if the model is slow, or stream.",
        spent,
      });
    },
    stop() {
      clearTimeout(timer);
      stopped.abort();
    },
  };
}
