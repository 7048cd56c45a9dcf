/**
 * Experiment 2: chains of thought that overthink, probed on the way. Presets as published against a floor and a window
 * calibrated on the same kind of questions, and against no probes. On ordinary questions, clean and broken ones; on plateaus,
 * where a run of `+0` and `*1` makes early probes repeat a wrong state; and, shown only, on noisy ones, at which the model
 * draws anew in each re-check: there stopping takes one draw for another, and no policy can promise the same answer.
 * Recorded once with a probe at every 4 tokens; every arm is derived from that. The presets' 64 tokens are 8 here.
 */
import { DataError } from "../../../core/errors.ts";
import type { Random } from "../../../core/random.ts";
import type { ReportSection } from "../../../core/report.ts";
import { type CalibratedPolicy, calibrate } from "../policy/calibrate.ts";
import { describePolicy } from "../policy/decide.ts";
import { type WindowSettings, withWindow } from "../policy/windows.ts";
import { presets } from "../probe/settings.ts";
import { chainOfThought } from "../programs/index.ts";
import { Policy, type Recording } from "../schemas.ts";
import { type Question, type Split, sampleQuestion } from "../world/question.ts";
import { chainsProbe } from "../world/task.ts";
import { CONTEXT_LENGTH } from "../world/teacher.ts";
import {
  accuracyPercent,
  avoidedLosses,
  falseStops,
  type Item,
  itemsUnder,
  lossPoints,
  savedPercent,
  shuffledStops,
} from "./figures.ts";
import { type Findings, type Sizes, show } from "./rows.ts";
import { drawQuestions, type Laboratory, record } from "./sampling.ts";

/** Tokens between recorded probes: the smallest interval of the presets, 32 tokens, to this scale. */
const interval = 4;
const cap = CONTEXT_LENGTH / interval;
/** Published interval of most presets, and what stands for it here. */
const [publishedInterval, scaledInterval] = [64, chainsProbe.interval];
/** Of the calibration questions: whoever meets plateaus must calibrate on some. */
const plateauShare = 0.25;
/** Of ordinary questions. */
const brokenShare = 0.2;
const temperature = 0.8;

const candidates = { window: [2, 3, 4, 6, 8], every: [2], minTokens: [0, 16, 32, 48, 64, 96] };
const equal = (a: string, b: string) => a === b;

export interface ProbingTrial {
  seed: number;
  ordinary: Recording[];
  plateau: Recording[];
  noisy: Recording[];
  /** Null: no rule passed, and nothing is stopped. */
  calibrated: CalibratedPolicy | null;
}

export async function probingExperiment(laboratory: Laboratory, sizes: Sizes & { plateau: number }): Promise<Findings> {
  const trials: ProbingTrial[] = [];
  for (const seed of sizes.seeds) {
    const sample = (kind: string, split: Split, count: number, question: (rng: Random) => Question) =>
      record(laboratory, {
        label: `chain-of-thought ${kind} ${split} ${seed}`,
        program: () => chainOfThought({ ...chainsProbe, interval, window: 2, temperature: 0.6 }),
        questions: drawQuestions(seed, `${kind} ${split}`, count, question),
        mode: "think",
        temperature,
        detectAt: 2,
        cap,
        settings: { interval },
        seed,
        width: 96,
      });
    const draw = (split: Split) => ({
      ordinary: (rng: Random) => sampleQuestion(rng, { class: rng.bool(brokenShare) ? "broken" : "clean", split }),
      plateau: (rng: Random) => sampleQuestion(rng, { class: "clean", plateau: true, split }),
      noisy: (rng: Random) => sampleQuestion(rng, { class: "noisy", split }),
    });
    const [known, unseen] = [draw("calibration"), draw("test")];
    const calibration = await sample("workload", "calibration", sizes.calibration, (rng) =>
      (rng.bool(plateauShare) ? known.plateau : known.ordinary)(rng),
    );
    trials.push({
      seed,
      calibrated: calibrateProbing(calibration, seed),
      ordinary: await sample("ordinary", "test", sizes.test, unseen.ordinary),
      plateau: await sample("plateau", "test", sizes.plateau, unseen.plateau),
      noisy: await sample("noisy", "test", sizes.plateau, unseen.noisy),
    });
  }
  return probingFindings(trials);
}

export function calibrateProbing(calibration: readonly Recording[], seed: number): CalibratedPolicy | null {
  try {
    return calibrate(calibration, { dataset: `digit chains to think about, seed ${seed}`, windows: candidates, equal });
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return null;
  }
}

type Arm = { name: string; ordinary: Item[]; plateau: Item[]; noisy: Item[] };

export function probingFindings(trials: readonly ProbingTrial[]): Findings {
  const arm = (name: string, under: (recordings: Recording[], trial: ProbingTrial) => Item[]): Arm => ({
    name,
    ordinary: trials.flatMap((trial) => under(trial.ordinary, trial)),
    plateau: trials.flatMap((trial) => under(trial.plateau, trial)),
    noisy: trials.flatMap((trial) => under(trial.noisy, trial)),
  });
  const none = arm("no probes", unprobed);
  const preset = (name: "mid" | "high" | "crazy") =>
    arm(`preset ${name}`, (recordings, { seed }) => {
      const { window, interval: published } = presets[name];
      return stopped(recordings, { window, every: (published * scaledInterval) / publishedInterval / interval }, seed);
    });
  const [mid, high, crazy] = [preset("mid"), preset("high"), preset("crazy")];
  const calibrated = arm("floor and window, calibrated", (recordings, trial) =>
    trial.calibrated ? stopped(recordings, windowOf(trial.calibrated), trial.seed) : unprobed(recordings, trial),
  );
  const random = {
    ordinary: shuffledStops(calibrated.ordinary),
    plateau: shuffledStops(calibrated.plateau),
    noisy: shuffledStops(calibrated.noisy),
  };
  const arms = [none, mid, high, crazy, calibrated, { name: "calibrated stops, dealt out at random", ...random }];
  return {
    rows: [
      {
        id: "C7",
        claim: "Chain of thought: net saving of a calibrated floor and window on ordinary questions",
        published: "11 to 29 %",
        unit: "%",
        measured: savedPercent(calibrated.ordinary),
        wanted: { atLeast: 15 },
      },
      {
        id: "C8",
        claim: "Chain of thought: what that costs in accuracy",
        published: "equal accuracy",
        unit: "points",
        measured: lossPoints(calibrated.ordinary),
        wanted: { atMost: 1 },
        control: { label: "as many stops, dealt out at random", measured: lossPoints(random.ordinary) },
      },
      {
        id: "C9",
        claim: "Chain of thought: what the uncalibrated preset mid costs on plateaus (counter-evidence of others)",
        published: 42.7,
        unit: "points",
        measured: lossPoints(mid.plateau),
        wanted: { atLeast: 10 },
        control: { label: "the calibrated floor and window", measured: lossPoints(calibrated.plateau) },
      },
    ],
    sections: [
      probingTable(
        "Chains of thought, ordinary questions",
        arms.map(({ name, ordinary }) => [name, ordinary]),
      ),
      probingTable(
        "Chains of thought, plateau questions",
        arms.map(({ name, plateau }) => [name, plateau]),
      ),
      probingTable(
        "Chains of thought, noisy questions: each re-check draws anew",
        arms.map(({ name, noisy }) => [name, noisy]),
      ),
      calibrationTable(trials),
    ],
  };
}

function stopped(recordings: readonly Recording[], settings: WindowSettings, seed: number): Item[] {
  const derived = recordings.map((recording) => withWindow(recording, settings, equal));
  const { window, every = 1, minTokens = 0 } = settings;
  const policy = Policy.parse({
    algorithm: "single-step",
    thresholds: { consistency: 1 },
    detectAt: window,
    cap: Math.floor(cap / every),
    minTokens,
  });
  return itemsUnder(policy, derived, seed, { freeProbes: true });
}

/** The window, floor and interval that a policy was calibrated with. */
function windowOf({ calibration, minTokens }: CalibratedPolicy): WindowSettings {
  const { window, interval: chosen } = calibration.settings as { window: number; interval: number };
  return { window, every: chosen / interval, minTokens };
}

/** To the chain's own end, and nobody asks on the way. */
function unprobed(recordings: readonly Recording[], { seed }: Pick<ProbingTrial, "seed">): Item[] {
  const silent = recordings.map((recording) => ({
    ...recording,
    steps: recording.steps.map((step) => ({ ...step, probeTokens: 0 })),
  }));
  return itemsUnder(Policy.parse({ algorithm: "even", detectAt: cap, cap }), silent, seed, { freeProbes: true });
}

function probingTable(title: string, arms: readonly (readonly [string, readonly Item[]])[]): ReportSection {
  const ratio = (items: readonly Item[]) => {
    const avoided = avoidedLosses(items);
    return avoided > 0 ? `${(falseStops(items) / avoided).toFixed(1)} : 1` : `${falseStops(items)} : 0`;
  };
  return {
    kind: "table",
    title,
    columns: [
      "stopping",
      "net tokens saved, %",
      "right, %",
      "loss, points",
      "stopped",
      "truncated recoveries : avoided overthinking",
    ],
    rows: arms.map(([name, items]) => [
      name,
      show(savedPercent(items)),
      show(accuracyPercent(items)),
      show(lossPoints(items), 2),
      items.filter(({ result, recording }) => result.tokens < recording.steps.at(-1)!.tokens).length,
      ratio(items),
    ]),
    note: `${arms[0]![1].length} questions. Tokens of probes are counted as spent. A truncated recovery is right at the chain's own end and wrong when stopped; the reverse is overthinking avoided.`,
  };
}

function calibrationTable(trials: readonly ProbingTrial[]): ReportSection {
  return {
    kind: "table",
    title: "What was calibrated for chains of thought",
    columns: ["seed", "policy", "window", "floor, tokens", "losses of calibration questions"],
    rows: trials.map(({ seed, calibrated }) => {
      if (!calibrated) return [seed, "none: no rule passed", null, null, null];
      const { window, minTokens = 0 } = windowOf(calibrated);
      const { losses, n } = calibrated.calibration;
      return [seed, describePolicy(calibrated), window, minTokens, `${losses} of ${n}`];
    }),
  };
}
