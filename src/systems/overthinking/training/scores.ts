/**
 * Two models on the same problems: scores by problem, and the differences with paired intervals.
 * Seeds are drawn first and then problems within each (Davison and Hinkley 1997, section 3.8): a model that was trained
 * with another seed is another model, and its problems do not vouch for it one by one. Problems are drawn within their
 * level, because how many there are of each is no chance.
 */
import { Random } from "../../../core/random.ts";
import { type Interval, quantile } from "../../../core/statistics/index.ts";
import { responseOutcomeEfficiency, responseProcessEfficiency } from "../metrics.ts";
import type { SolvedProblem } from "../solve.ts";
import type { Level } from "../world/problem.ts";

export const MEASURES = ["accuracy", "tokenCount", "solutionCount", "outcome", "process", "firstCorrect"] as const;
export type Measure = (typeof MEASURES)[number];

/** Of one problem, or means over several. */
export type Scores = Record<Measure, number>;
export type ProblemScores = Scores & { level: Level };

/** Mean scores of each problem over all answers to it. @param answers one list per problem */
export function scoreProblems(answers: readonly (readonly SolvedProblem[])[]): ProblemScores[] {
  return answers.map((solved) => ({ level: solved[0]!.level, ...meanScores(solved.map(scoreAnswer)) }));
}

function scoreAnswer({ solutions, trace, correct }: SolvedProblem): Scores {
  const reasoning = solutions.reduce((sum, { tokenCount }) => sum + tokenCount, 0);
  return {
    accuracy: Number(correct),
    // What states no answer at all is waste in full, not an answer of no length.
    tokenCount: reasoning > 0 ? reasoning : trace.tokenCount,
    solutionCount: solutions.length,
    outcome: responseOutcomeEfficiency(solutions) ?? 0,
    process: responseProcessEfficiency(solutions) ?? 0,
    firstCorrect: Number(solutions[0]?.correct ?? false),
  };
}

export function meanScores(scores: readonly Scores[]): Scores {
  const mean = (measure: Measure) => scores.reduce((sum, one) => sum + one[measure], 0) / scores.length;
  return Object.fromEntries(MEASURES.map((measure) => [measure, mean(measure)])) as Scores;
}

/** A figure made of the means before and after. */
export type Statistic = (before: Scores, after: Scores) => number;

/** Token cut, as a share of the tokens before. */
export const tokenCut: Statistic = (before, after) => 1 - after.tokenCount / before.tokenCount;
/** A measure of the model after, alone. */
export const measureAfter =
  (measure: Measure): Statistic =>
  (_, after) =>
    after[measure];
/** Change of a measure, after minus before. */
export const changeOf =
  (measure: Measure): Statistic =>
  (before, after) =>
    after[measure] - before[measure];

export interface PairedOptions {
  /** Default 1000. */
  resampleCount?: number;
  seed?: number | string;
}

/** A problem's scores before and after. */
export type ScorePair = readonly [before: ProblemScores, after: Scores];

/**
 * 95 % percentile intervals of several figures of the same pairs.
 * @param pairs one list per seed, of each problem's scores before and after
 */
export function pairedIntervals<Name extends string>(
  pairs: readonly (readonly ScorePair[])[],
  statistics: Record<Name, Statistic>,
  { resampleCount = 1000, seed = 0 }: PairedOptions = {},
): Record<Name, Interval> {
  const groups = pairs.filter((group) => group.length > 0).map(toStrata);
  if (groups.length === 0) throw new RangeError("pairedIntervals: there are no pairs");
  const names = Object.keys(statistics) as Name[];
  const evaluate = (sums: Float64Array, count: number) => {
    const half = (offset: number) =>
      Object.fromEntries(MEASURES.map((measure, i) => [measure, sums[offset + i]! / count])) as Scores;
    const [before, after] = [half(0), half(MEASURES.length)];
    return names.map((name) => statistics[name](before, after));
  };
  const values = evaluate(...sumOf(groups, (stratum) => stratum.keys()));
  const rng = new Random(`paired/${seed}`);
  const drawn = names.map(() => new Float64Array(resampleCount));
  for (let trial = 0; trial < resampleCount; trial++) {
    const seeds = groups.map(() => groups[rng.int(0, groups.length - 1)]!);
    const results = evaluate(...sumOf(seeds, (stratum) => draws(stratum.length, rng)));
    results.forEach((value, i) => {
      drawn[i]![trial] = value;
    });
  }
  return Object.fromEntries(
    names.map((name, i) => {
      const [low, high] = [0.025, 0.975].map((p) => quantile(Array.from(drawn[i]!), p)) as [number, number];
      return [name, { value: values[i]!, low, high, level: 0.95 }];
    }),
  ) as Record<Name, Interval>;
}

/** Problems of one level, each all its measures before and then all after. */
type Stratum = Float64Array[];

function toStrata(group: readonly ScorePair[]): Stratum[] {
  const strata = new Map<Level, Stratum>();
  for (const [before, after] of group) {
    const row = [before, after].flatMap((scores) => MEASURES.map((measure) => scores[measure]));
    const stratum = strata.get(before.level) ?? [];
    strata.set(before.level, stratum);
    stratum.push(Float64Array.from(row));
  }
  return [...strata.values()];
}

function* draws(count: number, rng: Random): Generator<number> {
  for (let i = 0; i < count; i++) yield Math.floor(rng.next() * count);
}

function sumOf(groups: readonly Stratum[][], chosen: (stratum: Stratum) => Iterable<number>): [Float64Array, number] {
  const sums = new Float64Array(2 * MEASURES.length);
  let count = 0;
  for (const stratum of groups.flat()) {
    for (const at of chosen(stratum)) {
      const row = stratum[at]!;
      for (let i = 0; i < sums.length; i++) sums[i]! += row[i]!;
      count++;
    }
  }
  return [sums, count];
}
