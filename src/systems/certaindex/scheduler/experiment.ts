/**
 * Experiment 4: what the scheduler and certaindex are worth to a service with deadlines, on the virtual clock over many
 * seeds and on the live engine. Gives rows for the claim, each with what would bear it out said beforehand, and tables.
 */
import type { CommandContext } from "../../../core/command.ts";
import { armNamed, arms } from "./arms.ts";
import { chainsTasks, openChainsEngine } from "./chains-load.ts";
import { type LiveRun, type LiveSustained, liveSustainedRate, openLiveLab } from "./experiment-live.ts";
import { ageingRow, liveRows, type UnjudgedRow, virtualRows } from "./experiment-rows.ts";
import { type SustainedRow, type VirtualRow, virtualSustainedRates, virtualTable } from "./experiment-virtual.ts";
import { memoryBound } from "./pace.ts";

export interface SchedulingSizes {
  /** Of the virtual clock. */
  seeds: number;
  programs: number;
  /**
   * For the search of sustained rates. Many programs: what is above capacity for a short while only, a queue can hold,
   * and the rate found would be too high.
   */
  sustainedSeeds: number;
  sustainedPrograms: number;
  /** Of the live engine; few for its rates, for the same reason, but it takes real time. */
  livePrograms: number;
  liveSeeds: number;
  trials: number;
  /** Arms that run live, all at one rate; and rates, in parts of what the engine can do without certaindex. */
  liveArms: readonly string[];
  liveRates: { fcfs: readonly number[]; best: readonly number[] };
}

/** Quick takes some five minutes, full about forty, nearly all of them the live engine's. */
export const schedulingSizes: Record<"quick" | "full", SchedulingSizes> = {
  quick: {
    seeds: 10,
    programs: 300,
    sustainedSeeds: 3,
    sustainedPrograms: 600,
    livePrograms: 100,
    liveSeeds: 1,
    trials: 20,
    liveArms: ["fcfs", "gang", "sjf", "fcfs+C", "sjf+C"],
    liveRates: { fcfs: [0.6, 0.8, 1], best: [1.2, 1.5, 1.8] },
  },
  full: {
    seeds: 30,
    programs: 300,
    sustainedSeeds: 10,
    sustainedPrograms: 2000,
    livePrograms: 150,
    liveSeeds: 3,
    trials: 100,
    liveArms: arms.map(({ name }) => name),
    liveRates: { fcfs: [0.7, 0.8, 0.9, 1], best: [1.2, 1.5, 1.8, 2.1] },
  },
};

export interface SchedulingOptions extends Pick<CommandContext, "signal" | "progress"> {
  sizes: SchedulingSizes;
  /** Of questions and arrivals on the live engine. Default 0. */
  seed?: number;
  /** The model's folder; default the embedded one. */
  dir?: string;
  /** Default true. Without it nothing but the virtual clock is needed. */
  isLive?: boolean;
}

export interface SchedulingResult {
  rows: UnjudgedRow[];
  table: VirtualRow[];
  sustained: SustainedRow[];
  live: LiveRun[];
  liveSustained: { seed: number; fcfs: LiveSustained; best: LiveSustained }[];
}

/** Branches at a time on the live engine. */
const liveSlots = 16;

/** @throws the signal's reason when aborted */
export async function schedulingExperiment(options: SchedulingOptions): Promise<SchedulingResult> {
  const { sizes, progress, signal, isLive = true } = options;
  const seeds = Array.from({ length: sizes.seeds }, (_, index) => index);
  const rates = [1.2, 2, 2.5];
  const bar = progress({ label: "scheduling, virtual clock", total: rates.length * arms.length, unit: "arms" });
  let done = 0;
  const table = virtualTable({ seeds, programCount: sizes.programs, rates, onRow: () => bar.update(++done) });
  signal.throwIfAborted();
  const sustained = await virtualSustainedRates({
    seeds: seeds.slice(0, sizes.sustainedSeeds),
    programCount: sizes.sustainedPrograms,
  });
  bar.stop();
  signal.throwIfAborted();
  const { live, liveSustained } = isLive ? await runLivePart(options) : { live: [], liveSustained: [] };
  const rows = [...virtualRows(table, sustained), ageingRow(seeds, sizes.programs), ...liveRows(live, liveSustained)];
  return { rows, table, sustained, live, liveSustained };
}

async function runLivePart({ sizes, seed = 0, dir, progress, signal }: SchedulingOptions) {
  const { fcfs: low, best: high } = sizes.liveRates;
  const runsPerSeed = sizes.liveArms.length + low.length + high.length;
  const bar = progress({ label: "scheduling, live engine", total: sizes.liveSeeds * runsPerSeed, unit: "runs" });
  const engine = await openChainsEngine({ dir, maxRows: liveSlots, pace: memoryBound });
  const live: LiveRun[] = [];
  const liveSustained: SchedulingResult["liveSustained"] = [];
  try {
    for (let index = 0; index < sizes.liveSeeds; index++) {
      const own = seed + index;
      const tasks = chainsTasks(sizes.livePrograms, own);
      const lab = await openLiveLab({ engine, slots: liveSlots, tasks, trials: sizes.trials, seed: own, signal });
      for (const [done, name] of sizes.liveArms.entries()) {
        live.push(await lab.run(armNamed(name), { rate: 1.1 * lab.capacity, seed: own }));
        bar.update(index * runsPerSeed + done + 1);
      }
      const at = (parts: readonly number[]) => parts.map((part) => part * lab.capacity);
      const fcfs = await liveSustainedRate(lab, armNamed("fcfs"), at(low), own);
      const best = await liveSustainedRate(lab, armNamed("sjf+C"), at(high), own);
      liveSustained.push({ seed: own, fcfs, best });
      bar.update((index + 1) * runsPerSeed);
    }
  } finally {
    bar.stop();
    await engine.dispose();
  }
  return { live, liveSustained };
}
