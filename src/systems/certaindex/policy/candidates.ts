/**
 * The rules that a calibration tries, from safest to boldest, fixed by the options and never by the outcomes: that
 * order is what the guarantee rests on (fixed-sequence.ts).
 */
import { createHash } from "node:crypto";
import { ConfigError } from "../../../core/errors.ts";
import { answersEqual } from "../../../endpoint/answers/index.ts";
import { Policy, type PolicyAlgorithm, type Recording, type SignalName, type Signals } from "../schemas.ts";
import { attainableValues } from "../signals.ts";
import type { CalibrateOptions, ProbeGrid } from "./calibrate.ts";
import { skyline } from "./skyline.ts";
import { withWindow } from "./windows.ts";

export interface Candidate {
  policy: Policy;
  /** What it is tested on: for probes, the recordings as they would be with its window, interval and floor. */
  recordings: readonly Recording[];
}

/** What `calibrate` made of its options and recordings. */
export interface CandidateOptions extends Pick<CalibrateOptions, "grids" | "equal"> {
  detectAt: number;
  every: number;
  minTokens: number;
  signals: readonly SignalName[];
  windows?: { [Name in keyof ProbeGrid]-?: readonly number[] } | undefined;
}

const confidences = [0.9999, 0.999, 0.995, 0.99, 0.98, 0.97, 0.95, 0.925, 0.9, 0.85, 0.8, 0.7];
const shares = [0.99, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0];

/** More thresholds than this bring nothing that could be told apart by some hundred questions. */
const mostThresholds = 40;
/** Of more answers, partitions are slow to enumerate, and neighbouring values differ by less than matters. */
const mostAnswers = 40;

/** One sequence per algorithm, each from safest to boldest. */
export function candidateSequences(
  recordings: readonly Recording[],
  algorithms: readonly PolicyAlgorithm[],
  options: CandidateOptions,
): Candidate[][] {
  return algorithms.map((algorithm) => {
    if (options.windows) return probeCandidates(recordings, algorithm, options);
    if (algorithm === "skyline" || algorithm === "dynamic") return curveCandidates(recordings, algorithm, options);
    const cap = recordings[0]!.cap;
    return rules(algorithm, cap, options).map((rule) => ({
      policy: policyOf(algorithm, cap, options, rule),
      recordings,
    }));
  });
}

function policyOf(
  algorithm: PolicyAlgorithm,
  cap: number,
  { detectAt, every, minTokens }: CandidateOptions,
  rule: Partial<Policy>,
): Policy {
  return Policy.parse({ algorithm, cap, detectAt: Math.min(detectAt, cap), every, minTokens, ...rule });
}

function rules(algorithm: PolicyAlgorithm, cap: number, options: CandidateOptions): Partial<Policy>[] {
  if (algorithm === "adaptive-consistency") return confidences.map((confidence) => ({ confidence }));
  if (algorithm === "even") {
    return Array.from({ length: cap - options.detectAt + 1 }, (_, index) => ({ detectAt: cap - index }));
  }
  if (algorithm === "length") {
    throw new ConfigError("calibrate: algorithm: length cannot be calibrated: its scale is the data's own", {
      hint: "It is a baseline: replay it with a maxTokens of your choice.",
    });
  }
  const grids = options.signals.map((signal) => gridOf(signal, algorithm, cap, options));
  const length = Math.max(...grids.map((grid) => grid.length));
  // Several signals are relaxed side by side, along the diagonal from all at their strictest to all at their loosest.
  return Array.from({ length }, (_, index) => {
    const thresholds: Signals = {};
    options.signals.forEach((signal, place) => {
      const grid = grids[place]!;
      const share = length === 1 ? 0 : index / (length - 1);
      thresholds[signal] = grid[Math.round(share * (grid.length - 1))]!;
    });
    return { thresholds };
  });
}

/** Thresholds of one signal, falling. For certaindex only values that the answers at a decision can have. */
function gridOf(signal: SignalName, algorithm: PolicyAlgorithm, cap: number, options: CandidateOptions): number[] {
  const given = options.grids?.[signal];
  if (given) return [...given].sort((a, b) => b - a);
  if (signal !== "entropy") return shares;
  const { detectAt, every } = options;
  const step = algorithm === "static" ? cap : algorithm === "k-step" ? every : 1;
  const values = new Set<number>();
  for (let n = Math.max(2, detectAt); n <= Math.min(cap, mostAnswers); n += step) {
    for (const { value } of attainableValues(n)) values.add(value);
  }
  // So many answers can have nearly every value.
  if (detectAt > mostAnswers) return Array.from({ length: mostThresholds }, (_, i) => 1 - i / (mostThresholds - 1));
  return thin([...values].sort((a, b) => b - a));
}

function thin(falling: readonly number[]): number[] {
  if (falling.length <= mostThresholds) return [...falling];
  const ideal = Array.from({ length: mostThresholds }, (_, index) => 1 - index / (mostThresholds - 1));
  return [...new Set(ideal.map((wanted) => falling.find((value) => value <= wanted + 1e-9) ?? falling.at(-1)!))];
}

/** Windows of probes: safer is what can stop later at the earliest, and of those what asks more probes to agree. */
function probeCandidates(
  recordings: readonly Recording[],
  algorithm: PolicyAlgorithm,
  options: CandidateOptions,
): Candidate[] {
  const { window: windows, every: multiples, minTokens: floors } = options.windows!;
  const interval = Number(recordings[0]!.settings.interval ?? 1);
  const settings = windows.flatMap((window) =>
    multiples.flatMap((every) => floors.map((minTokens) => ({ window, every, minTokens }))),
  );
  const earliest = (one: (typeof settings)[number]) => one.minTokens + one.window * one.every * interval;
  settings.sort((a, b) => earliest(b) - earliest(a) || b.window - a.window || b.minTokens - a.minTokens);
  const equal = remember(options.equal ?? ((a, b) => answersEqual(a, b).equal));
  return settings.flatMap(({ window, every, minTokens }) => {
    const derived = recordings.map((recording) => withWindow(recording, { window, every, minTokens }, equal));
    const cap = derived[0]!.cap;
    const withThresholds = { ...options, detectAt: Math.min(window, cap), minTokens };
    const grids = { consistency: [1], ...options.grids };
    return rules(algorithm, cap, { ...withThresholds, grids }).map((rule) => ({
      policy: policyOf(algorithm, cap, withThresholds, rule),
      recordings: derived,
    }));
  });
}

/** The same few answers are compared again under every window. */
function remember(equal: (a: string, b: string) => boolean): (a: string, b: string) => boolean {
  const known = new Map<string, boolean>();
  return (a, b) => {
    const key = JSON.stringify([a, b]);
    const result = known.get(key) ?? equal(a, b);
    known.set(key, result);
    return result;
  };
}

/**
 * A curve is drawn from one half of the questions and tested on the other, since a rule must not be made of what tests
 * it. Safer are curves that grant more units than the envelope says.
 */
function curveCandidates(
  recordings: readonly Recording[],
  algorithm: "skyline" | "dynamic",
  options: CandidateOptions,
): Candidate[] {
  const isDrawing = ({ id }: Recording) => createHash("sha256").update(id).digest()[0]! < 128;
  const testing = recordings.filter((recording) => !isDrawing(recording));
  const signal = options.signals[0]!;
  const { cap } = recordings[0]!;
  const { detectAt } = options;
  const curve = skyline(recordings.filter(isDrawing), { signal, detectAt, everyStep: algorithm === "dynamic" });
  const margins = [
    ...new Set([1, 0.75, 0.5, 0.3, 0.2, 0.1, 0.05, 0].map((share) => Math.round(share * (cap - detectAt)))),
  ];
  return margins.map((margin) => {
    const points = curve.points.map(({ value, knob }) => ({ value, knob: Math.min(cap, knob + margin) }));
    // Points that the cap made equal are one, of the highest value.
    const distinct = points.filter(({ knob }, index) => points[index + 1]?.knob !== knob);
    return { policy: policyOf(algorithm, cap, options, { curve: { signal, points: distinct } }), recordings: testing };
  });
}
