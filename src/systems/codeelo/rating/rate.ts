/**
 * From judged contests to one rating: contest by contest, their mean, the maximum-likelihood rating, the published code's
 * figure, and how much of it is the protocol's doing.
 */
import type { Interval } from "../../../core/statistics/index.ts";
import { type ContestRating, fairRating, repoRating } from "./contest-rating.ts";
import { likelihoodRating, meanRating, type RatedPlace } from "./likelihood.ts";
import { percentile } from "./percentile.ts";
import type { Protocol } from "./protocol.ts";
import type { AttemptSummary, JudgedContest } from "./schemas.ts";
import { type ProblemOutcome, placeOf, scoreContest, scoreOverOrders } from "./score.ts";
import { type FieldOptions, fieldOf } from "./standings.ts";

export interface RateOptions extends FieldOptions {
  /** What places equal results: the middle of the tie, as is fair, or its worst place, as in the published code. */
  ties?: "mid" | "worst";
}

export interface RatedContest {
  id: string;
  name: string;
  participants: number;
  /** Rows of the standings that are not of the field. */
  dropped: number;
  solved: number;
  problems: number;
  points: number;
  penalty: number;
  /** Participants with a better result, and with the same. */
  ahead: number;
  tied: number;
  rating: number;
  censored: ContestRating["censored"];
  /** By the published code. */
  repoRating: number;
  /** Mean and standard deviation over all orders of the attempts. */
  overOrders: { rating: number; deviation: number };
  /** With the minute at which each solution was there; absent where no attempt tells. */
  timedRating?: number;
}

export interface Rating {
  /** Mean of the contest ratings, fair equation, 95 %. */
  mean: Interval;
  /** One rating by maximum likelihood, 95 %. */
  likelihood: Interval;
  /** Mean of the published code's contest ratings: what a leaderboard of the paper would show. */
  repo: number;
  /** Mean over all orders of the attempts. */
  overOrders: number;
  timed?: Interval;
  /** Per cent of rated people with a lower rating than `mean`. */
  percentile: number;
  repoPercentile: number;
  /** Share of contests in which the model beat everybody or nobody. */
  censoredShare: number;
  contests: RatedContest[];
  skipped: { id: string; name: string; why: string }[];
  protocol: Protocol;
}

/** @throws RangeError when no contest is left */
export function rateContests(
  contests: readonly JudgedContest[],
  protocol: Protocol,
  options: RateOptions = {},
): Rating {
  const rated: (RatedContest & { place: RatedPlace })[] = [];
  const skipped: Rating["skipped"] = [];
  for (const judged of contests) {
    const { id, name } = judged.contest.contest;
    const result = rateContest(judged, options);
    if ("skip" in result) skipped.push({ id, name, why: result.skip });
    else rated.push(result);
  }
  if (rated.length === 0) {
    const reasons = skipped.map(({ id, why }) => `${id}: ${why}`).join("; ");
    throw new RangeError(`No contest can be rated${reasons ? ` (${reasons})` : ""}`);
  }
  const mean = meanRating(rated.map(({ rating }) => rating));
  const repo = average(rated.map((contest) => contest.repoRating));
  const timed = rated.flatMap(({ timedRating }) => timedRating ?? []);
  return {
    mean,
    likelihood: likelihoodRating(rated.map(({ place }) => place)),
    repo,
    overOrders: average(rated.map(({ overOrders }) => overOrders.rating)),
    ...(timed.length === rated.length && { timed: meanRating(timed) }),
    percentile: percentile(mean.value),
    repoPercentile: percentile(repo),
    censoredShare: rated.filter(({ censored }) => censored !== null).length / rated.length,
    contests: rated.map(({ place: _, ...contest }) => contest),
    skipped,
    protocol,
  };
}

function rateContest({ contest, attempts }: JudgedContest, options: RateOptions) {
  const field = fieldOf(contest, options);
  if ("skip" in field) return field;
  const missing = contest.problems.filter(({ index }) => attempts[index]?.some(({ accepted }) => accepted === null));
  if (missing.length > 0)
    return { skip: `not all attempts were judged (${missing.map(({ index }) => index).join(", ")})` };
  const ratings = field.entries.map(({ rating }) => rating);
  const outcomes = contest.problems.map(({ index }) => outcomeOf(attempts[index] ?? []));
  const score = scoreContest(
    contest.problems,
    outcomes.map(({ wrongCount }) => ({ wrongCount })),
  );
  const place = placeOf(score, field.entries);
  const settle = ({ ahead, tied }: typeof place) =>
    fairRating(options.ties === "worst" ? { ahead: ahead + tied, tied: 0 } : { ahead, tied }, ratings);
  const { rating, censored } = settle(place);

  const counts = contest.problems.map(({ index }) => {
    const tried = attempts[index] ?? [];
    return { attempts: tried.length, accepted: tried.filter(({ accepted }) => accepted).length };
  });
  const orders = scoreOverOrders(contest.problems, counts).map(({ probability, ...one }) => ({
    probability,
    rating: settle(placeOf(one, field.entries)).rating,
  }));
  const expected = orders.reduce((sum, order) => sum + order.probability * order.rating, 0);
  const variance = orders.reduce((sum, order) => sum + order.probability * (order.rating - expected) ** 2, 0);
  const isTimed = outcomes.every(({ wrongCount, minute }) => wrongCount === null || minute !== undefined);
  const timedPlace = isTimed ? placeOf(scoreContest(contest.problems, outcomes), field.entries) : undefined;
  return {
    id: contest.contest.id,
    name: contest.contest.name,
    participants: ratings.length,
    dropped: field.droppedCount,
    solved: outcomes.filter(({ wrongCount }) => wrongCount !== null).length,
    problems: contest.problems.length,
    ...score,
    ...place,
    rating,
    censored,
    repoRating: repoRating(place, ratings),
    overOrders: { rating: expected, deviation: Math.sqrt(Math.max(0, variance)) },
    ...(timedPlace && { timedRating: settle(timedPlace).rating }),
    place: { ...place, field: ratings },
  };
}

function outcomeOf(attempts: readonly AttemptSummary[]): ProblemOutcome {
  const first = attempts.findIndex(({ accepted }) => accepted);
  if (first === -1) return { wrongCount: null };
  const { minute } = attempts[first]!;
  return { wrongCount: first, ...(minute !== undefined && { minute }) };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
