/**
 * Experiments 1 and 5: self-consistency with cap 20 and detection at 5, on the mix of clean, noisy and broken questions.
 * All arms are replayed on the same recordings. Source: papers/certaindex section 6; arXiv 2412.20993, token allocation.
 */
import { DataError } from "../../../core/errors.ts";
import type { ReportSection } from "../../../core/report.ts";
import { calibrate } from "../policy/calibrate.ts";
import { skyline, unitsNeeded } from "../policy/skyline.ts";
import { selfConsistency } from "../programs/index.ts";
import { Policy, type Recording } from "../schemas.ts";
import { sampleMixed } from "../world/question.ts";
import {
  accuracyPercent,
  correlation,
  gainAtEqualTokens,
  type Item,
  itemsUnder,
  lossPoints,
  meanPoints,
  meanTokens,
  savedPercent,
  shuffledStops,
} from "./figures.ts";
import { armsTable, describeThresholds, type Findings, type Sizes } from "./rows.ts";
import { drawQuestions, type Laboratory, record } from "./sampling.ts";

const cap = 20;
const detectAt = 5;
const shownCaps = [3, 5, 8, 10, 12, 15, 20];

/** What one seed was tested on, and the policies that its own calibration questions gave. */
export interface Trial {
  seed: number;
  test: Recording[];
  calibrated: Policy;
  /** Why the full budget stands in for a policy. */
  refusal?: string;
  curve: Policy;
}

export async function selfConsistencyExperiment(laboratory: Laboratory, sizes: Sizes): Promise<Findings> {
  const trials: Trial[] = [];
  for (const seed of sizes.seeds) {
    const sample = (split: "calibration" | "test", count: number) =>
      record(laboratory, {
        label: `self-consistency ${split} ${seed}`,
        program: selfConsistency,
        questions: drawQuestions(seed, `mix ${split}`, count, (rng) => sampleMixed(rng, split)),
        mode: "fast",
        detectAt,
        cap,
        seed,
      });
    const calibration = await sample("calibration", sizes.calibration);
    trials.push(makeTrial(seed, calibration, await sample("test", sizes.test)));
  }
  return findings(trials);
}

export function makeTrial(seed: number, calibration: readonly Recording[], test: Recording[]): Trial {
  const curve = policy({ algorithm: "skyline", curve: skyline(calibration, { detectAt }) });
  try {
    return {
      seed,
      test,
      curve,
      calibrated: calibrate(calibration, { dataset: `digit chains, seed ${seed}`, detectAt }),
    };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { seed, test, curve, calibrated: even(cap), refusal: error.message };
  }
}

/** Rows and tables from recordings alone. */
export function findings(trials: readonly Trial[]): Findings {
  const under = (choose: (trial: Trial) => Policy): Item[] =>
    trials.flatMap((trial) => itemsUnder(choose(trial), trial.test, trial.seed));
  const evens = Array.from({ length: cap }, (_, index) => under(() => even(index + 1)));
  const lengths = lengthFamily(trials).map((maxTokens) => under(() => policy({ algorithm: "length", maxTokens })));
  const calibrated = under((trial) => trial.calibrated);
  const shuffled = shuffledStops(calibrated);

  const settled = solvable(trials);
  const control = settled.map(([, needed], at) => [settled[(at * 7919 + 1) % settled.length]![0], needed] as const);
  const precondition = meanPoints(
    evens[19]!.map(({ result }, at) => Number(result.correct) - Number(evens[7]![at]!.result.correct)),
  );
  const arms: [string, Item[]][] = [
    ...shownCaps.map((units): [string, Item[]] => [`even, ${units} branches`, evens[units - 1]!]),
    ["calibrated", calibrated],
    ...[0.7, 0.55, 0.4].map((entropy): [string, Item[]] => {
      const fixed = policy({ algorithm: "static", thresholds: { entropy } });
      return [describeThresholds(fixed), under(() => fixed)];
    }),
    ["every 5 branches, certaindex 0.7", under(() => policy({ algorithm: "k-step", thresholds: { entropy: 0.7 } }))],
    ["Adaptive-Consistency 0.95", under(() => policy({ algorithm: "adaptive-consistency", detectAt: 1 }))],
    ["skyline curve of the calibration questions", under((trial) => trial.curve)],
    ["calibrated stops, dealt out at random", shuffled],
  ];
  return {
    rows: [
      {
        id: "C1",
        claim: "There is something to allocate: 20 branches are more often right than 8",
        published: null,
        unit: "points",
        measured: precondition,
        wanted: { atLeast: 3 },
      },
      {
        id: "C2",
        claim: "Self-consistency: the calibrated policy saves generated tokens",
        published: "9 to 52 %",
        unit: "%",
        measured: savedPercent(calibrated),
        wanted: { atLeast: 20 },
      },
      {
        id: "C3",
        claim: "Self-consistency: what it costs in accuracy",
        published: "no loss",
        unit: "points",
        measured: lossPoints(calibrated),
        wanted: { atMost: 1 },
        control: { label: "as many stops, dealt out at random", measured: lossPoints(shuffled) },
      },
      {
        id: "C4",
        claim: "Self-consistency: more accurate than the same budget for all, at equal tokens",
        published: "better",
        unit: "points",
        measured: gainAtEqualTokens(calibrated, evens),
        wanted: { atLeast: 2 },
        control: { label: "as many stops, dealt out at random", measured: gainAtEqualTokens(shuffled, evens) },
      },
      {
        id: "C5",
        claim: "Self-consistency: more accurate than stopping the short ones, at equal tokens",
        published: "better",
        unit: "points",
        measured: gainAtEqualTokens(calibrated, lengths),
        wanted: { atLeast: 2 },
        control: { label: "as many stops, dealt out at random", measured: gainAtEqualTokens(shuffled, lengths) },
      },
      {
        id: "C6",
        claim:
          "Certaindex after 5 branches foretells how many more a solvable question needs (correlation of its distance from 1)",
        published: "0.52 (0.17 to 0.75)",
        measured: correlation(settled),
        wanted: { atLeast: 0.4 },
        control: { label: "certaindex of another question", measured: correlation(control) },
      },
    ],
    sections: [
      armsTable("Self-consistency, every arm on the same samples", arms),
      frontier(evens, arms),
      policiesTable(trials),
    ],
  };
}

const policy = (fields: Record<string, unknown>): Policy => Policy.parse({ detectAt, cap, ...fields });
const even = (units: number): Policy => policy({ algorithm: "even", detectAt: units });

/** Token counts after the detection point at which "short" may begin: 40 quantiles, and all or none. */
function lengthFamily(trials: readonly Trial[]): number[] {
  const counts = trials
    .flatMap(({ test }) => test.map(({ steps }) => steps[detectAt - 1]!.tokens))
    .sort((a, b) => a - b);
  const quantiles = Array.from({ length: 41 }, (_, index) => counts[Math.round((index / 40) * (counts.length - 1))]!);
  return [...new Set([1, ...quantiles])];
}

/** [1 - certaindex after the detection point, branches until the answer stays], of questions that 20 branches solve. */
function solvable(trials: readonly Trial[]): (readonly [number, number])[] {
  return trials.flatMap(({ test }) =>
    test.flatMap((recording) => {
      const needed = unitsNeeded(recording);
      const { entropy } = recording.steps[detectAt - 1]!.signals;
      return needed === null || entropy === undefined ? [] : [[1 - entropy, needed] as const];
    }),
  );
}

function frontier(
  evens: readonly (readonly Item[])[],
  arms: readonly (readonly [string, readonly Item[]])[],
): ReportSection {
  const point = (items: readonly Item[], label?: string) => {
    const { value, low, high } = accuracyPercent(items);
    return { x: meanTokens(items), y: value, interval: [low, high] as [number, number], ...(label && { label }) };
  };
  const others = arms.filter(([name]) => !name.startsWith("even"));
  return {
    kind: "chart",
    title: "Accuracy by tokens",
    note: "Above the line of even budgets is better.",
    chart: {
      kind: "line",
      x: { label: "mean tokens per question" },
      y: { label: "right, %" },
      series: [
        { label: "even", points: evens.slice(2).map((items) => point(items)) },
        ...others.map(([name, items]) => ({ label: name, points: [point(items)] })),
      ],
    },
  };
}

function policiesTable(trials: readonly Trial[]): ReportSection {
  return {
    kind: "table",
    title: "What was calibrated",
    columns: ["seed", "policy", "losses of calibration questions", "upper bound, %"],
    rows: trials.map(({ seed, calibrated, refusal }) => [
      seed,
      refusal ? `none: ${refusal}` : describeThresholds(calibrated),
      calibrated.calibration ? `${calibrated.calibration.losses} of ${calibrated.calibration.n}` : null,
      calibrated.calibration ? (100 * calibrated.calibration.bound).toFixed(2) : null,
    ]),
    note: "Where no rule passes, every question has its full budget.",
  };
}
