/** Paired figures over questions: what a policy saved, what it lost, and what another way of saving as much would have. */

import { Random } from "../../../core/random.ts";
import { bootstrapInterval, type Interval } from "../../../core/statistics/index.ts";
import { type ReplayResult, replayOne } from "../policy/replay.ts";
import type { Policy, Recording } from "../schemas.ts";

/** One question of one seed under one policy, beside the whole budget. */
export interface Item {
  seed: number;
  recording: Recording;
  result: Pick<ReplayResult, "knob" | "tokens" | "probeTokens" | "correct" | "fullTokens" | "fullCorrect">;
}

/**
 * Recordings of one seed under a policy. The full budget includes what judging paths costs, which a search cannot do
 * without; with `freeProbes` it does not, since a chain of thought that runs to its end needs no probes.
 */
export function itemsUnder(
  policy: Policy,
  recordings: readonly Recording[],
  seed: number,
  { freeProbes = false } = {},
): Item[] {
  return recordings.map((recording) => {
    const { tokens, probeTokens } = recording.steps.at(-1)!;
    const fullTokens = freeProbes ? tokens : tokens + probeTokens;
    return { seed, recording, result: { ...replayOne(policy, recording), fullTokens } };
  });
}

const resampleCount = 2000;
const spent = ({ result }: Item) => result.tokens + result.probeTokens;
const right = ({ result }: Item) => Number(result.correct);
const fullRight = ({ result }: Item) => Number(result.fullCorrect);

/** Share of the full budget's tokens that was not spent, in percent, probes counted as spent. */
export function savedPercent(items: readonly Item[]): Interval {
  const statistic = (sample: Item[]) =>
    100 * (1 - sum(sample.map(spent)) / sum(sample.map((one) => one.result.fullTokens)));
  return bootstrapInterval(items, { statistic, resampleCount, method: "percentile" });
}

/** Accuracy of the full budget minus that of the policy, in points. */
export const lossPoints = (items: readonly Item[]): Interval =>
  meanPoints(items.map((one) => fullRight(one) - right(one)));

export const accuracyPercent = (items: readonly Item[]): Interval => meanPoints(items.map(right));

/** Right with the full budget, and wrong when stopped. */
export const falseStops = (items: readonly Item[]): number =>
  items.filter((one) => one.result.fullCorrect && !one.result.correct).length;

/** Wrong with the full budget, and right when stopped. */
export const avoidedLosses = (items: readonly Item[]): number =>
  items.filter((one) => !one.result.fullCorrect && one.result.correct).length;

export const meanTokens = (items: readonly Item[]): number => sum(items.map(spent)) / items.length;

/**
 * Accuracy of a policy minus that of a family of others at equal tokens, in points. Between two members of the family
 * every question takes the dearer one with the chance that makes the mean tokens equal, so its accuracy is in between.
 * @param family the same questions in the same order under each member
 */
export function gainAtEqualTokens(items: readonly Item[], family: readonly (readonly Item[])[]): Interval {
  const wanted = meanTokens(items);
  const rising = family.map((member) => ({ member, tokens: meanTokens(member) })).sort((a, b) => a.tokens - b.tokens);
  const above = rising.findIndex(({ tokens }) => tokens >= wanted);
  const high = rising[above === -1 ? rising.length - 1 : above]!;
  const low = rising[Math.max(0, (above === -1 ? rising.length : above) - 1)]!;
  const share =
    high.tokens > low.tokens ? Math.min(1, Math.max(0, (wanted - low.tokens) / (high.tokens - low.tokens))) : 0;
  return meanPoints(
    items.map((one, at) => right(one) - ((1 - share) * right(low.member[at]!) + share * right(high.member[at]!))),
  );
}

/**
 * The negative control: each question is stopped where another one of its seed was, so that as much is saved without
 * any signal.
 */
export function shuffledStops(items: readonly Item[]): Item[] {
  const order = orderWithinSeeds(items);
  return items.map((item, at) => {
    const { knob } = items[order[at]!]!.result;
    const { steps } = item.recording;
    const step = steps.findLast((one) => one.knob <= knob) ?? steps[0]!;
    const { tokens, probeTokens, correct } = step;
    return { ...item, result: { ...item.result, knob: step.knob, tokens, probeTokens, correct } };
  });
}

/** A random order of the items of each seed. */
function orderWithinSeeds(items: readonly Item[]): number[] {
  const order: number[] = [];
  for (const seed of new Set(items.map((item) => item.seed))) {
    const places = items.flatMap((item, at) => (item.seed === seed ? [at] : []));
    const shuffled = new Random("shuffled stops").split(seed).shuffle([...places]);
    for (const [index, place] of places.entries()) order[place] = shuffled[index]!;
  }
  return order;
}

/** Pearson's correlation with its bootstrap interval; NaN where one side does not vary. */
export function correlation(pairs: readonly (readonly [number, number])[]): Interval {
  return bootstrapInterval(pairs, { statistic: pearson, resampleCount, method: "percentile" });
}

function pearson(pairs: readonly (readonly [number, number])[]): number {
  const [meanX, meanY] = [0, 1].map((side) => sum(pairs.map((pair) => pair[side]!)) / pairs.length) as [number, number];
  const product = (f: (x: number, y: number) => number) => sum(pairs.map(([x, y]) => f(x - meanX, y - meanY)));
  return product((x, y) => x * y) / Math.sqrt(product((x) => x * x) * product((_, y) => y * y));
}

export function meanPoints(values: readonly number[]): Interval {
  return bootstrapInterval(
    values.map((value) => 100 * value),
    { resampleCount, method: "percentile" },
  );
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
