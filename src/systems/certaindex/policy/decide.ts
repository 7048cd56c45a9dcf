/**
 * The decision after each step of a program: so many units more, or the end. Pure, so that the live engine, a remote
 * endpoint, the simulator and replay all decide alike.
 * Source: arXiv 2412.20993, token allocation policies; Aggarwal et al. 2023 for `adaptive-consistency`.
 * Ours: the floor of tokens, the cut of hopeless programs, and that units are granted together where the decisions
 * between them are settled beforehand.
 */
import { reaches } from "../entropy.ts";
import type { Decision, Policy, Step } from "../schemas.ts";
import { meetsAll } from "../signals.ts";
import { couldSettle, leadProbability } from "./settling.ts";

export { describePolicy } from "./describe.ts";

/**
 * What to do next.
 * @param steps the program's steps so far, in order of knob; empty at the first grant
 */
export function decide(policy: Policy, steps: readonly Step[]): Decision {
  const { cap, detectAt, hopeless, minTokens } = policy;
  const last = steps.at(-1);
  if (!last) return { grant: Math.min(detectAt, cap) };
  const spent = last.knob;
  if (spent >= cap) return { stop: "cap" };
  if (policy.algorithm === "even") {
    return spent >= detectAt ? { stop: "budget" } : { grant: detectAt - spent };
  }
  // Below the floor of tokens nothing is decided, and the first decision comes as soon as it is passed.
  const first = steps.findIndex(({ knob, tokens }) => knob >= detectAt && tokens >= minTokens);
  if (first === -1) return { grant: Math.max(1, detectAt - spent) };
  if (isHopeless(policy, last)) return { stop: "hopeless" };
  const decision = decideAfterFloor(policy, steps, first);
  if ("stop" in decision || !hopeless || spent >= hopeless.at) return decision;
  return { grant: Math.min(decision.grant, hopeless.at - spent) };
}

/** An absent signal tells nothing, so it cuts nobody off. */
function isHopeless({ hopeless }: Policy, { knob, signals }: Step): boolean {
  const value = hopeless && signals[hopeless.signal];
  return value !== undefined && knob >= hopeless!.at && !reaches(value, hopeless!.below);
}

/** @param first index of the step at which the first decision was due */
function decideAfterFloor(policy: Policy, steps: readonly Step[], first: number): Decision {
  const last = steps.at(-1)!;
  const spent = last.knob;
  if (policy.algorithm === "skyline" || policy.algorithm === "dynamic") {
    const isDynamic = policy.algorithm === "dynamic";
    const budget = budgetOf(policy, isDynamic ? last : steps[first]!);
    if (budget <= spent) return { stop: "budget" };
    return { grant: isDynamic ? 1 : budget - spent };
  }
  const start = steps[first]!.knob;
  const every = intervalOf(policy);
  const due = every === undefined ? start : start + Math.floor((spent - start) / every) * every; // the latest decision
  const isDue = (steps.at(-2)?.knob ?? 0) < due; // or else it was made at an earlier step
  if (isDue && isSettled(policy, last)) return { stop: "settled" };
  if (every !== undefined) {
    for (let next = due + every; next < policy.cap; next += every) {
      if (couldSettle(policy, last, next - spent)) return { grant: next - spent };
    }
  }
  return { grant: policy.cap - spent };
}

/** Units between two decisions; undefined where there is but one. */
function intervalOf({ algorithm, every }: Policy): number | undefined {
  if (algorithm === "static" || algorithm === "length") return undefined;
  return algorithm === "k-step" ? every : 1;
}

/** A program without an answer is not settled, whatever its signals say. */
function isSettled(policy: Policy, { answer, signals, tokens, votes }: Step): boolean {
  if (policy.algorithm === "length") return policy.maxTokens !== undefined && tokens <= policy.maxTokens;
  if (answer === null) return false;
  if (policy.algorithm === "adaptive-consistency") {
    return votes !== undefined && leadProbability(votes) >= policy.confidence;
  }
  return meetsAll(signals, policy.thresholds);
}

/** The curve's budget at a step: the largest that a question at least this settled was seen to need. */
function budgetOf({ curve, cap }: Policy, { signals }: Step): number {
  const value = curve && signals[curve.signal];
  if (value === undefined) return cap; // nothing to go by
  const needed = curve!.points.filter((point) => reaches(point.value, value)).map(({ knob }) => knob);
  return Math.min(cap, Math.max(0, ...needed));
}
