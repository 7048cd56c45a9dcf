/** What a request of the proxy leaves in the trace: the events of a program of one request. */
import { createProgramTrace, type Step, type StopReason, type TraceWriter } from "../../systems/certaindex/index.ts";

export interface RequestEnd {
  reason: StopReason;
  answer: string | null;
  isWhole: boolean;
}

export interface SpentTokens {
  promptTokens: number;
  /** Generated, without those of probes. */
  tokens: number;
  probeTokens: number;
}

export interface RequestTrace {
  /** The upstream is asked; for a second time, too: what stands before it no longer counts then. */
  begin(): void;
  step(step: Step): void;
  /** What the asking cost; once for each. */
  spend(spent: SpentTokens): void;
  /** The first end counts. */
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
  let [knob, request, isEnded] = [0, "", false];
  return {
    begin() {
      knob = 0;
      trace.arrive({ question });
      request = trace.issue();
    },
    step(step) {
      knob = step.knob;
      trace.step(step);
    },
    spend: (spent) => trace.tokens(request, spent),
    end({ reason, answer, isWhole }) {
      if (isEnded) return;
      isEnded = true;
      trace.stop(reason, knob);
      trace.finish({ answer, correct: null, degraded: !isWhole });
    },
  };
}
