/**
 * A policy as the scheduler sees it: how many units are granted at a time, and how many are still to come.
 * Real services grant rounds: a batch of branches, a look at their answers, the next batch.
 */
import { decide } from "../policy/decide.ts";
import type { Policy } from "../schemas.ts";
import type { Allocation } from "./drive.ts";

export interface AllocationOptions {
  /** Units granted together at most; default as many as the policy says. */
  roundSize?: number;
}

/** One policy for all programs. */
export function allocate(policy: Policy, { roundSize = Number.POSITIVE_INFINITY }: AllocationOptions = {}): Allocation {
  return {
    decide(_, steps) {
      const decision = decide(policy, steps);
      return "grant" in decision ? { grant: Math.min(decision.grant, roundSize) } : decision;
    },
    // What the policy will grant if nothing settles in between: it is only asked about programs that go on.
    remaining(_, steps) {
      const decision = decide(policy, steps);
      return "grant" in decision ? decision.grant : 0;
    },
  };
}

/** Every program gets its whole cap. */
export function withoutCertaindex({ cap }: Policy): Policy {
  return { algorithm: "even", thresholds: {}, detectAt: cap, every: 5, cap, confidence: 0.95, minTokens: 0 };
}
