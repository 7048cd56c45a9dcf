/**
 * A world of contests with known truth: people of known skill solve problems of known difficulty, their ratings settle by
 * Codeforces's own update, and bots of known skill enter under the rules of people or of the published protocol.
 * Ours: the paper has no such test. It shows how far a rating is from the truth, and how much of it the protocol adds.
 */
import type { Random } from "../../core/random.ts";
import { codeforcesUpdate, worstRanks } from "./rating/codeforces-update.ts";
import type { Place } from "./rating/contest-rating.ts";

export interface WorldSettings {
  playerCount: number;
  /** Players of one contest. */
  fieldSize: number;
  problemCount: number;
  /** Contests before ratings count as settled. */
  burnInCount: number;
}

export const FULL_WORLD: WorldSettings = { playerCount: 1200, fieldSize: 400, problemCount: 7, burnInCount: 200 };

/** What a participant may do. */
export interface Privileges {
  /** Tries per problem. */
  attempts: number;
  /** Solves everything at minute 0, as the published protocol lets a model. */
  isInstant: boolean;
}

export const HUMAN: Privileges = { attempts: 2, isInstant: false };

/** Points that a luck of one standard deviation is worth: a person finds a problem easier or harder than it is. */
const luckDeviation = 400;
/** On Elo's scale, of one attempt: small beside the luck, since who does not see a solution seldom finds it by retrying. */
const attemptScale = 100;
export const contestMinutes = 120;
/** For a problem as hard as the person is skilled. */
const minutesAtPar = 10;

export interface World {
  readonly skills: Float64Array;
  /** Settled by the contests so far; whole numbers. */
  readonly ratings: number[];
  /** Rating that people of a skill have on average: the truth for a bot of that skill. */
  truth(skill: number): number;
  /** One more contest, which leaves the ratings as they are. */
  contest(rng: Random): WorldContest;
}

export interface WorldContest {
  /** Ratings of the participants. */
  readonly field: number[];
  /** Where a bot of this skill finishes. */
  enter(skill: number, privileges: Privileges, rng: Random): Place;
  /** A bot's own rating after Codeforces's update, had it entered with `rating`. */
  update(place: Place, rating: number): number;
}

/** Draws the people and lets their ratings settle; the same seed gives the same world. */
export function createWorld(rng: Random, settings: WorldSettings = FULL_WORLD): World {
  const { playerCount, fieldSize, burnInCount } = settings;
  const people = rng.split("people");
  const skills = Float64Array.from({ length: playerCount }, () => 1400 + 350 * people.normal());
  const ratings = Array<number>(playerCount).fill(1400);
  for (let round = 0; round < burnInCount; round++) {
    const one = playContest(rng.split("burn-in").split(round), skills, settings);
    const ranks = worstRanks([...one.scores]);
    const changes = codeforcesUpdate(one.players.map((player, i) => ({ rating: ratings[player]!, rank: ranks[i]! })));
    for (const [i, player] of one.players.entries()) ratings[player]! += changes[i]!;
  }
  return {
    skills,
    ratings,
    truth: (skill) => localMean(skills, ratings, skill),
    contest(contestRng) {
      const one = playContest(contestRng, skills, settings);
      const field = one.players.map((player) => ratings[player]!);
      const sorted = Float64Array.from(one.scores).sort().reverse();
      return {
        field,
        enter(skill, privileges, botRng) {
          const score = solve(skill, one.difficulties, privileges, botRng);
          let [ahead, tied] = [0, 0];
          while (ahead < sorted.length && sorted[ahead]! > score) ahead++;
          while (ahead + tied < sorted.length && sorted[ahead + tied] === score) tied++;
          return { ahead, tied };
        },
        update({ ahead, tied }, rating) {
          const order = [...one.scores]
            .map((score, i) => ({ score, rating: field[i]! }))
            .sort((a, b) => b.score - a.score);
          const ranks = worstRanks(order.map(({ score }) => score)).map((rank, i) =>
            i < ahead + tied ? rank : rank + 1,
          );
          const others = order.map((entry, i) => ({ rating: entry.rating, rank: ranks[i]! }));
          const bot = { rating, rank: ahead + tied + 1 };
          return rating + codeforcesUpdate([...others, bot]).at(-1)!;
        },
      };
    },
  };

  function playContest(contestRng: Random, all: Float64Array, { problemCount }: WorldSettings) {
    const players = contestRng
      .split("players")
      .shuffle(Array.from({ length: all.length }, (_, i) => i))
      .slice(0, fieldSize);
    const draw = contestRng.split("problems");
    const difficulties = Array.from({ length: problemCount }, () => 800 + 1800 * draw.next()).sort((a, b) => a - b);
    const play = contestRng.split("play");
    const scores = Float64Array.from(players, (player) => solve(all[player]!, difficulties, HUMAN, play));
    return { players, difficulties, scores };
  }
}

/**
 * Points of one participant, problem after problem from the easiest on, by Codeforces's rule: 500, 1000, ... falling with
 * time, 50 less per wrong attempt. A problem takes the longer the harder it is for the person.
 */
function solve(
  skill: number,
  difficulties: readonly number[],
  { attempts, isInstant }: Privileges,
  rng: Random,
): number {
  let [total, minute] = [0, 0];
  for (const [index, difficulty] of difficulties.entries()) {
    const { chance, minutes } = meetProblem(skill, difficulty, rng);
    const wrongCount = firstSuccess(chance, attempts, rng);
    if (!isInstant) minute += minutes;
    if (minute > contestMinutes) break;
    if (wrongCount === undefined) continue;
    const points = 500 * (index + 1);
    const decayed = points - (points / 250) * minute - 50 * wrongCount;
    total += Math.max(isInstant ? 0 : 0.3 * points, decayed);
  }
  return total;
}

/** How likely one attempt succeeds, and the minutes that the problem takes; both by one luck for all attempts at it. */
export function meetProblem(skill: number, difficulty: number, rng: Random): { chance: number; minutes: number } {
  const gap = difficulty - skill - luckDeviation * rng.normal();
  const chance = 1 / (1 + 10 ** (gap / attemptScale));
  return { chance, minutes: minutesAtPar * 10 ** (gap / 1200) * Math.exp(0.4 * rng.normal()) };
}

/** Failures before the first success; undefined when there is none. */
function firstSuccess(chance: number, attempts: number, rng: Random): number | undefined {
  for (let wrong = 0; wrong < attempts; wrong++) if (rng.next() < chance) return wrong;
  return undefined;
}

/** Mean of y near x, by a line fitted with weights that fall with distance (local linear regression). */
function localMean(xs: Float64Array, ys: readonly number[], at: number): number {
  let [w, wx, wy, wxx, wxy] = [0, 0, 0, 0, 0];
  for (let i = 0; i < xs.length; i++) {
    const x = xs[i]! - at;
    const weight = Math.exp(-((x / 60) ** 2) / 2);
    w += weight;
    wx += weight * x;
    wy += weight * ys[i]!;
    wxx += weight * x * x;
    wxy += weight * x * ys[i]!;
  }
  return (wy * wxx - wx * wxy) / (w * wxx - wx * wx);
}
