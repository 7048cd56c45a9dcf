/**
 * How soon a program could settle at best, if every further answer joined the leading group.
 * Where agreement cannot return at the next decisions, asking at them is idle: their units are granted at once, and
 * may run at the same time. The decisions that remain are the same, so no token is saved or lost by it.
 */
import { betaCdf } from "../../../core/statistics/index.ts";
import { certaindex, reaches } from "../entropy.ts";
import type { Policy, Step } from "../schemas.ts";

/**
 * Probability that the leading answer really leads: with v1 and v2 votes for the first two, the share of the leader
 * between them is Beta(v1 + 1, v2 + 1) from a flat prior, and this is its mass above one half.
 * Source: Aggarwal et al. 2023, "Let's Sample Step by Step" (Adaptive-Consistency), section 3.2.
 * @param votes sizes of the answer groups in any order; empty gives one half: nothing is known
 */
export function leadProbability(votes: readonly number[]): number {
  const [first = 0, second = 0] = [...votes].sort((a, b) => b - a);
  return betaCdf(0.5, second + 1, first + 1);
}

/**
 * Whether the policy could stop `extra` units after `step`, as far as votes can tell.
 * Only where each unit was one vote can later votes be foreseen; elsewhere the answer is yes.
 */
export function couldSettle(policy: Policy, step: Step, extra: number): boolean {
  const { votes } = step;
  if (!votes || votes.reduce((sum, size) => sum + size, 0) !== step.knob) return true;
  const best = [(votes[0] ?? 0) + extra, ...votes.slice(1)];
  if (policy.algorithm === "adaptive-consistency") return leadProbability(best) >= policy.confidence;
  const { entropy } = policy.thresholds;
  return entropy === undefined || reaches(certaindex(best), entropy);
}
