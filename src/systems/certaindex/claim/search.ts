/**
 * Experiment 3: tree searches under the reward of the model's own verdict. Rebase first grows a tree of width 4 and then
 * one of 12 more; MCTS runs 3 of 15 iterations first. Tokens of verdicts are counted, in the full budget as well.
 */
import { DataError } from "../../../core/errors.ts";
import { calibrate } from "../policy/calibrate.ts";
import { mcts, type Program, rebase } from "../programs/index.ts";
import { Policy, type Recording } from "../schemas.ts";
import { sampleMixed } from "../world/question.ts";
import { chainsStep } from "../world/task.ts";
import { type Item, itemsUnder, lossPoints, savedPercent, shuffledStops } from "./figures.ts";
import { armsTable, describeThresholds, type Findings, type Sizes } from "./rows.ts";
import { drawQuestions, type Laboratory, record } from "./sampling.ts";

export interface SearchKind {
  name: string;
  title: string;
  detectAt: number;
  cap: number;
  program: () => Program<any>;
  /** Programs at a time. */
  width: number;
  ids: readonly [saving: string, loss: string];
  /** Settings of the paper for another model and task, shown beside the calibrated ones. */
  published: Policy["thresholds"];
}

export const searches: readonly SearchKind[] = [
  {
    name: "rebase",
    title: "Rebase",
    detectAt: 4,
    cap: 16,
    program: () => rebase(chainsStep),
    width: 32,
    ids: ["C10", "C11"],
    published: { entropy: 0.85, rewardMax: 0.99 },
  },
  {
    name: "mcts",
    title: "MCTS",
    detectAt: 3,
    cap: 15,
    program: () => mcts({ ...chainsStep, childCount: 3 }),
    width: 64,
    ids: ["C12", "C13"],
    published: { entropy: 0.99, rewardMean: 0.4 },
  },
];

export interface SearchTrial {
  seed: number;
  test: Recording[];
  calibrated: Policy;
}

export async function searchExperiment(laboratory: Laboratory, sizes: Sizes, kind: SearchKind): Promise<Findings> {
  const { name, program, detectAt, cap, width } = kind;
  const trials: SearchTrial[] = [];
  for (const seed of sizes.seeds) {
    const sample = (split: "calibration" | "test", count: number) =>
      record(laboratory, {
        label: `${name} ${split} ${seed}`,
        program,
        questions: drawQuestions(seed, `mix ${split}`, count, (rng) => sampleMixed(rng, split)),
        mode: "fast",
        detectAt,
        cap,
        seed,
        width,
      });
    const calibration = await sample("calibration", sizes.calibration);
    trials.push(makeSearchTrial(kind, seed, calibration, await sample("test", sizes.test)));
  }
  return searchFindings(kind, trials);
}

export function makeSearchTrial(
  { detectAt, cap }: SearchKind,
  seed: number,
  calibration: readonly Recording[],
  test: Recording[],
): SearchTrial {
  try {
    return { seed, test, calibrated: calibrate(calibration, { dataset: `digit chains, seed ${seed}`, detectAt }) };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { seed, test, calibrated: Policy.parse({ algorithm: "even", detectAt: cap, cap }) };
  }
}

export function searchFindings(kind: SearchKind, trials: readonly SearchTrial[]): Findings {
  const { title, detectAt, cap, ids, published } = kind;
  const under = (choose: (trial: SearchTrial) => Policy): Item[] =>
    trials.flatMap((trial) => itemsUnder(choose(trial), trial.test, trial.seed));
  const even = (units: number) => under(() => Policy.parse({ algorithm: "even", detectAt: units, cap }));
  const calibrated = under((trial) => trial.calibrated);
  const shuffled = shuffledStops(calibrated);
  const asPublished = Policy.parse({ algorithm: "static", thresholds: published, detectAt, cap });
  return {
    rows: [
      {
        id: ids[0],
        claim: `${title}: the calibrated policy saves tokens, those of verdicts included`,
        published: "9 to 52 %",
        unit: "%",
        measured: savedPercent(calibrated),
        wanted: { atLeast: 9 },
      },
      {
        id: ids[1],
        claim: `${title}: what it costs in accuracy`,
        published: "no loss",
        unit: "points",
        measured: lossPoints(calibrated),
        wanted: { atMost: 1 },
        control: { label: "as many stops, dealt out at random", measured: lossPoints(shuffled) },
      },
    ],
    sections: [
      armsTable(`${title}, every arm on the same samples`, [
        [`even, ${detectAt}`, even(detectAt)],
        [`even, ${Math.round((detectAt + cap) / 2)}`, even(Math.round((detectAt + cap) / 2))],
        [`even, ${cap}`, even(cap)],
        ["calibrated", calibrated],
        [`as published for another model, ${describeThresholds(asPublished)}`, under(() => asPublished)],
        ["calibrated stops, dealt out at random", shuffled],
      ]),
      {
        kind: "table",
        title: `What was calibrated for ${title}`,
        columns: ["seed", "policy", "losses of calibration questions"],
        rows: trials.map(({ seed, calibrated: { calibration, ...policy } }) => [
          seed,
          calibration ? describeThresholds(policy) : "none: full budget",
          calibration ? `${calibration.losses} of ${calibration.n}` : "no rule passed",
        ]),
      },
    ],
  };
}
