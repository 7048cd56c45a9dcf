/**
 * Experiment 4 on the virtual clock: the reference simulation of the spec (section 6), over as many seeds as wanted.
 * 40 slots of 50 tokens a second, rounds of 5 branches, cap 20, lengths lognormal around 60 tokens (sigma 0.7), 55 % of
 * the programs settled after 5. All arms of a seed have the same programs and the same arrivals.
 *
 * The spec leaves open which programs are hard. Ours: what settles is always right (difficulty 1); of the rest 35 in
 * 50 vary (2) and 15 are never right (3), as in its mix of questions.
 */
import { Random } from "../../../core/random.ts";
import { bootstrapInterval, type Interval } from "../../../core/statistics/index.ts";
import { type Arm, allocationOf, arms } from "./arms.ts";
import { planLoad } from "./load.ts";
import { simulate } from "./simulator.ts";
import { attainmentOf, findSustainedRate, tightestScale } from "./slo.ts";
import { type LoadReport, outcomesOf, type ProgramOutcome, summarise } from "./trace-report.ts";
import { constantSpeed } from "./virtual-executor.ts";
import { syntheticPrograms } from "./workload.ts";

const [slots, tokensPerSecond] = [40, 50];

export interface ReferenceLoad {
  seed: number;
  /** Programs a second. */
  rate: number;
  programCount: number;
  /** Seconds, at difficulty 1. */
  baseDeadline: number;
  /** Default that of the order. */
  ageingSeconds?: number;
}

/** One run of one arm. */
export function runReference({ policy, ...arm }: Arm, load: ReferenceLoad): ProgramOutcome[] {
  const random = new Random(`reference-${load.seed}`);
  const templates = syntheticPrograms({ count: load.programCount, random: random.split("programs") });
  const hard = random.split("difficulty");
  const difficulties = new Map(templates.map(({ id, isSettled }) => [id, isSettled ? 1 : hard.bool(0.7) ? 2 : 3]));
  const programs = planLoad(templates, {
    rate: load.rate,
    random: random.split("arrivals"),
    baseDeadline: load.baseDeadline,
    difficultyOf: ({ id }) => difficulties.get(id)!,
  });
  const scheduler = { policy, ageingSeconds: load.ageingSeconds };
  const allocation = allocationOf({ policy, ...arm });
  return outcomesOf(simulate({ programs, scheduler, allocation, speed: constantSpeed(slots, tokensPerSecond) }));
}

/** What one arm does at one rate, over the seeds. */
export interface VirtualRow {
  arm: Arm;
  rate: number;
  /** By seed. */
  reports: LoadReport[];
  meanLatency: Interval;
  p90: Interval;
  attainment: Interval;
  /** The smallest deadlines, in parts of those given, that 90 % still meet. */
  tightestScale: Interval;
  /** Of all seeds, seconds. */
  longestWait: number;
}

export interface VirtualOptions {
  seeds: readonly number[];
  programCount: number;
  rates: readonly number[];
  /** Told after each row. */
  onRow?(row: VirtualRow): void;
}

/** The reference's deadline. A full run takes 12 s without any load, so at difficulty 1 only stopping meets it. */
const referenceDeadline = 6;

export function virtualTable({ seeds, programCount, rates, onRow }: VirtualOptions): VirtualRow[] {
  const rows: VirtualRow[] = [];
  for (const rate of rates) {
    for (const arm of arms) {
      const runs = seeds.map((seed) =>
        runReference(arm, { seed, rate, programCount, baseDeadline: referenceDeadline }),
      );
      const reports = runs.map(summarise);
      const over = (values: number[]) => bootstrapInterval(values);
      const row: VirtualRow = {
        arm,
        rate,
        reports,
        meanLatency: over(reports.map(({ latency }) => latency.mean)),
        p90: over(reports.map(({ latency }) => latency.p90)),
        attainment: over(reports.map(({ attainment }) => attainment!)),
        tightestScale: over(runs.map((outcomes) => tightestScale(outcomes))),
        longestWait: Math.max(...reports.map(({ longestWait }) => longestWait)),
      };
      rows.push(row);
      onRow?.(row);
    }
  }
  return rows;
}

export interface SustainedRow {
  arm: Arm;
  /** Programs a second, by seed. */
  rates: number[];
  rate: Interval;
  /** Over that of fcfs without certaindex, seed by seed. */
  gain: Interval;
}

/** Seconds that a full run at difficulty 1 may take here: twice what it needs when nobody else is there. */
export const sustainedDeadline = 24;

/** The largest rate at which 90 % meet their deadlines, arm by arm. */
export async function virtualSustainedRates({
  seeds,
  programCount,
}: Pick<VirtualOptions, "seeds" | "programCount">): Promise<SustainedRow[]> {
  const found = new Map<Arm, number[]>();
  for (const arm of arms) {
    const rates: number[] = [];
    for (const seed of seeds) {
      const measure = (rate: number) =>
        attainmentOf(runReference(arm, { seed, rate, programCount, baseDeadline: sustainedDeadline }));
      const { rate } = await findSustainedRate(measure, { start: arm.isStopping ? 1.6 : 1, factor: 1.3, halvings: 4 });
      rates.push(rate);
    }
    found.set(arm, rates);
  }
  const baseline = found.get(arms.find(({ name }) => name === "fcfs")!)!;
  return [...found].map(([arm, rates]) => ({
    arm,
    rates,
    rate: bootstrapInterval(rates),
    gain: bootstrapInterval(rates.map((rate, index) => rate / baseline[index]!)),
  }));
}
