/**
 * Whether the last answers agree: C_k = (1/w) * #{j in k-w+1..k : y_j = y_k}.
 * A probe without an answer, one that hesitates and one that failed say nothing: they agree with none, and leave the
 * window only when w further ones have come. Source: arXiv 2412.20993, "Probe-in-the-middle".
 */
import { windowConsistency } from "../signals.ts";
import type { ProbeReading } from "./read-probe.ts";
import type { ProbeSettings } from "./settings.ts";

export interface WindowState {
  /** From 0 to 1; undefined until `window` probes have come. */
  consistency: number | undefined;
  /** C_k has reached the threshold. */
  isSettled: boolean;
}

export interface ProbeWindow {
  /** A probe has answered; null: it failed. */
  push(probe: ProbeReading | null): WindowState;
  /** The last answer that counted. */
  readonly lastAnswer: string | null;
  readonly count: number;
}

export function createProbeWindow(
  { window, threshold = 1 }: Pick<ProbeSettings, "window"> & { threshold?: number },
  equal?: (a: string, b: string) => boolean,
): ProbeWindow {
  const answers: (string | null)[] = []; // the last `window` ones
  let lastAnswer: string | null = null;
  let count = 0;
  return {
    push(probe) {
      const answer = probe && !probe.isHesitant ? probe.answer : null;
      count++;
      answers.push(answer);
      if (answers.length > window) answers.shift();
      if (answer !== null) lastAnswer = answer;
      const consistency = windowConsistency(answers, window, equal);
      return { consistency, isSettled: answer !== null && consistency !== undefined && consistency >= threshold };
    },
    get lastAnswer() {
      return lastAnswer;
    },
    get count() {
      return count;
    },
  };
}
