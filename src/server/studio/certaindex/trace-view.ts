/** A trace as programs: every figure is made of its rows, and the rows go along. */
import { stat } from "node:fs/promises";
import {
  describePolicy,
  type LoadReport,
  outcomesOf,
  type Policy,
  readTrace,
  summarise,
  type TraceEvent,
} from "../../../systems/certaindex/index.ts";
import type { LoadView, ProgramRequest, ProgramRow, ProgramView } from "./contract.ts";

/** More bars than this are no longer told apart. */
const shownPrograms = 400;

/** The rows by program, in the order of their arrival; one that was begun again counts from its last arrival. */
export type Traced = ReadonlyMap<string, readonly TraceEvent[]>;

/** Reads a trace, again only when it has grown. */
export function createTraceReader(): (path: string) => Promise<{ events: TraceEvent[]; programs: Traced }> {
  const known = new Map<string, { stamp: string; read: { events: TraceEvent[]; programs: Traced } }>();
  return async (path) => {
    const { size, mtimeMs } = await stat(path);
    const stamp = `${size} ${mtimeMs}`;
    const old = known.get(path);
    if (old?.stamp === stamp) return old.read;
    const events = await Array.fromAsync(readTrace(path));
    const read = { events, programs: byProgram(events) };
    known.delete(path);
    known.set(path, { stamp, read });
    if (known.size > 8) known.delete(known.keys().next().value!);
    return read;
  };
}

function byProgram(events: readonly TraceEvent[]): Traced {
  const programs = new Map<string, TraceEvent[]>();
  for (const event of events) {
    if (event.kind === "arrive") programs.set(event.program, [event]);
    else programs.get(event.program)?.push(event);
  }
  return programs;
}

export function toProgramRow(program: string, events: readonly TraceEvent[]): ProgramRow {
  const steps = events.filter((event) => event.kind === "certaindex");
  const stop = events.find((event) => event.kind === "stop");
  const finish = events.find((event) => event.kind === "finish");
  const arrive = events.find((event) => event.kind === "arrive");
  const stopped = stop ? steps.findLast(({ step }) => step.knob <= stop.knob) : undefined;
  const last = stopped ?? steps.at(-1);
  return {
    program,
    question: arrive?.question ?? null,
    stepCount: steps.length,
    tokens: last?.step.tokens ?? 0,
    signals: last?.step.signals ?? {},
    answer: finish ? finish.answer : (last?.step.answer ?? null),
    correct: finish ? finish.correct : null,
    reason: finish ? (stop?.reason ?? null) : null,
    isShadowed: stop !== undefined && steps.some(({ step }) => step.knob > stop.knob),
  };
}

export function toProgramView(program: string, events: readonly TraceEvent[], policy: Policy | null): ProgramView {
  const requests = new Map<string, ProgramRequest>();
  for (const event of events) {
    if (event.kind === "issue") {
      const { request, t } = event;
      requests.set(request, { request, issuedAt: t, endedAt: null, tokens: 0, probeTokens: 0 });
    }
    const open = event.kind === "token-count" ? requests.get(event.request) : undefined;
    if (open && event.kind === "token-count") {
      open.endedAt = event.t;
      open.tokens += event.tokens;
      open.probeTokens += event.probeTokens ?? 0;
    }
  }
  const stop = events.find((event) => event.kind === "stop");
  const finish = events.find((event) => event.kind === "finish");
  return {
    ...toProgramRow(program, events),
    arrivedAt: events[0]!.t,
    requests: [...requests.values()],
    steps: events.flatMap((event) => (event.kind === "certaindex" ? [{ ...event.step, t: event.t }] : [])),
    stop: stop ? { t: stop.t, knob: stop.knob } : null,
    finish: finish ? { t: finish.t, answer: finish.answer, correct: finish.correct } : null,
    policy,
    policyWords: policy && describePolicy(policy),
    events: [...events],
  };
}

export function toLoadView(events: readonly TraceEvent[]): LoadView {
  const outcomes = outcomesOf(events);
  const changes = outcomes
    .flatMap(({ arrivedAt, latency }) => [
      { t: arrivedAt, change: 1 },
      { t: arrivedAt + latency, change: -1 },
    ])
    .sort((a, b) => a.t - b.t);
  let count = 0;
  const active = changes.map(({ t, change }) => {
    count += change;
    return { t, count };
  });
  return {
    report: summarise(outcomes) as LoadReport,
    programs: outcomes
      .toSorted((a, b) => a.arrivedAt - b.arrivedAt)
      .slice(0, shownPrograms)
      .map(({ program, tenant, arrivedAt, latency, deadline, reason, tokens }) => ({
        program,
        tenant: tenant ?? null,
        arrivedAt,
        latency,
        deadline: deadline ?? null,
        reason,
        tokens,
      })),
    active,
  };
}
