/**
 * Shadow mode: a share of the stops runs on to the end, unseen by who asked, to learn what the full run would have
 * said. Where it says something else more often than at calibration, the policy is turned off.
 * It sees whether stopping changes answers. A model that gets worse with and without stopping is no fault of the
 * policy, and is not noticed here.
 */
import { ConfigError } from "../../../core/errors.ts";
import { Random } from "../../../core/random.ts";
import { clopperPearson, type Interval } from "../../../core/statistics/index.ts";
import type { Policy } from "../schemas.ts";
import { addOutcome, alarmLevel, type Evidence, noEvidence } from "./drift.ts";

export interface ShadowOptions {
  /** Share of stops that run to the end; default 0.1. */
  share?: number;
  /** The share while there is suspicion, a fortieth of the evidence for an alarm; default `share`. */
  alertShare?: number;
  /** Share of stops whose answer may change; default: what the policy's calibration saw, as an upper bound. */
  allowed?: number;
  /** Shadowed stops between two false alarms, on average at least; default 400, which are 4,000 stops at 10 %. */
  falseAlarmEvery?: number;
  /** Chooses the programs that are shadowed; default 0. */
  seed?: number | string;
}

/** JSON-safe: to go on with after a restart. */
export interface ShadowState {
  shadowed: number;
  disagreed: number;
  evidence: Evidence;
  /** The program at which the alarm went off; the policy is off from then on. */
  offAt: string | null;
}

export interface ShadowSummary {
  shadowed: number;
  disagreed: number;
  /** Share of stops whose answer the full run changed, with its 95 % interval; null before the first. */
  disagreement: Interval | null;
  allowed: number;
  /** Evidence of drift as a share of what sets off the alarm. */
  alarmLevel: number;
  isOff: boolean;
  offAt: string | null;
}

export interface Shadow {
  /** Whether this program goes on after its stop; the same for the same seed and program, in whatever order they come. */
  isShadowed(program: string): boolean;
  /** A shadowed program has ended. @returns whether the policy is off now */
  record(program: string, disagrees: boolean): boolean;
  /** The policy while there is no alarm, and from then on the full budget for all. */
  inForce(): Policy;
  readonly isOff: boolean;
  state(): ShadowState;
  summary(): ShadowSummary;
}

/**
 * @param state of an earlier process, to go on with
 * @throws ConfigError for shares out of range, and for a policy without calibration when `allowed` is not given
 */
export function createShadow(policy: Policy, options: ShadowOptions = {}, state?: ShadowState): Shadow {
  const { share = 0.1, alertShare = share, falseAlarmEvery = 400, seed = 0 } = options;
  const allowed = options.allowed ?? allowedBy(policy);
  expectShare("share", share, 1);
  expectShare("alertShare", alertShare, 1);
  expectShare("allowed", allowed, 0.999);
  let { shadowed, disagreed, evidence, offAt } = state ?? {
    shadowed: 0,
    disagreed: 0,
    evidence: noEvidence(),
    offAt: null,
  };
  const level = () => alarmLevel(evidence, { falseAlarmEvery });
  return {
    isShadowed(program) {
      const drawn = new Random(`${seed}/shadow`).split(program).next();
      return drawn < (level() >= 1 / 40 ? alertShare : share);
    },
    record(program, disagrees) {
      shadowed++;
      if (disagrees) disagreed++;
      evidence = addOutcome(evidence, disagrees, { allowed });
      if (offAt === null && level() >= 1) offAt = program;
      return offAt !== null;
    },
    inForce: () => (offAt === null ? policy : fullBudget(policy)),
    get isOff() {
      return offAt !== null;
    },
    state: () => ({ shadowed, disagreed, evidence: [...evidence], offAt }),
    summary: () => ({
      shadowed,
      disagreed,
      disagreement: shadowed > 0 ? clopperPearson(disagreed, shadowed) : null,
      allowed,
      alarmLevel: level(),
      isOff: offAt !== null,
      offAt,
    }),
  };
}

/** All units for every question. */
export function fullBudget({ cap }: Pick<Policy, "cap">): Policy {
  return { algorithm: "even", thresholds: {}, detectAt: cap, every: 1, cap, confidence: 0.95, minTokens: 0 };
}

function allowedBy({ calibration }: Policy): number {
  const allowed = calibration?.disagreement ?? (calibration?.delta || undefined);
  if (allowed !== undefined) return allowed;
  throw new ConfigError("shadow: allowed: missing, and the policy was not calibrated", {
    hint: "Calibrate it, or say which share of stops may change their answer, e.g. 0.02.",
  });
}

function expectShare(name: string, value: number, most: number): void {
  if (value > 0 && value <= most) return;
  throw new ConfigError(`shadow: ${name}: expected a share above 0 and at most ${most}, got ${value}`);
}
