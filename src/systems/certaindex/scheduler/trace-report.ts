/**
 * What a trace says: latencies, deadlines, fairness, tokens. From the events alone, so that any figure of an online run
 * can be computed again from its trace.
 */
import { mean, quantile } from "../../../core/statistics/index.ts";
import type { StopReason, TraceEvent } from "../schemas.ts";

/** One program of a trace that has ended. */
export interface ProgramOutcome {
  program: string;
  question: string | undefined;
  tenant: string | undefined;
  arrivedAt: number;
  /** Seconds from arrival to end. */
  latency: number;
  /** Seconds after arrival. */
  deadline: number | undefined;
  /** Generated, probes included. */
  tokens: number;
  promptTokens: number;
  /** Prompt tokens found in a cache. */
  cachedTokens: number;
  knob: number;
  reason: StopReason;
  answer: string | null;
  correct: boolean | null;
  /** The longest time that a request waited from its grant to its issue, seconds. */
  longestWait: number;
}

/** Programs in the order they ended; those that never did are left out. */
export function outcomesOf(events: Iterable<TraceEvent>): ProgramOutcome[] {
  const underway = new Map<string, ProgramOutcome & { grantedAt: number }>();
  const ended: ProgramOutcome[] = [];
  for (const event of events) {
    if (event.kind === "arrive") {
      underway.set(event.program, {
        program: event.program,
        question: event.question,
        tenant: event.tenant,
        arrivedAt: event.t,
        latency: 0,
        deadline: event.deadline,
        tokens: 0,
        promptTokens: 0,
        cachedTokens: 0,
        knob: 0,
        reason: "failed",
        answer: null,
        correct: null,
        longestWait: 0,
        grantedAt: event.t,
      });
      continue;
    }
    const program = underway.get(event.program);
    if (!program) continue; // what comes after a program's end, of branches that were cut off
    if (event.kind === "grant") program.grantedAt = event.t;
    else if (event.kind === "issue") program.longestWait = Math.max(program.longestWait, event.t - program.grantedAt);
    else if (event.kind === "token-count") {
      program.tokens += event.tokens + (event.probeTokens ?? 0);
      program.promptTokens += event.promptTokens ?? 0;
      program.cachedTokens += event.cachedTokens ?? 0;
    } else if (event.kind === "stop") Object.assign(program, { reason: event.reason, knob: event.knob });
    else if (event.kind === "finish") {
      underway.delete(event.program);
      const { grantedAt: _, ...outcome } = program;
      const { answer, correct } = event;
      ended.push({ ...outcome, latency: event.t - program.arrivedAt, answer, correct });
    }
  }
  return ended;
}

export interface LoadReport {
  programCount: number;
  /** Seconds. */
  latency: { mean: number; p50: number; p90: number; p99: number; max: number };
  /** Share of programs with a deadline that met it; null where none has one. */
  attainment: number | null;
  lateCount: number;
  /** Seconds per token of output, (finish - arrival) / tokens: what a token costs in waiting, whoever asked. */
  fairness: { mean: number; p50: number; p90: number };
  /** The longest time any request waited for its slot, seconds. */
  longestWait: number;
  tokens: number;
  tokensPerSecond: number;
  promptTokens: number;
  cachedTokens: number;
  /** Share of the judged answers that are right; null where none is judged. */
  accuracy: number | null;
  /** From the first arrival to the last end. */
  seconds: number;
}

/** Of all programs of a load: latency, attainment, fairness, tokens. */
export function summarise(outcomes: readonly ProgramOutcome[]): LoadReport {
  if (outcomes.length === 0) throw new RangeError("summarise: no program has ended");
  const sum = (pick: (one: ProgramOutcome) => number) => outcomes.reduce((total, one) => total + pick(one), 0);
  const latencies = outcomes.map(({ latency }) => latency);
  const phi = outcomes.map(phiOf);
  const bound = outcomes.filter(({ deadline }) => deadline !== undefined);
  const judged = outcomes.filter(({ correct }) => correct !== null);
  const share = (some: readonly unknown[], all: readonly unknown[]) =>
    all.length > 0 ? some.length / all.length : null;
  const late = bound.filter((one) => !isInTime(one));
  const begin = Math.min(...outcomes.map(({ arrivedAt }) => arrivedAt));
  const seconds = Math.max(...outcomes.map(({ arrivedAt, latency }) => arrivedAt + latency)) - begin;
  const tokens = sum((one) => one.tokens);
  return {
    programCount: outcomes.length,
    latency: {
      mean: mean(latencies),
      p50: quantile(latencies, 0.5),
      p90: quantile(latencies, 0.9),
      p99: quantile(latencies, 0.99),
      max: Math.max(...latencies),
    },
    attainment: bound.length > 0 ? 1 - late.length / bound.length : null,
    lateCount: late.length,
    fairness: { mean: mean(phi), p50: quantile(phi, 0.5), p90: quantile(phi, 0.9) },
    longestWait: Math.max(...outcomes.map(({ longestWait }) => longestWait)),
    tokens,
    tokensPerSecond: tokens / seconds,
    promptTokens: sum((one) => one.promptTokens),
    cachedTokens: sum((one) => one.cachedTokens),
    accuracy: share(
      judged.filter(({ correct }) => correct),
      judged,
    ),
    seconds,
  };
}

/** Whether a program ended before its deadline, were that so many times as long. */
export function isInTime({ latency, deadline = Number.POSITIVE_INFINITY }: ProgramOutcome, scale = 1): boolean {
  return latency <= scale * deadline;
}

/** Fairness of the paper: seconds waited per token of output. */
export function phiOf({ latency, tokens }: ProgramOutcome): number {
  return latency / Math.max(1, tokens);
}

/** The cumulative distribution of some numbers, at so many points: [value, share at most that]. */
export function cdf(values: readonly number[], points = 50): [value: number, share: number][] {
  return Array.from({ length: points }, (_, index) => {
    const share = (index + 1) / points;
    return [quantile(values, share), share];
  });
}
