/**
 * The rows of the claim: each says beforehand which values would bear it out (papers/overthinking sections 6 and 9).
 * Published figures are those of QwQ-32B-Preview on MATH500 (the paper's tables 1 and 4, section 2.5).
 */
import type { ClaimRow, Wanted } from "../../../core/claim.ts";
import type { Interval } from "../../../core/statistics/index.ts";
import {
  changeOf,
  MEASURES,
  type Measure,
  measureAfter,
  type ProblemScores,
  pairedIntervals,
  type Statistic,
  tokenCut,
} from "../training/scores.ts";
import type { ArmName } from "./arms.ts";
import type { Experiment, Measurement } from "./measure.ts";

export type UnjudgedRow = Omit<ClaimRow, "verdict" | "reason">;

type Decoding = "greedy" | "sampled";
type Choice = (scores: ProblemScores) => boolean;

const everyLevel: Choice = () => true;
const atLevel5: Choice = ({ level }) => level === 5;

/** Rows whose arms were measured; shown-only rows have no `wanted`. */
export function claimRows(experiment: Experiment): UnjudgedRow[] {
  return [
    ...baseRows(experiment),
    ...reflectionRows(experiment),
    ...trimmingRows(experiment),
    ...methodRows(experiment),
  ];
}

function baseRows({ base }: Experiment): UnjudgedRow[] {
  const own = (measure: Measure) => figure(base, base, "greedy", measureAfter(measure));
  return [
    percentRow("B1", "the base model's outcome efficiency (greedy)", 52.3, own("outcome"), { atLeast: 40, atMost: 50 }),
    percentRow("B2", "its first solution is right already (greedy)", "> 92", own("firstCorrect"), { atLeast: 88 }),
    {
      id: "B3",
      claim: "it solves easy problems more often: solutions at levels 1-2 minus levels 4-5 (greedy)",
      published: 0.7,
      measured: easyMinusHard(base, base, "greedy", measureAfter("solutionCount")),
      wanted: { atLeast: 0 },
    },
    {
      id: "B4",
      claim: "and yet tokens rise with the level: levels 4-5 minus levels 1-2 (greedy)",
      published: "1.9K",
      unit: "tokens",
      measured: negated(easyMinusHard(base, base, "greedy", measureAfter("tokenCount"))),
      wanted: { atLeast: 0 },
    },
  ];
}

/** SimPO on first correct solution plus reflection: the paper's best arm. */
function reflectionRows(experiment: Experiment): UnjudgedRow[] {
  const { base, arms } = experiment;
  const arm = arms.get("simpo-fcs-reflection");
  if (!arm) return [];
  const coin = arms.get("coin");
  const control = (measure: (other: Measurement[]) => Interval) =>
    coin && { control: { label: "which response is preferred, by a coin", measured: percent(measure(coin)) } };
  const cut = (decoding: Decoding) => (other: Measurement[]) => figure(base, other, decoding, tokenCut);
  const gain = (other: Measurement[]) => figure(base, other, "greedy", changeOf("outcome"));
  return [
    {
      ...percentRow("R1", "SimPO FCS+Reflection saves tokens (greedy)", 44.7, cut("greedy")(arm), { atLeast: 30 }),
      ...control(cut("greedy")),
    },
    {
      ...percentRow("R2", "the same at temperature 1", null, cut("sampled")(arm), { atLeast: 30 }),
      ...control(cut("sampled")),
    },
    pointsRow("R3", "at the same accuracy (greedy)", -0.2, figure(base, arm, "greedy", changeOf("accuracy")), {
      atLeast: -2,
      atMost: 2,
    }),
    pointsRow("R4", "the same at temperature 1", null, figure(base, arm, "sampled", changeOf("accuracy")), {
      atLeast: -2,
      atMost: 2,
    }),
    { ...pointsRow("R5", "outcome efficiency rises (greedy)", 27.7, gain(arm), { atLeast: 10 }), ...control(gain) },
    {
      id: "R6",
      claim: "rounds fall most on easy problems: fall at levels 1-2 minus levels 4-5 (greedy)",
      published: null,
      unit: "solutions",
      measured: easyMinusHard(base, arm, "greedy", (before, after) => before.solutionCount - after.solutionCount),
      wanted: { atLeast: 0 },
    },
  ];
}

/** Training on the first correct solution alone: shortest, and wrong more often where it matters. */
function trimmingRows({ base, arms }: Experiment): UnjudgedRow[] {
  const rows: UnjudgedRow[] = [];
  const fcs = arms.get("simpo-fcs");
  const coin = arms.get("coin");
  if (fcs) {
    const hard = (other: Measurement[]) => percent(figure(base, other, "sampled", changeOf("accuracy"), atLevel5));
    rows.push(
      percentRow("F1", "SimPO FCS saves more tokens still (greedy)", 57.8, figure(base, fcs, "greedy", tokenCut), {
        atLeast: 50,
        atMost: 65,
      }),
      {
        id: "F2",
        claim: "and answers the hardest problems worse: accuracy at level 5, temperature 1",
        published: "−2.0 over all levels",
        unit: "points",
        measured: hard(fcs),
        wanted: { atMost: 0 },
        ...(coin && { control: { label: "which response is preferred, by a coin", measured: hard(coin) } }),
      },
    );
  }
  const order: [id: string, higher: ArmName, lower: ArmName | "base", published: number][] = [
    ["O1", "simpo-fcs", "simpo-gds", 4.4],
    ["O2", "simpo-gds", "simpo-fcs-reflection", 4.3],
    ["O3", "simpo-fcs-reflection", "simpo-shortest", 12.4],
    ["O4", "simpo-shortest", "base", 15.3],
  ];
  for (const [id, higher, lower, published] of order) {
    const [above, below] = [arms.get(higher), lower === "base" ? base : arms.get(lower)];
    if (!above || !below) continue;
    const measured = figure(below, above, "greedy", changeOf("outcome"));
    rows.push(
      pointsRow(id, `outcome efficiency: ${higher} above ${lower} (greedy)`, published, measured, { atLeast: 0 }),
    );
  }
  return rows;
}

function methodRows({ base, arms }: Experiment): UnjudgedRow[] {
  const rows: UnjudgedRow[] = [];
  const [simpo, sft] = [arms.get("simpo-shortest"), arms.get("sft-shortest")];
  if (simpo) {
    const measured = figure(base, simpo, "greedy", tokenCut);
    rows.push(
      percentRow("S1", "SimPO on the shortest responses saves tokens (greedy)", 22.3, measured, {
        atLeast: 15,
        atMost: 30,
      }),
    );
  }
  if (simpo && sft) {
    // Both are cuts of the same base: their difference is the tokens between them, as a share of the base's.
    const measured = shareBetween(base, sft, simpo);
    rows.push(pointsRow("S2", "more than SFT on the same responses does (greedy)", 20.3, measured, { atLeast: 0 }));
  }
  const shown: [id: string, arm: ArmName, published: number | null][] = [
    ["T1", "sft-shortest", 2],
    ["T2", "dpo-shortest", 19.9],
    ["T3", "rpo-shortest", 16.3],
    ["T4", "simpo-gds", 46.6],
    ["T5", "simpo-fcs-plus-one", null],
  ];
  for (const [id, name, published] of shown) {
    const arm = arms.get(name);
    if (arm)
      rows.push(percentRow(id, `tokens saved by ${name} (greedy)`, published, figure(base, arm, "greedy", tokenCut)));
  }
  return rows;
}

/** A figure of two models over the same problems of each seed. */
function figure(
  before: readonly Measurement[],
  after: readonly Measurement[],
  decoding: Decoding,
  statistic: Statistic,
  chosen: Choice = everyLevel,
): Interval {
  const pairs = pairsOf(before, after, decoding).map((group) => group.filter(([first]) => chosen(first)));
  return pairedIntervals(pairs, { value: statistic }).value;
}

/**
 * The mean of a figure over levels 1-2 minus that over levels 4-5. The levels are equally many, so it is a mean over all
 * problems in which easy ones weigh +5/2, hard ones −5/2 and the middle nothing.
 */
function easyMinusHard(
  before: readonly Measurement[],
  after: readonly Measurement[],
  decoding: Decoding,
  statistic: Statistic,
): Interval {
  const weigh = ({ level, ...scores }: ProblemScores): ProblemScores => {
    const weight = level <= 2 ? 2.5 : level >= 4 ? -2.5 : 0;
    for (const measure of MEASURES) scores[measure] *= weight;
    return { level, ...scores };
  };
  const pairs = pairsOf(before, after, decoding).map((group) =>
    group.map(([first, last]) => [weigh(first), weigh(last)] as const),
  );
  return pairedIntervals(pairs, { value: statistic }).value;
}

/** (tokens of `first` − tokens of `second`) / tokens of the base. */
function shareBetween(
  base: readonly Measurement[],
  first: readonly Measurement[],
  second: readonly Measurement[],
): Interval {
  // The base's tokens ride along in a measure that is not asked for.
  const pairs = pairsOf(first, second, "greedy").map((group, seed) =>
    group.map(([a, b], at) => [{ ...a, outcome: base[seed]!.greedy[at]!.tokenCount }, b] as const),
  );
  const value: Statistic = (a, b) => (a.tokenCount - b.tokenCount) / a.outcome;
  return pairedIntervals(pairs, { value }).value;
}

function pairsOf(before: readonly Measurement[], after: readonly Measurement[], decoding: Decoding) {
  return before.map((measured, seed) =>
    measured[decoding].map((scores, at) => [scores, after[seed]![decoding][at]!] as const),
  );
}

function percentRow(
  id: string,
  claim: string,
  published: number | string | null,
  measured: Interval,
  wanted?: Wanted,
): UnjudgedRow {
  return { id, claim, published, unit: "%", measured: percent(measured), ...(wanted && { wanted }) };
}

function pointsRow(
  id: string,
  claim: string,
  published: number | null,
  measured: Interval,
  wanted: Wanted,
): UnjudgedRow {
  return { id, claim, published, unit: "points", measured: percent(measured), wanted };
}

const percent = ({ value, low, high, level }: Interval): Interval => ({
  value: 100 * value,
  low: 100 * low,
  high: 100 * high,
  level,
});

const negated = ({ value, low, high, level }: Interval): Interval => ({ value: -value, low: -high, high: -low, level });
