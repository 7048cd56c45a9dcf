/**
 * Certaindex of answer groups, and the few values it can take: n answers have at most as many as n has partitions,
 * seven for five answers. A threshold between two of them means the upper one, so it is put into words as agreement.
 * Source: Fu et al. 2024, arXiv 2412.20993.
 * Differs from the paper in one way: a single answer has no certaindex, where the paper leaves 0/0 open.
 */

/** Values of one n differ by far more than this; sums in another order differ by far less. */
const tolerance = 1e-9;

/**
 * (ln n - H) / ln n of the sizes of the answer groups, H their entropy: 1 where all agree, 0 where all differ.
 * @param groupSizes how many answers each group has; an unanswered path is a group of its own
 * @returns undefined for fewer than two answers: nothing can be said yet
 */
export function certaindex(groupSizes: readonly number[]): number | undefined {
  const bad = groupSizes.find((size) => !Number.isInteger(size) || size < 1);
  if (bad !== undefined) throw new RangeError(`certaindex: a group of ${bad} answers; sizes are whole and at least 1`);
  const n = groupSizes.reduce((sum, size) => sum + size, 0);
  if (n < 2) return undefined;
  // The same as (ln n - H) / ln n, multiplied out, so that 0 and 1 are exact; sorted, so that order is no matter.
  const sizes = [...groupSizes].sort((a, b) => b - a);
  return sizes.reduce((sum, size) => sum + size * Math.log(size), 0) / (n * Math.log(n));
}

/** Whether a value reaches a threshold, within rounding. */
export const reaches = (value: number | undefined, threshold: number): boolean =>
  value !== undefined && value >= threshold - tolerance;

/** A value and answer groups that have it, largest first; of several such groups those with the largest leader. */
export interface AttainableValue {
  value: number;
  groups: number[];
}

/** 50 has 204,226 partitions; 100 has 190 million. */
const mostAnswers = 50;

const known = new Map<number, AttainableValue[]>();

/**
 * Every certaindex that n answers can have, rising, each once.
 * @returns none for n below 2
 * @throws RangeError for n above 50
 */
export function attainableValues(n: number): AttainableValue[] {
  if (!Number.isInteger(n) || n < 0 || n > mostAnswers) {
    throw new RangeError(`attainableValues: ${n} answers; from 0 to ${mostAnswers} can be enumerated`);
  }
  const values = known.get(n) ?? enumerate(n);
  known.set(n, values);
  return values.map(({ value, groups }) => ({ value, groups: [...groups] }));
}

/** What a threshold on certaindex means for n answers: "all 5 agree", "at least 3 of 5 agree". */
export function describeThreshold(threshold: number, n: number): string {
  if (n < 2) return "never: a single answer has no certaindex";
  if (!reaches(1, threshold)) return "never: certaindex is at most 1";
  if (reaches(0, threshold)) return `always, even if all ${n} differ`;
  const least = leastLeader(threshold, n);
  const agreement = least === n ? `all ${n} agree` : `at least ${least} of ${n} agree`;
  const smaller = mostConcentrated(least - 1, n);
  if (!reaches(certaindex(smaller), threshold)) return agreement;
  return `${agreement}, or fewer where the others are few, as in ${smaller.join(" + ")}`;
}

/** The smallest group that alone is enough, however the others are spread: at worst they all differ. */
function leastLeader(threshold: number, n: number): number {
  let least = n;
  while (least > 1 && reaches(certaindex(leaderAndSingles(least - 1, n)), threshold)) least--;
  return least;
}

const leaderAndSingles = (leader: number, n: number): number[] => [leader, ...new Array<number>(n - leader).fill(1)];

/** The groups of highest certaindex among those of at most `leader` answers. */
function mostConcentrated(leader: number, n: number): number[] {
  const groups = new Array<number>(Math.floor(n / leader)).fill(leader);
  return n % leader === 0 ? groups : [...groups, n % leader];
}

function enumerate(n: number): AttainableValue[] {
  if (n < 2) return [];
  const all = [...partitions(n, n)].map((groups) => ({ value: certaindex(groups)!, groups }));
  all.sort((a, b) => a.value - b.value || b.groups[0]! - a.groups[0]!);
  // Different groups can have one value, and then up to rounding: 4 + 1 + 1 + 1 + 1 and 2 + 2 + 2 + 2.
  const distinct: AttainableValue[] = [];
  for (const next of all) {
    const last = distinct.at(-1);
    if (!last || !reaches(last.value, next.value)) distinct.push(next);
    else if (next.groups[0]! > last.groups[0]!) last.groups = next.groups;
  }
  return distinct;
}

/** Ways to write n as a sum, largest part first, with no part above `largest`. */
function* partitions(n: number, largest: number): Generator<number[]> {
  if (n === 0) yield [];
  for (let part = Math.min(n, largest); part >= 1; part--) {
    for (const rest of partitions(n - part, part)) yield [part, ...rest];
  }
}
