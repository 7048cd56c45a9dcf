/** A policy in words, with what its thresholds mean as agreement and what is known of its cost. */
import type { Policy, SignalName } from "../schemas.ts";
import { describeThreshold } from "../signals.ts";

const signalWords: Record<SignalName, string> = {
  entropy: "certaindex",
  rewardMean: "mean reward",
  rewardMax: "best reward",
  consistency: "consistency of the last probes",
  probability: "probability of the trial answer",
};

/** One or more sentences for a person; every number of the policy that has an effect is in them. */
export function describePolicy(policy: Policy): string {
  return [describeRule(policy), describeCalibration(policy)].filter(Boolean).join(" ");
}

/** The same without what is known of its cost. */
export function describeRule(policy: Policy): string {
  return [describeAlgorithm(policy), describeFloor(policy), describeHopeless(policy)].filter(Boolean).join(" ");
}

function describeAlgorithm(policy: Policy): string {
  const { algorithm, cap, detectAt, every } = policy;
  const units = `${detectAt} ${detectAt === 1 ? "unit" : "units"}`;
  const met = describeThresholds(policy);
  switch (algorithm) {
    case "even":
      return detectAt === cap ? `Spend all ${cap} units on every question.` : `Spend ${units} on every question.`;
    case "static":
      return `After ${units}, stop if ${met}; else go on to ${cap}.`;
    case "k-step":
      return `After ${units} and then every ${every}, stop if ${met}; go on to ${cap} at most.`;
    case "single-step":
      return `From ${units} on, stop as soon as ${met}; go on to ${cap} at most.`;
    case "adaptive-consistency":
      return `From ${units} on, stop as soon as the leading answer really leads with probability ${policy.confidence} (Adaptive-Consistency); go on to ${cap} at most.`;
    case "skyline":
      return `After ${units}, ${describeCurve(policy)}; ${cap} at most.`;
    case "dynamic":
      return `From ${units} on, after every unit, ${describeCurve(policy)}; ${cap} at most.`;
    case "length":
      return `After ${units}, stop if at most ${policy.maxTokens} tokens were spent; else go on to ${cap}.`;
  }
}

function describeThresholds({ thresholds, detectAt, algorithm }: Policy): string {
  const parts = Object.entries(thresholds).map(([name, threshold]) => {
    const text = `${signalWords[name as SignalName]} >= ${shorten(threshold)}`;
    if (name !== "entropy") return text;
    const when = algorithm === "static" ? "" : `at ${detectAt} answers: `;
    return `${text} (${when}${describeThreshold(threshold, detectAt)})`;
  });
  return parts.length > 0 ? parts.join(" and ") : "a threshold is met, of which there is none";
}

function describeCurve({ curve }: Policy): string {
  if (!curve) return "read the budget off a curve, which is missing";
  const points = curve.points.map(({ value, knob }) => `${knob} at ${shorten(value)}`).join(", ");
  return `read the budget off the curve of ${signalWords[curve.signal]} (${points})`;
}

const describeFloor = ({ minTokens, algorithm }: Policy): string =>
  minTokens > 0 && algorithm !== "even" ? `Never stop before ${minTokens} tokens.` : "";

function describeHopeless({ hopeless }: Policy): string {
  if (!hopeless) return "";
  return `Give up from ${hopeless.at} units on while ${signalWords[hopeless.signal]} < ${shorten(hopeless.below)}.`;
}

function describeCalibration({ calibration, algorithm }: Policy): string {
  if (!calibration) return algorithm === "even" ? "" : "Not calibrated: nobody has measured what it costs in accuracy.";
  const { n, losses, bound, delta, confidence, mode } = calibration;
  const seen = `Calibrated on ${n} questions, of which it lost ${losses}`;
  if (mode === "no-loss") return `${seen}; no bound on fresh questions is promised.`;
  return `${seen}: at most ${percent(bound)} lost at ${percent(confidence)} confidence (allowed: ${percent(delta)}).`;
}

const percent = (share: number) => `${Number((100 * share).toFixed(2))} %`;
const shorten = (value: number) => String(Number(value.toFixed(4)));
