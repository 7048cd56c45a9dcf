/**
 * What a program did, as it happens. A trace is append-only: a program that was begun again after a crash has a second
 * `arrive`, and what stands before it no longer counts.
 */
import type { Step, StopReason, TraceEvent } from "../schemas.ts";

type Without<Event, Keys extends string> = Event extends unknown ? Omit<Event, Keys> : never;
type EventBody = Without<TraceEvent, "t" | "program">;

export interface TraceOptions {
  program: string;
  /** Seconds since the trace began. */
  now: () => number;
  write: (event: TraceEvent) => void;
}

/** The lines of one program. */
export interface ProgramTrace {
  arrive(details: { deadline?: number | undefined; tenant?: string | undefined; question?: string | undefined }): void;
  grant(units: number): void;
  /** @returns the name of the request */
  issue(): string;
  tokens(
    request: string,
    counts: { tokens: number; probeTokens?: number; promptTokens?: number; cachedTokens?: number },
  ): void;
  step(step: Step): void;
  stop(reason: StopReason, knob: number): void;
  finish(end: { answer: string | null; correct: boolean | null; degraded: boolean }): void;
}

export function createProgramTrace({ program, now, write }: TraceOptions): ProgramTrace {
  let requestCount = 0;
  const say = (event: EventBody) => write({ t: now(), program, ...event } as TraceEvent);
  return {
    arrive: ({ deadline, tenant, question }) =>
      say({
        kind: "arrive",
        ...(deadline !== undefined && { deadline }),
        ...(tenant !== undefined && { tenant }),
        ...(question !== undefined && { question }),
      }),
    grant: (units) => say({ kind: "grant", units }),
    issue() {
      const request = `${program}#${++requestCount}`;
      say({ kind: "issue", request });
      return request;
    },
    tokens: (request, counts) => say({ kind: "token-count", request, ...counts }),
    step: (step) => say({ kind: "certaindex", step }),
    stop: (reason, knob) => say({ kind: "stop", reason, knob }),
    finish: ({ answer, correct, degraded }) =>
      say({ kind: "finish", answer, correct, ...(degraded && { degraded: true as const }) }),
  };
}
