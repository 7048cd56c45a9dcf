/**
 * Runs programs against something that generates: each arrives, asks its policy for units, issues one request per unit
 * through the scheduler, looks at what came of them, and asks again until it is refused. It is the same code on the
 * virtual clock and on a live engine; everything that happens is an event of the trace.
 * Source: Fu et al. 2024, arXiv 2412.20993, the states of the intra-program scheduler (new, granted, running,
 * terminated, aggregated).
 */
import type { Decision, Step, StopReason, TraceEvent } from "../schemas.ts";
import {
  createScheduler,
  type ScheduledRequest,
  type Scheduler,
  type SchedulerOptions,
  type Ticket,
} from "./scheduler.ts";
import type { Clock } from "./virtual-clock.ts";

/** What a unit of a program's knob came to. */
export interface BranchResult {
  /** Its number within the program, from 0. */
  index: number;
  tokens: number;
  /** Empty in a simulation. */
  text: string;
  /** Of the prompt, those found in a prefix cache. */
  cachedTokens: number;
}

/** A program as a load generator plans it. */
export interface PlannedProgram {
  id: string;
  /** Seconds after the start. */
  arriveAt: number;
  /** Seconds after its arrival. */
  deadline?: number;
  tenant?: string;
  question?: string;
  prompt?: string | readonly number[];
  promptTokens: number;
  /** Guess for a branch that nobody knows anything about. */
  estimatedTokens: number;
  /** Tokens of a branch, where they are known beforehand: simulations only. */
  tokensOf?(index: number): number;
  /** The program after these branches, in their order; it has no signals of its own making. */
  observe(results: readonly BranchResult[]): Step;
}

/** What generates: an engine, an endpoint or a model of one. */
export interface Executor {
  /** Branches at a time. */
  readonly slots: number;
  /**
   * @param done called once, later, with the result or the fault
   * @returns ends it early; `done` is then called with what there is
   */
  start(program: PlannedProgram, index: number, done: (result: BranchResult | Error) => void): () => void;
}

/** When to stop a program, and what is still to come of it. */
export interface Allocation {
  decide(program: PlannedProgram, steps: readonly Step[]): Decision;
  /** Units still to be spent, the granted ones included, for shortest job first. */
  remaining(program: PlannedProgram, steps: readonly Step[], granted: number): number;
}

export interface DriveOptions {
  clock: Clock;
  executor: Executor;
  /** Programs that have arrived are never turned away; `shedLate` is what there is against overload. */
  scheduler: Omit<SchedulerOptions, "maxWaiting">;
  allocation: Allocation;
  programs: readonly PlannedProgram[];
  record(event: TraceEvent): void;
  /** Ends all programs as they stand; those that have not arrived yet never do. */
  signal?: AbortSignal;
}

interface Running {
  readonly plan: PlannedProgram;
  readonly steps: Step[];
  readonly results: BranchResult[];
  /** Of the round under way. */
  readonly round: Map<Ticket, { index: number; abort?: () => void }>;
  branchCount: number;
  /** Units of the last grant still out. */
  remaining: number;
  failedCount: number;
  hasEnded: boolean;
}

/** @returns resolves when all programs have ended; on a virtual clock that is after its `run` */
export function drive(options: DriveOptions): Promise<void> {
  const { clock, executor, allocation, programs, record, signal } = options;
  const jobs = new Map<Ticket, Running>();
  const { promise, resolve } = Promise.withResolvers<void>();
  let leftCount = programs.length;
  let runningCount = 0;
  const scheduler: Scheduler = createScheduler(options.scheduler);
  const stamp = (program: Running) => ({ t: clock.now(), program: program.plan.id });

  function arrive(plan: PlannedProgram): void {
    const program: Running = {
      plan,
      steps: [],
      results: [],
      round: new Map(),
      branchCount: 0,
      remaining: 0,
      failedCount: 0,
      hasEnded: false,
    };
    const { deadline, tenant, question } = plan;
    record({
      ...stamp(program),
      kind: "arrive",
      ...(deadline && { deadline }),
      ...(tenant && { tenant }),
      ...(question && { question }),
    });
    ask(program);
  }

  /** The policy grants a round or ends the program. */
  function ask(program: Running) {
    const { plan, steps } = program;
    const decision = allocation.decide(plan, steps);
    if ("stop" in decision) return end(program, decision.stop);
    record({ ...stamp(program), kind: "grant", units: decision.grant });
    program.remaining = allocation.remaining(plan, steps, decision.grant);
    scheduler.programUpdated(plan.id, { remainingUnits: program.remaining });
    for (let unit = 0; unit < decision.grant; unit++) {
      const ticket = scheduler.add(requestOf(plan), ({ state }) => {
        if (state === "shed") end(program, "aborted");
      });
      program.round.set(ticket, { index: program.branchCount++ });
      jobs.set(ticket, program);
    }
    pump();
  }

  /** Fills free slots. */
  function pump(): void {
    while (runningCount < executor.slots) {
      const ticket = scheduler.next(clock.now());
      if (!ticket) return;
      const program = jobs.get(ticket)!;
      const branch = program.round.get(ticket)!;
      runningCount++;
      const { promptTokens } = program.plan;
      record({ ...stamp(program), kind: "issue", request: nameOf(program, branch.index), promptTokens });
      branch.abort = executor.start(program.plan, branch.index, (result) => finish(program, ticket, result));
    }
  }

  function finish(program: Running, ticket: Ticket, result: BranchResult | Error): void {
    const { plan, round, results } = program;
    const { index } = round.get(ticket)!;
    round.delete(ticket);
    jobs.delete(ticket);
    runningCount--;
    const { tokens, cachedTokens } = result instanceof Error ? { tokens: 0, cachedTokens: 0 } : result;
    scheduler.finished(ticket, { tokens }, clock.now());
    const counts = { tokens, promptTokens: plan.promptTokens, cachedTokens };
    record({ ...stamp(program), kind: "token-count", request: nameOf(program, index), ...counts });
    if (result instanceof Error) program.failedCount++;
    else results.push(result);
    if (!program.hasEnded) {
      program.remaining = Math.max(0, program.remaining - 1);
      scheduler.programUpdated(plan.id, { remainingUnits: program.remaining });
      if (round.size === 0) merge(program);
    }
    pump();
  }

  /** A round is done: one step per branch, in the order of their numbers, whichever came first. */
  function merge(program: Running) {
    const { plan, results, steps } = program;
    if (results.length === steps.length) return end(program, "failed"); // a whole round without a result
    results.sort((a, b) => a.index - b.index);
    while (steps.length < results.length) {
      const step = plan.observe(results.slice(0, steps.length + 1));
      steps.push(step);
      record({ ...stamp(program), kind: "certaindex", step });
    }
    ask(program);
  }

  function end(program: Running, reason: StopReason): void {
    if (program.hasEnded) return;
    program.hasEnded = true;
    const last = program.steps.at(-1);
    record({ ...stamp(program), kind: "stop", reason, knob: last?.knob ?? 0 });
    const degraded = program.failedCount > 0 && { degraded: true };
    record({
      ...stamp(program),
      kind: "finish",
      answer: last?.answer ?? null,
      correct: last?.correct ?? null,
      ...degraded,
    });
    scheduler.programEnded(program.plan.id, clock.now());
    for (const [ticket, { abort }] of program.round) {
      if (!abort) jobs.delete(ticket);
      else clock.after(0, abort); // not now: its slot would be filled in the middle of a decision
    }
    if (--leftCount === 0) resolve();
  }

  /** Programs that are still to come. */
  const planned = new Map<PlannedProgram, () => void>();
  for (const plan of programs) {
    const cancel = clock.after(plan.arriveAt - clock.now(), () => {
      planned.delete(plan);
      arrive(plan);
    });
    planned.set(plan, cancel);
  }
  const giveUp = () => {
    for (const cancel of planned.values()) cancel();
    leftCount -= planned.size;
    planned.clear();
    for (const program of new Set(jobs.values())) end(program, "aborted");
    if (leftCount === 0) resolve();
  };
  if (signal?.aborted) giveUp();
  else signal?.addEventListener("abort", giveUp, { once: true });
  if (leftCount === 0) resolve();
  return promise.finally(() => signal?.removeEventListener("abort", giveUp));
}

function nameOf({ plan }: Running, index: number): string {
  return `${plan.id}/${index}`;
}

function requestOf({
  id,
  arriveAt,
  prompt,
  promptTokens,
  estimatedTokens,
  deadline,
  tenant,
}: PlannedProgram): ScheduledRequest {
  return { program: id, arrivedAt: arriveAt, promptTokens, prompt, estimatedTokens, deadline, tenant };
}
