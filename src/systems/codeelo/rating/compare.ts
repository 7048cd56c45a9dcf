/** Two models that entered the same contests: the difference, contest by contest, so that hard contests cancel out. */
import type { Interval } from "../../../core/statistics/index.ts";
import { meanRating } from "./likelihood.ts";
import { type Protocol, requireSameProtocol } from "./protocol.ts";

/** What a comparison reads of a rating. */
export interface ComparedRating {
  protocol: Protocol;
  contests: readonly { id: string; rating: number }[];
}

export interface Comparison {
  /** Second minus first, mean over the contests that both entered, 95 %. */
  difference: Interval;
  contestCount: number;
  contests: { id: string; a: number; b: number }[];
}

/** @throws UsageError when the protocols differ and `force` is not set; RangeError when no contest is shared */
export function compareRatings(a: ComparedRating, b: ComparedRating, { force = false } = {}): Comparison {
  requireSameProtocol(a.protocol, b.protocol, force);
  const ofB = new Map(b.contests.map(({ id, rating }) => [id, rating]));
  const contests = a.contests.flatMap(({ id, rating }) => {
    const other = ofB.get(id);
    return other === undefined ? [] : [{ id, a: rating, b: other }];
  });
  if (contests.length === 0) throw new RangeError("compareRatings: the two have no contest in common");
  const difference = meanRating(contests.map((contest) => contest.b - contest.a));
  return { difference, contestCount: contests.length, contests };
}
