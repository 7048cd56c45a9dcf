/** The rows of experiment 4 for the claim: each says beforehand which values would bear it out. */
import type { ClaimRow } from "../../../core/claim.ts";
import { bootstrapInterval, type Interval, mean } from "../../../core/statistics/index.ts";
import { armNamed } from "./arms.ts";
import type { SchedulingResult } from "./experiment.ts";
import { type LiveRun, sustainedGain } from "./experiment-live.ts";
import { runReference, type SustainedRow, type VirtualRow } from "./experiment-virtual.ts";

export type UnjudgedRow = Omit<ClaimRow, "verdict" | "reason">;

/** Mean of a figure of one arm over that of another, seed by seed. */
function ratio(a: VirtualRow, b: VirtualRow, figure: (row: VirtualRow["reports"][number]) => number): Interval {
  return bootstrapInterval(a.reports.map((report, index) => figure(report) / figure(b.reports[index]!)));
}

export function virtualRows(table: readonly VirtualRow[], sustained: readonly SustainedRow[]): UnjudgedRow[] {
  const find = (name: string, rate: number) => table.find((row) => row.arm.name === name && row.rate === rate)!;
  const gain = (name: string) => sustained.find(({ arm }) => arm.name === name)!.gain;
  const meanOf = ({ latency }: VirtualRow["reports"][number]) => latency.mean;
  return [
    {
      id: "S1",
      claim: "Simulated, certaindex with shortest job first sustains a higher rate than first come first served",
      published: "1.6-3.3",
      unit: "times",
      measured: gain("sjf+C"),
      wanted: { atLeast: 1.5 },
      control: { label: "gang without certaindex", measured: gain("gang") },
    },
    {
      id: "S2",
      claim:
        "Simulated above capacity (2/s), 90 % of the programs are done sooner as gangs than first come first served",
      published: null,
      unit: "of fcfs",
      measured: ratio(find("gang", 2), find("fcfs", 2), ({ latency }) => latency.p90),
      wanted: { atMost: 1 },
    },
    {
      id: "S3",
      claim: "Simulated with certaindex at 2.5/s, shortest job first has a lower mean latency than gangs",
      published: 0.84,
      unit: "of gang",
      measured: ratio(find("sjf+C", 2.5), find("gang+C", 2.5), meanOf),
      wanted: { atMost: 1 },
    },
    {
      id: "S4",
      claim: "The same without certaindex at 2/s: all programs are equally long to the eye, and nothing is to be had",
      published: null,
      unit: "of gang",
      measured: ratio(find("sjf", 2), find("gang", 2), meanOf),
    },
    {
      id: "S5",
      claim: "Simulated above capacity (2/s), gangs have a lower mean latency than longest prefix match",
      published: 0.75,
      unit: "of lpm",
      measured: ratio(find("gang", 2), find("lpm", 2), meanOf),
    },
  ];
}

/** Shortest job first can starve; with ageing nobody waits longer than under gangs by more than the limit. */
export function ageingRow(seeds: readonly number[], programCount: number): UnjudgedRow {
  const ageingSeconds = 20;
  const longest = (name: string, seed: number, limit?: number) => {
    const load = { seed, rate: 2.5, programCount, baseDeadline: 6, ageingSeconds: limit };
    return Math.max(...runReference(armNamed(name), load).map(({ latency }) => latency));
  };
  const excess = (limit: number) =>
    bootstrapInterval(seeds.map((seed) => longest("sjf+C", seed, limit) - longest("gang+C", seed)));
  return {
    id: "S6",
    claim: `No program starves: with an ageing limit of ${ageingSeconds} s the longest latency exceeds that of gangs by no more`,
    published: null,
    unit: "s",
    measured: excess(ageingSeconds),
    wanted: { atMost: ageingSeconds },
    control: { label: "without ageing", measured: excess(1e9) },
  };
}

export function liveRows(live: readonly LiveRun[], sustained: SchedulingResult["liveSustained"]): UnjudgedRow[] {
  if (live.length === 0) return [];
  const gains = sustained.map(({ fcfs, best }) => sustainedGain(fcfs, best));
  const agreements = live.map(({ agreement }) => agreement);
  const over = (name: string, other: string) => {
    const pick = (wanted: string) =>
      live.filter(({ arm }) => arm.name === wanted).map(({ report }) => report.latency.mean);
    const [a, b] = [pick(name), pick(other)];
    return bootstrapInterval(a.map((value, index) => value / b[index]!));
  };
  return [
    {
      id: "S7",
      claim: "Live, certaindex with shortest job first sustains a higher rate than first come first served",
      published: "1.6-3.3",
      unit: "times",
      measured: gains.length === 1 ? gains[0]! : bootstrapInterval(gains.map(({ value }) => value)),
      wanted: { atLeast: 1.5 },
    },
    {
      id: "S8",
      claim: "The simulator's mean latency is that of the live engine within 20 %, arm by arm",
      published: null,
      unit: "of live",
      measured: { value: mean(agreements), low: Math.min(...agreements), high: Math.max(...agreements), level: 1 },
      wanted: { atLeast: 0.8, atMost: 1.2 },
    },
    {
      id: "S9",
      claim: "Live above capacity, gangs have a lower mean latency than first come first served",
      published: null,
      unit: "of fcfs",
      measured: over("gang", "fcfs"),
    },
    {
      id: "S10",
      claim: "Live above capacity, shortest job first has a lower mean latency than gangs",
      published: 0.84,
      unit: "of gang",
      measured: over("sjf", "gang"),
    },
  ];
}
