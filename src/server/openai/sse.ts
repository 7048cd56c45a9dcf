/** Chunks as server-sent events: `data: JSON`, an error as the last event if it comes to that, else `data: [DONE]`. */
import { clientGone, toApiError } from "../api-error.ts";
import type { Call } from "../calls.ts";

export interface EventStreamOptions {
  /** Objects to be sent together, as they become known. */
  chunks: AsyncIterator<object[]>;
  /** The first of them, perhaps already on its way. */
  first: Promise<IteratorResult<object[]>>;
  call: Call;
  /** Called once. @param error what ended the stream early */
  onEnd(error?: unknown): void;
  /** Pause after which a comment shows the client and its proxies that the connection lives; default 15 000. */
  heartbeatMs?: number;
}

/** A body that asks for the next chunk only when the last one has been taken: a slow reader slows its generation. */
export function eventStream(options: EventStreamOptions): ReadableStream<Uint8Array> {
  const { chunks, first, call, onEnd, heartbeatMs = 15_000 } = options;
  let next: Promise<IteratorResult<object[]>> | undefined = first;
  let isOpen = true;
  let isRead = true;
  let lastSent = performance.now();
  let finish = (_error?: unknown) => {};

  return new ReadableStream<Uint8Array>({
    start(controller) {
      const onAbort = () => finish(call.signal.reason); // at once, even if the endpoint is slow to obey
      const heartbeat = setInterval(() => {
        if (performance.now() - lastSent >= heartbeatMs) controller.enqueue(comment);
      }, heartbeatMs);
      finish = (error) => {
        if (!isOpen) return;
        isOpen = false;
        clearInterval(heartbeat);
        call.signal.removeEventListener("abort", onAbort);
        if (isRead) {
          controller.enqueue(error === undefined ? done : encode([toApiError(error).body()]));
          controller.close();
        }
        if (error !== undefined) leave(chunks, next);
        onEnd(error);
      };
      call.signal.addEventListener("abort", onAbort);
      if (call.signal.aborted) onAbort();
    },
    async pull(controller) {
      try {
        next ??= chunks.next();
        const result = await next;
        next = undefined;
        if (!isOpen) return;
        if (result.done) return finish();
        lastSent = performance.now();
        controller.enqueue(encode(result.value));
      } catch (error) {
        finish(error);
      }
    },
    cancel() {
      isRead = false;
      call.abort(clientGone());
    },
  });
}

const done = Buffer.from("data: [DONE]\n\n");
const comment = Buffer.from(": waiting\n\n");

function encode(chunks: readonly object[]): Uint8Array {
  return Buffer.from(chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join(""));
}

/** Ends the source; whatever it still has to say, nobody listens. */
function leave(chunks: AsyncIterator<object[]>, next: Promise<unknown> | undefined): void {
  next?.catch(() => {});
  chunks.return?.().catch(() => {});
}
