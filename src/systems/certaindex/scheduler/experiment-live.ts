/**
 * Experiment 4 on the live engine: the questions of the miniature arrive as a Poisson process, in real time, and the
 * same scheduler that the simulator runs puts their branches on the engine. Each run is then simulated, with the speed
 * that the engine showed in it: what the two disagree on is the simulator's mistake and not the machine's mood.
 */
import { Random } from "../../../core/random.ts";
import { bootstrapInterval, type Interval, mean } from "../../../core/statistics/index.ts";
import type { Engine } from "../../../language/engine/index.ts";
import type { Policy, TraceEvent } from "../schemas.ts";
import { type Arm, allocationOf, paperPolicy } from "./arms.ts";
import { chainsSampling } from "./chains-load.ts";
import type { Executor } from "./drive.ts";
import { engineExecutor, runLive } from "./live.ts";
import { planLoad } from "./load.ts";
import { type RecordedTask, recordTasks } from "./recorder.ts";
import type { SchedulerOptions } from "./scheduler.ts";
import { simulate } from "./simulator.ts";
import { sustainedRate } from "./slo.ts";
import { type MeasuredSpeed, measureSpeed, speedFrom } from "./speed.ts";
import { isInTime, type LoadReport, outcomesOf, type ProgramOutcome, summarise } from "./trace-report.ts";
import type { EngineSpeed } from "./virtual-executor.ts";
import type { VotingTask } from "./voting.ts";

export interface LiveLabOptions {
  /** With at least `slots` rows; stays the caller's. */
  engine: Engine;
  slots: number;
  tasks: readonly VotingTask[];
  /** Branches per question for difficulties, at least 20. */
  trials: number;
  seed: number;
  /** Of the arms with certaindex; default the paper's. */
  policy?: Policy;
  /** Seconds at difficulty 1; default twice what 90 % of full runs need when nobody else is there. */
  deadline?: number;
  ageingSeconds?: number;
  shedLate?: boolean;
  signal?: AbortSignal;
}

/** A live engine, and what is known of it and the questions before any load. */
export interface LiveLab {
  readonly tasks: readonly RecordedTask[];
  /** Of the run that recorded them: what the engine does with all slots busy. */
  readonly speed: MeasuredSpeed;
  /** Full programs a second with all slots busy. */
  readonly capacity: number;
  /** Seconds, at difficulty 1. */
  readonly baseDeadline: number;
  run(arm: Arm, load: LiveLoad): Promise<LiveRun>;
}

export interface LiveLoad {
  /** Programs a second. */
  rate: number;
  /** Of the arrivals. */
  seed: number;
  /** Told of each event. */
  record?(event: TraceEvent): void;
}

export interface LiveRun {
  arm: Arm;
  rate: number;
  events: TraceEvent[];
  outcomes: ProgramOutcome[];
  report: LoadReport;
  /** The same programs, arrivals and order on the virtual clock. */
  simulated: LoadReport;
  /** Mean latency simulated over live. */
  agreement: number;
}

export async function openLiveLab(options: LiveLabOptions): Promise<LiveLab> {
  const { engine, slots, seed, policy = paperPolicy, ageingSeconds, shedLate, signal } = options;
  const executor: Executor = engineExecutor(engine, { ...chainsSampling, slots, seed });
  const { recorded: tasks, events } = await recordTasks(executor, options.tasks, {
    policy,
    trials: options.trials,
    signal,
  });
  const measured = measureSpeed([events]);
  const full = tasks.map(({ recorded }) => Array.from({ length: policy.cap }, (_, i) => recorded.tokensOf!(i)));
  const speed = speedFrom(measured, slots);
  const tokens = mean(full.map((lengths) => lengths.reduce((sum, one) => sum + one, 0)));
  const capacity = slots / speed.secondsPerStep(slots) / tokens;
  const plan = (
    kind: "live" | "recorded",
    { rate, seed: arrivals }: Pick<LiveLoad, "rate" | "seed">,
    baseDeadline?: number,
  ) =>
    planLoad(
      tasks.map((task) => task[kind]),
      {
        rate,
        random: new Random(`live-${arrivals}`),
        baseDeadline,
        difficultyOf: difficulties(tasks),
      },
    );
  const simulateArm = (arm: Arm, load: Pick<LiveLoad, "rate" | "seed">, speed: EngineSpeed, baseDeadline?: number) =>
    summarise(
      outcomesOf(
        simulate({
          programs: plan("recorded", load, baseDeadline),
          scheduler: { policy: arm.policy, ageingSeconds, shedLate },
          allocation: allocationOf(arm, policy),
          speed,
        }),
      ),
    );
  const alone = { name: "alone", policy: "fcfs", isStopping: false } as const;
  const baseDeadline =
    options.deadline ?? 2 * simulateArm(alone, { rate: 1e-4 * capacity, seed: 0 }, speed).latency.p90;

  return {
    tasks,
    speed: measured,
    capacity,
    baseDeadline,
    async run(arm, { record, ...load }) {
      const scheduler: SchedulerOptions = {
        policy: arm.policy,
        ageingSeconds,
        shedLate,
        prefixes: { cachedLength: (prompt) => (typeof prompt === "string" ? 0 : engine.cachedLength(prompt)) },
      };
      engine.forgetPrefixes(); // every arm meets an engine that knows none of the questions
      const programs = plan("live", load, baseDeadline);
      const allocation = allocationOf(arm, policy);
      const trace = await runLive({ executor, programs, scheduler, allocation, record, signal });
      signal?.throwIfAborted();
      const outcomes = outcomesOf(trace);
      const report = summarise(outcomes);
      const simulated = simulateArm(arm, load, speedFrom(measureSpeed([trace]), slots), baseDeadline);
      return {
        arm,
        rate: load.rate,
        events: trace,
        outcomes,
        report,
        simulated,
        agreement: simulated.latency.mean / report.latency.mean,
      };
    },
  };
}

function difficulties(tasks: readonly RecordedTask[]): (program: { id: string }) => number {
  const factors = new Map(tasks.map(({ live, difficulty }) => [live.id, difficulty.factor]));
  return ({ id }) => factors.get(id)!;
}

/** An arm at several rates. */
export interface LiveSustained {
  arm: Arm;
  runs: LiveRun[];
  /** Programs a second. */
  rate: number;
  /** Even the highest rate tried was sustained. */
  isBeyond: boolean;
}

export async function liveSustainedRate(
  lab: LiveLab,
  arm: Arm,
  rates: readonly number[],
  seed: number,
): Promise<LiveSustained> {
  const runs: LiveRun[] = [];
  for (const rate of rates) runs.push(await lab.run(arm, { rate, seed }));
  return { arm, runs, ...sustainedRate(runs.map((run) => ({ rate: run.rate, attainment: run.report.attainment! }))) };
}

/** How many times the rate of `before` the arm of `after` sustains; programs are drawn anew, the same in both. */
export function sustainedGain(before: LiveSustained, after: LiveSustained): Interval {
  const flags = [before, after].map(({ runs }) =>
    runs.map(({ rate, outcomes }) => ({ rate, inTime: inTimeOf(outcomes) })),
  );
  const programs = [...flags[0]![0]!.inTime.keys()];
  const rateOf = (arm: (typeof flags)[number], sample: readonly string[]) =>
    sustainedRate(
      arm.map(({ rate, inTime }) => ({ rate, attainment: mean(sample.map((id) => Number(inTime.get(id) ?? false))) })),
    ).rate;
  return bootstrapInterval(programs, {
    resampleCount: 1000,
    method: "percentile",
    // A sample in which the baseline sustains nothing says no more than that the gain is large: the lowest rate stands.
    statistic: (sample) => rateOf(flags[1]!, sample) / Math.max(rateOf(flags[0]!, sample), before.runs[0]!.rate),
  });
}

function inTimeOf(outcomes: readonly ProgramOutcome[]): Map<string, boolean> {
  return new Map(outcomes.map((one) => [one.program, isInTime(one)]));
}
