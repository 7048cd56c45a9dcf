/**
 * Other windows, intervals and floors of probes from one recording: probes at every T tokens hold those at every 2 T.
 * Where a window of w probes agrees depends on their answers alone, so a recording made once serves every setting.
 */
import type { Recording, Step } from "../schemas.ts";
import { windowConsistency } from "../signals.ts";

export interface WindowSettings {
  /** Probes that must agree; at least 2, since one probe says nothing. */
  window: number;
  /** Keep every so many-th probe: 2 doubles the interval. Default 1. */
  every?: number;
  /** Generated tokens before the first probe. Default 0. */
  minTokens?: number;
}

/**
 * The recording as it would be with other settings. Steps carry `probed`, the answer of their probe alone; where it is
 * absent, `answer` stands for it.
 * Tokens of probes that would not be made are left out. So are the prompt tokens of their steps, except of the first,
 * which read the question itself.
 */
export function withWindow(
  recording: Recording,
  { window, every = 1, minTokens = 0 }: WindowSettings,
  equal?: (a: string, b: string) => boolean,
): Recording {
  const { steps, cap } = recording;
  const lastStep = steps.at(-1)!;
  const isNatural = lastStep.knob < cap; // its last step is the chain's own end, and no probe
  const answers: (string | null)[] = [];
  const spent = { probeTokens: 0, promptTokens: 0, sharedPromptTokens: 0 };
  let answer: string | null = null;
  let correct: boolean | null = steps[0]!.correct === null ? null : false;
  const derived = steps.flatMap((step, index): Step | [] => {
    const isEnd = isNatural && index === steps.length - 1;
    if (step.knob % every !== 0 && !isEnd) {
      if (index === 0) addPrompt(spent, step, undefined);
      return [];
    }
    const isProbed = !isEnd && step.tokens >= minTokens;
    if (isProbed || index === 0) addPrompt(spent, step, steps[index - 1]);
    if (isProbed) {
      spent.probeTokens += step.probeTokens - (steps[index - 1]?.probeTokens ?? 0);
      const probed = step.probed === undefined ? step.answer : step.probed;
      answers.push(probed);
      if (probed !== null) [answer, correct] = [step.answer, step.correct];
    }
    const consistency = isProbed ? windowConsistency(answers, window, equal) : undefined;
    const { probability } = step.signals;
    return {
      ...step,
      knob: Math.ceil(step.knob / every),
      ...spent,
      signals: {
        ...(consistency !== undefined && { consistency }),
        ...(isProbed && probability !== undefined && { probability }),
      },
      ...(!isEnd && { answer, correct }),
    };
  });
  const settings = { ...recording.settings, window, minTokens, ...scaleInterval(recording.settings.interval, every) };
  return { ...recording, cap: Math.floor(cap / every), settings, steps: derived };
}

function addPrompt(spent: { promptTokens: number; sharedPromptTokens: number }, step: Step, before: Step | undefined) {
  spent.promptTokens += step.promptTokens - (before?.promptTokens ?? 0);
  spent.sharedPromptTokens += step.sharedPromptTokens - (before?.sharedPromptTokens ?? 0);
}

const scaleInterval = (interval: unknown, every: number) =>
  typeof interval === "number" ? { interval: interval * every } : {};
