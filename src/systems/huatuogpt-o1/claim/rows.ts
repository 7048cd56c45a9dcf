/**
 * The rows of the claim: each says beforehand which values would bear it out (spec section 6, "Arms", and acceptance 2, 3
 * and 9). Published figures are those of the paper's tables 2 and 3 and figure 4.
 */
import type { ClaimRow, Wanted } from "../../../core/claim.ts";
import type { Interval } from "../../../core/statistics/index.ts";
import { figuresAt } from "../verifier/calibrate.ts";
import { publishedThreshold } from "../verifier/folder.ts";
import type { ArmName, ArmResult } from "./arms.ts";
import { defectFigures } from "./factory.ts";
import { meanInterval } from "./intervals.ts";
import type { Experiment } from "./measure.ts";
import type { Answered } from "./policy.ts";

export type UnjudgedRow = Omit<ClaimRow, "verdict" | "reason">;

type Which = (answer: Answered) => boolean;
const every: Which = () => true;
const twoHops: Which = ({ hops }) => hops === 2;

/** Rows whose arms were measured. */
export function claimRows(experiment: Experiment): UnjudgedRow[] {
  return [...chainRows(experiment), ...rewardRows(experiment), ...dataRows(experiment), ...sideRows(experiment)];
}

/** What is taught decides: complex chains against simple ones, on the same questions. */
function chainRows({ arms }: Experiment): UnjudgedRow[] {
  const [complex, simple, direct] = (["complex", "simple", "direct"] as const).map((name) => arms.get(name)!);
  const padded = arms.get("padded");
  const above = (high: readonly ArmResult[], low: readonly ArmResult[], which: Which) =>
    percent(change(low, high, which));
  return [
    {
      id: "C1",
      claim: "SFT on complex chains beats SFT on simple chains, over two hops",
      published: 2.4, // MedQA, 66.6 to 69.0
      unit: "points",
      measured: above(complex!, simple!, twoHops),
      wanted: { atLeast: 0 },
      ...(padded && {
        control: { label: "simple chains padded to the same length", measured: above(padded, simple!, twoHops) },
      }),
    },
    {
      id: "C2",
      claim: "by 8 points or more (the aim of the miniature)",
      published: null,
      unit: "points",
      measured: above(complex!, simple!, twoHops),
      wanted: { atLeast: 8 },
    },
    {
      id: "C3",
      claim: "SFT on simple chains beats SFT on answers alone, over two hops",
      published: 1.4, // MedQA, 65.2 to 66.6
      unit: "points",
      measured: above(simple!, direct!, twoHops),
      wanted: { atLeast: 0 },
    },
  ];
}

/** What training on the verifier's rewards adds. */
function rewardRows({ arms }: Experiment): UnjudgedRow[] {
  const gain = (form: "direct" | "simple" | "complex") => changes(arms.get(form)!, arms.get(`${form}+ppo`)!, every);
  const difference = (high: number[][], low: number[][]) =>
    percent(meanInterval(high.map((own, seed) => own.map((value, at) => value - low[seed]![at]!))));
  const complex = arms.get("complex+ppo")!;
  const row = (id: string, claim: string, published: number | string | null, measured: Interval, wanted?: Wanted) => ({
    ...{ id, claim, published, unit: "points", measured },
    ...(wanted && { wanted }),
  });
  return [
    row("P1", "PPO on top of complex chains gains", 3.6, percent(meanInterval(gain("complex"))), { atLeast: 0 }),
    row("P2", "and more than on simple chains", "3.6 against 2.6", difference(gain("complex"), gain("simple")), {
      atLeast: 0,
    }),
    row("P3", "which gain more than direct answers", "2.6 against 1.1", difference(gain("simple"), gain("direct")), {
      atLeast: 0,
    }),
    row(
      "P4",
      "complex chains with PPO above all: against simple ones with PPO",
      null,
      percent(change(arms.get("simple+ppo")!, complex, every)),
      { atLeast: 0 },
    ),
    {
      id: "P5",
      claim: "answers without the form after PPO",
      published: null,
      unit: "%",
      measured: percent(meanInterval(complex.map(({ answers }) => answers.map(({ hasForm }) => Number(!hasForm))))),
      wanted: { atMost: 1 },
    },
    {
      id: "P6",
      claim: "the verifier finds more right than the oracle does, after PPO",
      published: null,
      unit: "points",
      measured: percent(
        meanInterval(
          complex.map(({ answers, verified }) => answers.map(({ right }, at) => Number(verified[at]) - Number(right))),
        ),
      ),
      wanted: { atLeast: -3, atMost: 3 },
    },
    {
      id: "P7",
      claim: "tokens that complex chains take, beside simple ones",
      published: "712 against 281",
      unit: "times",
      measured: ratio(tokensOf(complex), tokensOf(arms.get("simple+ppo")!)),
    },
  ];
}

/** The verifier and the factory, against what is known. */
function dataRows({ verifier, factory }: Experiment): UnjudgedRow[] {
  const rows: UnjudgedRow[] = [
    {
      id: "V1",
      claim: "exact match agrees with the truth on 1,000 held-out answers",
      published: "70.5 and 74.5",
      unit: "%",
      measured: percent(figuresAt(verifier.exact, publishedThreshold).accuracy),
      wanted: { atLeast: 65, atMost: 80 },
    },
    {
      id: "V2",
      claim: "the trained verifier agrees on the same",
      published: "94.0 and 91.0",
      unit: "%",
      measured: percent(figuresAt(verifier.trained, publishedThreshold).accuracy),
      wanted: { atLeast: 95 },
    },
  ];
  for (const { defect, recall, precision } of defectFigures(factory)) {
    if (defect !== "negated" && defect !== "two-answers") continue;
    const name = defect === "negated" ? "negated questions" : "questions with two answers";
    if (recall)
      rows.push({
        id: `F-${defect}`,
        claim: `${name} that the factory rejects`,
        published: null,
        unit: "%",
        measured: percent(recall),
      });
    if (precision)
      rows.push({
        id: `F-${defect}-p`,
        claim: `of its rejects with that label, deserved`,
        published: null,
        unit: "%",
        measured: percent(precision),
      });
  }
  return rows;
}

/** Other rewards, other methods, other shares of revealed answers: where they were measured. */
function sideRows({ arms }: Experiment): UnjudgedRow[] {
  const rows: UnjudgedRow[] = [];
  const add = (id: string, claim: string, from: ArmName, to: ArmName, published: string | null, wanted?: Wanted) => {
    const [before, after] = [arms.get(from), arms.get(to)];
    if (!before || !after) return;
    const measured = percent(change(before, after, every));
    rows.push({ id, claim, published, unit: "points", measured, ...(wanted && { wanted }) });
  };
  add("S1", "PPO with the trained verifier above PPO with exact match", "complex+ppo exact", "complex+ppo", null, {
    atLeast: 0,
  });
  add("S2", "RLOO against PPO", "complex+ppo", "complex+rloo", "71.1 against 72.6");
  add("S3", "DPO against PPO", "complex+ppo", "complex+dpo", "72.2 against 72.6");
  add("S4", "half of the chains with the answer revealed, against none", "complex", "complex 50% revealed", null);
  add("S5", "all chains with the answer revealed, against none", "complex", "complex 100% revealed", null);
  return rows;
}

/** Per question, 1 where only `after` is right and −1 where only `before` is; one list per seed that both have. */
export function changes(before: readonly ArmResult[], after: readonly ArmResult[], which: Which): number[][] {
  return after.flatMap(({ seed, answers }) => {
    const earlier = before.find((one) => one.seed === seed)?.answers;
    if (!earlier) return [];
    return [
      answers.flatMap((answer, at) => (which(answer) ? [Number(answer.right) - Number(earlier[at]!.right)] : [])),
    ];
  });
}

const change = (before: readonly ArmResult[], after: readonly ArmResult[], which: Which): Interval =>
  meanInterval(changes(before, after, which));

/** The share of right answers. */
export const accuracyOf = (arm: readonly ArmResult[], which: Which = every): Interval =>
  meanInterval(arm.map(({ answers }) => answers.filter(which).map(({ right }) => Number(right))));

export const tokensOf = (arm: readonly ArmResult[]): Interval =>
  meanInterval(arm.map(({ answers }) => answers.map(({ tokens }) => tokens)));

/** Of two means; the bounds are the farthest apart, so the interval is too wide rather than too narrow. */
function ratio(over: Interval, under: Interval): Interval {
  return {
    value: over.value / under.value,
    low: over.low / under.high,
    high: over.high / under.low,
    level: over.level,
  };
}

export const percent = ({ value, low, high, level }: Interval): Interval => ({
  value: 100 * value,
  low: 100 * low,
  high: 100 * high,
  level,
});
