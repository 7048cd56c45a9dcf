/** What stopping at a threshold would have saved and lost on recorded runs: the whole curve, and one point of it. */
import { DataError } from "../../../core/errors.ts";
import { clopperPearson } from "../../../core/statistics/index.ts";
import {
  compareFingerprint,
  describePolicy,
  Policy,
  type Recording,
  type ReplayResult,
  type ReplaySummary,
  replay,
  SignalName,
} from "../../../systems/certaindex/index.ts";
import type { CalibratedPolicy, FalseStop, PolicyOutcome, PolicyPoint, PolicyView } from "./contract.ts";

const gridSize = 20;
const shownStops = 200;

export interface PolicyChoice {
  signal?: SignalName | undefined;
  detectAt?: number | undefined;
  threshold: number;
}

/** What a run of `certaindex calibrate` left. */
export interface PolicyOfRun {
  run: string;
  policy: Policy;
}

/**
 * @param calibrated policies that were calibrated here; those for another kind of program or another cap are left out
 * @throws DataError for recordings that a policy had cut short
 */
export function viewPolicy(
  recordings: readonly Recording[],
  choice: PolicyChoice,
  calibrated: readonly PolicyOfRun[] = [],
): PolicyView {
  const [first] = recordings;
  if (!first) throw new DataError("There are no recordings in this file");
  const { program, model, cap } = first;
  const signals = SignalName.options.filter((name) =>
    recordings.some(({ steps }) => steps.some((step) => step.signals[name] !== undefined)),
  );
  const signal = choice.signal && signals.includes(choice.signal) ? choice.signal : signals[0];
  if (!signal) throw new DataError("These recordings have no signal to stop by");
  const detectAt = Math.min(choice.detectAt ?? Math.max(1, Math.ceil(cap / 4)), cap);
  const policyAt = (threshold: number) =>
    Policy.parse({ algorithm: "single-step", thresholds: { [signal]: threshold }, detectAt, cap });
  const pointAt = (threshold: number) => toPoint(threshold, replay(policyAt(threshold), recordings));
  const policy = policyAt(choice.threshold);
  const summary = replay(policy, recordings);
  const byId = new Map(recordings.map((recording) => [recording.id, recording]));
  const changed = summary.results.filter((one) => one.tokens < one.fullTokens && isChanged(one));
  return {
    program,
    model,
    cap,
    questionCount: recordings.length,
    signals,
    detectAt,
    curve: Array.from({ length: gridSize + 1 }, (_, index) => pointAt(index / gridSize)),
    chosen: toPoint(choice.threshold, summary),
    accuracy: summary.accuracy,
    policyWords: describePolicy(policy),
    calibrated: calibrated
      .filter((one) => one.policy.cap === cap && one.policy.calibration?.program === program)
      .map((one) => replayCalibrated(one, recordings)),
    changed: changed.slice(0, shownStops).map((one): FalseStop => {
      const recording = byId.get(one.id)!;
      const { id, knob, tokens, answer, correct, fullTokens, fullAnswer, fullCorrect } = one;
      const value = recording.steps.find((step) => step.knob === knob)?.signals[signal] ?? null;
      return {
        id,
        target: recording.target,
        value,
        knob,
        tokens,
        answer,
        correct,
        fullTokens,
        fullAnswer,
        fullCorrect,
      };
    }),
  };
}

function replayCalibrated({ run, policy }: PolicyOfRun, recordings: readonly Recording[]): CalibratedPolicy {
  const { program, model, cap } = recordings[0]!;
  return {
    run,
    words: describePolicy(policy),
    differs: compareFingerprint(policy, { program, model, cap }),
    outcome: toOutcome(replay(policy, recordings)),
  };
}

function isChanged({ answer, correct, fullAnswer, fullCorrect }: ReplayResult): boolean {
  return correct !== null && fullCorrect !== null && (correct || fullCorrect)
    ? correct !== fullCorrect
    : answer !== fullAnswer;
}

const toPoint = (threshold: number, summary: ReplaySummary): PolicyPoint => ({ threshold, ...toOutcome(summary) });

function toOutcome(summary: ReplaySummary): PolicyOutcome {
  const { saved, accuracy, fullAccuracy, stoppedEarly, falseStops: losses, labelledCount } = summary;
  return {
    saved,
    accuracy: accuracy?.value ?? null,
    fullAccuracy: fullAccuracy?.value ?? null,
    stoppedEarly,
    losses,
    labelledCount,
    bound: labelledCount > 0 ? clopperPearson(losses, labelledCount, { side: "upper" }).high : null,
  };
}
