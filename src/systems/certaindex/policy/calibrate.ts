/**
 * From recorded runs with known answers, the policy that saves most among those that provably lose little.
 * A loss is a question that the full budget has right and the policy wrong. `guarantee` (default): on fresh questions
 * of the same kind the share of losses is at most `delta` in `confidence` of all calibrations (fixed-sequence.ts).
 * `no-loss` is the paper's way (arXiv 2412.20993, "profiler-guided"): the boldest rule that lost no calibration
 * question; it promises nothing about fresh ones.
 */
import { clopperPearson } from "../../../core/statistics/index.ts";
import type { Calibration, Policy, PolicyAlgorithm, Recording, SignalName } from "../schemas.ts";
import { expectAlike, expectEnough, expectShare, nonePasses, probeGrid } from "./calibrate-checks.ts";
import { type Candidate, candidateSequences } from "./candidates.ts";
import { type TestedRule, testInOrder } from "./fixed-sequence.ts";
import { replay } from "./replay.ts";
import type { ReplaySummary } from "./summary.ts";

export interface CalibrateOptions {
  /** Name of the questions, for the fingerprint. */
  dataset: string;
  /** Share of questions that may be lost. Default 0.01. */
  delta?: number;
  /** Default 0.95. */
  confidence?: number;
  mode?: "guarantee" | "no-loss";
  /** Tried side by side; each further one costs power. Default `static`, for chains of thought `single-step`. */
  algorithms?: readonly PolicyAlgorithm[] | undefined;
  /** Combined by AND. Default: the paper's for the program. */
  signals?: readonly SignalName[] | undefined;
  /** Units before the first decision. Default: the paper's for the program. */
  detectAt?: number | undefined;
  /** Units between decisions of `k-step`. Default 5. */
  every?: number | undefined;
  /** Generated tokens below which nothing stops. Default 0. */
  minTokens?: number | undefined;
  /** Thresholds to try instead of the attainable ones; one value fixes a signal. */
  grids?: Partial<Record<SignalName, readonly number[]>>;
  /**
   * For chains of thought: windows, multiples of the recorded interval, and floors to try. Default: windows of 2, 3, 4,
   * 5, 6, 8, 10, 12, 16 and 20 probes as far as the cap allows, the recorded interval, and `minTokens` as the floor.
   */
  windows?: ProbeGrid | undefined;
  /** Whether two probes say the same; default: endpoint/answers. */
  equal?: (a: string, b: string) => boolean;
}

export interface ProbeGrid {
  /** Probes that must agree, each at least 2. */
  window?: readonly number[] | undefined;
  /** Every so many-th of the recorded probes, each at least 1. */
  every?: readonly number[] | undefined;
  /** Generated tokens before the first probe. */
  minTokens?: readonly number[] | undefined;
}

export type CalibratedPolicy = Policy & { calibration: Calibration };

export interface TestedCandidate extends TestedRule {
  policy: Policy;
  losses: number;
  /** Labelled questions it was tested on. */
  n: number;
  summary: Omit<ReplaySummary, "results">;
  /** Of the recordings it was tested on: for probes, its window, interval and floor. */
  settings: Recording["settings"];
}

export interface CalibrationDetails {
  policy: CalibratedPolicy;
  /** One list per algorithm, from safest to boldest. */
  sequences: TestedCandidate[][];
  /** Recordings without a label, which no loss can be counted on. */
  unlabelledCount: number;
}

const defaults: Record<string, { signals: SignalName[]; detectAt: number }> = {
  "self-consistency": { signals: ["entropy"], detectAt: 5 },
  rebase: { signals: ["entropy", "rewardMax"], detectAt: 16 },
  mcts: { signals: ["entropy", "rewardMean"], detectAt: 3 },
  "chain-of-thought": { signals: ["consistency"], detectAt: 2 },
};

/**
 * The policy alone; `calibrateInDetail` also tells of those that were not chosen.
 * @throws DataError when the questions are too few (it says how many are needed), when no rule passes, and for
 *   recordings that do not belong together or were cut short
 */
export function calibrate(recordings: readonly Recording[], options: CalibrateOptions): CalibratedPolicy {
  return calibrateInDetail(recordings, options).policy;
}

/** As `calibrate`, with every candidate and its test. */
export function calibrateInDetail(recordings: readonly Recording[], options: CalibrateOptions): CalibrationDetails {
  const { delta = 0.01, confidence = 0.95, mode = "guarantee" } = options;
  expectShare("delta", delta);
  expectShare("confidence", confidence);
  const labelled = recordings.filter(({ steps }) => steps.at(-1)!.correct !== null);
  const unlabelledCount = recordings.length - labelled.length;
  const first = expectAlike(labelled, recordings.length);
  const isChain = first.program === "chain-of-thought";
  const { algorithms = [isChain ? "single-step" : "static"] } = options;
  const test = { delta, confidence, sequenceCount: algorithms.length };
  if (mode === "guarantee") expectEnough(labelled.length, test);

  const sequences = candidateSequences(labelled, algorithms, withDefaults(first, options, isChain)).map(
    (candidates) => {
      if (mode === "guarantee" && candidates[0]) expectEnough(candidates[0].recordings.length, test);
      return testSequence(candidates, test, mode);
    },
  );
  const chosen = choose(sequences);
  if (!chosen) throw nonePasses(sequences, test, mode);
  const calibration: Calibration = {
    program: first.program,
    model: first.model,
    dataset: options.dataset,
    settings: chosen.settings,
    n: chosen.n,
    losses: chosen.losses,
    bound: chosen.bound,
    delta: mode === "no-loss" ? 0 : delta,
    confidence,
    saved: chosen.summary.saved ?? 0,
    mode,
    ...(chosen.disagreement !== undefined && { disagreement: chosen.disagreement }),
  };
  return { policy: { ...chosen.policy, calibration }, sequences, unlabelledCount };
}

interface Tested extends TestedCandidate {
  disagreement: number | undefined;
}

function testSequence(
  candidates: readonly Candidate[],
  test: Parameters<typeof testInOrder>[2],
  mode: "guarantee" | "no-loss",
): Tested[] {
  const replayed = candidates.map(({ policy, recordings }) => {
    const { results, ...summary } = replay(policy, recordings);
    return { policy, recordings, results, summary };
  });
  const losses = replayed.map(({ summary }) => summary.falseStops);
  const n = candidates[0]?.recordings.length ?? 0;
  const tested = mode === "guarantee" ? testInOrder(losses, n, test) : acceptLossless(losses, n, test);
  return replayed.map(({ policy, recordings, summary }, index) => ({
    policy,
    ...tested[index]!,
    losses: losses[index]!,
    n,
    summary,
    settings: recordings[0]!.settings,
    disagreement: summary.stoppedEarly
      ? clopperPearson(summary.changedAnswers, summary.stoppedEarly, { side: "upper", level: test.confidence }).high
      : undefined,
  }));
}

/** The paper's rule: on to the first that loses anything. */
function acceptLossless(losses: readonly number[], n: number, { confidence }: { confidence: number }): TestedRule[] {
  const end = losses.findIndex((count) => count > 0);
  return losses.map((count, index) => ({
    bound: clopperPearson(count, n, { side: "upper", level: confidence }).high,
    verdict: end === -1 || index < end ? "accepted" : index === end ? "refused" : "not tested",
  }));
}

/** The one that saves most; of equals the safest. */
function choose(sequences: readonly (readonly Tested[])[]): Tested | undefined {
  const accepted = sequences.flat().filter(({ verdict }) => verdict === "accepted");
  return accepted.reduce<Tested | undefined>((best, next) => {
    return best && (best.summary.saved ?? 0) >= (next.summary.saved ?? 0) ? best : next;
  }, undefined);
}

function withDefaults({ program, cap }: Recording, options: CalibrateOptions, isChain: boolean) {
  const windows = isChain || options.windows ? probeGrid(cap, options) : undefined;
  const { signals, detectAt } = defaults[windows ? "chain-of-thought" : program] ?? defaults["self-consistency"]!;
  return {
    ...options,
    signals: options.signals ?? signals,
    detectAt: Math.min(options.detectAt ?? detectAt, cap),
    every: options.every ?? 5,
    minTokens: options.minTokens ?? 0,
    windows,
  };
}
