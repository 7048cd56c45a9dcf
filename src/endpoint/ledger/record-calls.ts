/** The layer that writes each call into a ledger: outermost, so that a line follows the answer's record in the cache. */

import { PolymathError } from "../../core/errors.ts";
import { callKey } from "../cache/key.ts";
import { partialReply } from "../cache/with-cache.ts";
import type { Endpoint, Reply, StreamDelta, StreamEvent, Usage } from "../endpoint.ts";
import { type Call, type LayerOptions, type Trace, wrapEndpoint } from "../layer.ts";
import type { Ledger } from "./ledger.ts";

const nothing: Usage = { promptTokens: 0, completionTokens: 0 };

export function recordCalls(endpoint: Endpoint, ledger: Ledger): Endpoint {
  const open = (call: Call, options: LayerOptions) => {
    const started = performance.now();
    const ownId = ledger.newCallId();
    const trace: Trace = { callId: ownId, cacheHit: false, attemptCount: 0, lost: [] };
    const model = call.request.model ?? endpoint.model;
    const key = callKey(endpoint, call, options);
    const fields = () => ({ callId: trace.callId, key, model, latencyMs: performance.now() - started });
    return {
      options: { ...options, trace },
      reply(reply: Reply, outcome: "paid" | "partial" = "paid") {
        const attemptCount = Math.max(1, trace.attemptCount);
        const line = { ...fields(), attemptCount };
        if (!trace.cacheHit)
          return ledger.add({ ...line, outcome, latencyMs: reply.latencyMs }, reply.usage, trace.lost);
        // Paid under this ledger, but killed before the line was written.
        if (ledger.isOwn(trace.callId) && !ledger.hasPaid(trace.callId)) {
          ledger.add({ ...line, outcome, latencyMs: reply.latencyMs, recovered: true }, reply.usage);
        }
        ledger.add({ ...line, outcome: "replayed", attemptCount: 0 }, reply.usage);
      },
      failure(error: unknown) {
        if (trace.attemptCount === 0 && trace.lost.length === 0) return; // nothing was sent
        const code =
          error instanceof PolymathError ? error.code : error === options.signal?.reason ? "ABORTED" : "FAULT";
        ledger.add(
          { ...fields(), outcome: "failed", attemptCount: trace.attemptCount, error: code },
          nothing,
          trace.lost,
        );
      },
    };
  };
  return wrapEndpoint(endpoint, {
    async reply(call, options, next) {
      const line = open(call, options);
      try {
        const reply = await next.reply(call, line.options);
        line.reply(reply);
        return reply;
      } catch (error) {
        line.failure(error);
        throw error;
      }
    },
    async *stream(call, options, next): AsyncGenerator<StreamEvent> {
      const line = open(call, options);
      const started = performance.now();
      const deltas: StreamDelta[] = [];
      let isOver = false; // there is a line for it
      try {
        for await (const event of next.stream(call, line.options)) {
          if (event.type === "delta") deltas.push(event);
          else {
            line.reply(event.reply);
            isOver = true;
          }
          yield event;
        }
      } catch (error) {
        if (!isOver && !(options.signal?.aborted && deltas.length > 0)) {
          line.failure(error);
          isOver = true;
        }
        throw error;
      } finally {
        if (!isOver && deltas.length > 0) {
          line.reply(partialReply(endpoint, call, deltas, performance.now() - started), "partial");
        }
      }
    },
  });
}
