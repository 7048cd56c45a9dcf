/** What a request of the proxy leaves in the trace: the events of a program of one request. */
import { createProgramTrace, type Step, type StopReason, type TraceWriter } from "../../systems/certaindex/index.ts";
import type { ChunkUsage } from "./chain.ts";

export interface RequestEnd {
  reason: StopReason;
  answer: string | null;
  usage: ChunkUsage;
  probeTokens: number;
  isWhole: boolean;
}

export interface RequestTrace {
  step(step: Step): void;
  /** Must be called once. */
  end(end: RequestEnd): void;
}

export interface RequestTraceOptions {
  writer: TraceWriter;
  /** Names the request; the same program may send many. */
  program: string;
  /** Seconds since the trace began. */
  now: () => number;
  /** Written only if whoever started the proxy asked for it. */
  question: string | undefined;
}

export function traceRequest({ writer, program, now, question }: RequestTraceOptions): RequestTrace {
  const trace = createProgramTrace({ program, now, write: (event) => writer.append(event) });
  let knob = 0;
  trace.arrive({ question });
  const request = trace.issue();
  return {
    step(step) {
      knob = step.knob;
      trace.step(step);
    },
    end({ reason, answer, usage, probeTokens, isWhole }) {
      const { prompt_tokens: promptTokens, completion_tokens: completion } = usage;
      trace.tokens(request, { tokens: Math.max(0, (completion ?? 0) - probeTokens), probeTokens, promptTokens });
      trace.stop(reason, knob);
      trace.finish({ answer, correct: null, degraded: !isWhole });
    },
  };
}
