/**
 * What a model's attempts are worth in a contest, and where that stands in the field.
 * Source: Quan et al. 2025, section 3.3, and the published code: the model solves at minute 0, and every attempt before
 * the first accepted one costs 50 points, or 10 minutes where problems count one.
 * Ours: the same with the minute at which a solution was there, as for people.
 */
import type { Place } from "./contest-rating.ts";
import { wrongBeforeFirst } from "./pass-at-k.ts";
import type { ContestProblem, FieldEntry } from "./standings.ts";

export interface Score {
  points: number;
  /** Only where problems count one; minutes. */
  penalty: number;
}

export interface ProblemOutcome {
  /** Wrong attempts before the first accepted one; null when none was accepted. */
  wrongCount: number | null;
  /** When the accepted one was there, minutes from the start; absent: minute 0. */
  minute?: number;
}

/** Points of one problem, or 1; and its penalty. */
export function scoreProblem({ points }: ContestProblem, { wrongCount, minute = 0 }: ProblemOutcome): Score {
  if (wrongCount === null) return { points: 0, penalty: 0 };
  if (points === undefined) return { points: 1, penalty: 10 * wrongCount + minute };
  if (minute === 0) return { points: Math.max(0, points - 50 * wrongCount), penalty: 0 };
  const decayed = points - (points / 250) * minute - 50 * wrongCount; // Codeforces's own rule, with its floor
  return { points: Math.max(0.3 * points, decayed), penalty: 0 };
}

/** The sum over problems, in their order. */
export function scoreContest(problems: readonly ContestProblem[], outcomes: readonly ProblemOutcome[]): Score {
  return problems
    .map((problem, index) => scoreProblem(problem, outcomes[index]!))
    .reduce((sum, one) => ({ points: sum.points + one.points, penalty: sum.penalty + one.penalty }), {
      points: 0,
      penalty: 0,
    });
}

/** Where a score stands. @param field best first, as `fieldOf` gives it */
export function placeOf({ points, penalty }: Score, field: readonly FieldEntry[]): Place {
  let [ahead, tied] = [0, 0];
  for (const entry of field) {
    if (entry.points > points || (entry.points === points && entry.penalty < penalty)) ahead++;
    else if (entry.points === points && entry.penalty === penalty) tied++;
    else break;
  }
  return { ahead, tied };
}

export interface ScoreChance extends Score {
  probability: number;
}

/**
 * The distribution of the score over all orders of the attempts: they were drawn independently, so the order in which
 * they happened to come says nothing about the model, and its effect on the rating can be taken out.
 * @param counts per problem the attempts and the accepted ones among them
 */
export function scoreOverOrders(
  problems: readonly ContestProblem[],
  counts: readonly { attempts: number; accepted: number }[],
): ScoreChance[] {
  let chances = new Map<string, ScoreChance>([["0 0", { points: 0, penalty: 0, probability: 1 }]]);
  for (const [index, problem] of problems.entries()) {
    const { attempts, accepted } = counts[index]!;
    const wrong = wrongBeforeFirst(attempts, accepted);
    if (wrong.length === 0) continue;
    const next = new Map<string, ScoreChance>();
    for (const before of chances.values()) {
      for (const [wrongCount, probability] of wrong.entries()) {
        const one = scoreProblem(problem, { wrongCount });
        const sum = { points: before.points + one.points, penalty: before.penalty + one.penalty };
        const key = `${sum.points} ${sum.penalty}`;
        const known = next.get(key)?.probability ?? 0;
        next.set(key, { ...sum, probability: known + before.probability * probability });
      }
    }
    chances = next;
  }
  return [...chances.values()].sort((a, b) => b.points - a.points || a.penalty - b.penalty);
}
