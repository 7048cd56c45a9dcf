/**
 * What a rating is worth, in a world where the truth is known: bias under two sets of rules, spread of averaged contests
 * against a sequence of updates, coverage of intervals; and the percentiles that the paper prints.
 * Source: section 6 A of the CodeElo specification, statements 1 and 4 of its section 9; Quan et al. 2025, tables 1 and 3.
 */
import { clopperPearson } from "../../../core/statistics/index.ts";
import { simulationReport } from "../rating/describe.ts";
import { percentile } from "../rating/percentile.ts";
import { FULL_SIMULATION, type Simulation, simulate } from "../rating/simulate.ts";
import { certain, type Findings, inPercent, type UnjudgedRow } from "./rows.ts";

/** Ratings of the paper with their percentiles. */
const published = [
  ["o1-mini", 1578, 89.2],
  ["QwQ-32B-Preview", 1261, 63.6],
] as const;

export async function ratingExperiment(
  seed: number,
  context: { signal: AbortSignal; onProgress(share: number): void },
): Promise<Findings> {
  const seeds = FULL_SIMULATION.seeds.map((offset) => seed + offset);
  const simulation = await simulate({ ...FULL_SIMULATION, seeds }, context);
  return {
    rows: [...percentileRows(), ...simulationRows(simulation)],
    sections: simulationReport(simulation).sections,
  };
}

function percentileRows(): UnjudgedRow[] {
  return published.map(([model, rating, share], index) => ({
    id: `P${index + 1}`,
    claim: `A rating of ${rating} (${model}) is better than so many rated people`,
    published: share,
    unit: "%",
    measured: certain(percentile(rating)),
    wanted: { atLeast: share, atMost: share },
  }));
}

function simulationRows({ biases, spread, coverage }: Simulation): UnjudgedRow[] {
  const biasUnder = (name: string) => biases.find((one) => one.rules === name)!.bias;
  const [people, protocol] = [biasUnder("as people"), biasUnder("published protocol")];
  const ratioAfter = (count: number) => spread.find(({ contestCount }) => contestCount === count)!.ratio;
  return [
    {
      id: "A1",
      claim: "A bot under people's rules is rated at its true skill",
      published: null,
      unit: "points",
      measured: people,
      wanted: { atLeast: -50, atMost: 50 },
      control: { label: "the same bots under the published protocol", measured: protocol },
    },
    {
      id: "A2",
      claim: "The published protocol (8 attempts, all at minute 0) rates a bot above its skill",
      published: null,
      unit: "points",
      measured: protocol,
      wanted: { atLeast: 120, atMost: 450 },
      control: { label: "the same bots under people's rules", measured: people },
    },
    {
      id: "A3",
      claim: "The mean of 20 independent contests varies less than a sequence of 20 updates (ratio of deviations)",
      published: "lower variance",
      measured: ratioAfter(20),
      wanted: { atMost: 0.9 },
      control: { label: "after 5 contests, where the sequence still clings to its start", measured: ratioAfter(5) },
    },
    {
      id: "A4",
      claim: "95 % intervals of the mean hold the true skill",
      published: null,
      unit: "%",
      measured: inPercent(clopperPearson(coverage.covered, coverage.count)),
      wanted: { atLeast: 85, atMost: 99 },
    },
  ];
}
