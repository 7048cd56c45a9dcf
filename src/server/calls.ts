/** The requests being served: each can be ended by its client, by the clock and by the server's shutdown. */
import { clientGone, shuttingDown, tookTooLong } from "./api-error.ts";

export interface Call {
  /** Aborted with an ApiError that says who ended the call. */
  readonly signal: AbortSignal;
  abort(reason: Error): void;
  /** Must be called once, when nothing of the answer is left to do. */
  end(): void;
}

export interface Calls {
  readonly count: number;
  readonly isDraining: boolean;
  /**
   * @param client fires when the client's connection is gone
   * @throws ApiError 503 during shutdown
   */
  begin(client: AbortSignal): Call;
  /** Lets no new call begin, waits for those under way, and after `graceMs` ends them. */
  drain(graceMs: number): Promise<void>;
}

export function createCalls(timeoutMs: number): Calls {
  const open = new Set<Call>();
  let isDraining = false;
  let onEmpty = () => {};
  return {
    get count() {
      return open.size;
    },
    get isDraining() {
      return isDraining;
    },
    begin(client) {
      if (isDraining) throw shuttingDown();
      const controller = new AbortController();
      const abort = (reason: Error) => controller.abort(reason);
      const onGone = () => abort(clientGone());
      const timer = setTimeout(() => abort(tookTooLong(timeoutMs)), timeoutMs);
      const call: Call = {
        signal: controller.signal,
        abort,
        end() {
          clearTimeout(timer);
          client.removeEventListener("abort", onGone);
          if (open.delete(call) && open.size === 0) onEmpty();
        },
      };
      open.add(call);
      client.addEventListener("abort", onGone, { once: true });
      if (client.aborted) onGone();
      return call;
    },
    async drain(graceMs) {
      isDraining = true;
      if (open.size === 0) return;
      const { promise: empty, resolve } = Promise.withResolvers<void>();
      onEmpty = resolve;
      const timer = setTimeout(() => open.forEach((call) => void call.abort(shuttingDown())), graceMs);
      await empty;
      clearTimeout(timer);
    },
  };
}
