/** What a program did, as a recording from which policies can be replayed. */
import type { Recording } from "../schemas.ts";
import type { Question } from "./program.ts";
import type { ProgramRun } from "./runtime.ts";

export interface RecordingDetails {
  question: Pick<Question, "target">;
  /** Units that could be spent. */
  cap: number;
  model: string;
  /** What it ran with, for fingerprints. */
  settings?: Record<string, unknown>;
}

/**
 * Of a program that ended before its cap and not by itself, only what it did is known: `ended` says so.
 * @returns null where a budget ended it, or it did nothing: that says nothing about any policy
 */
export function toRecording(
  run: Pick<ProgramRun, "id" | "program" | "reason" | "steps" | "isComplete" | "isPolicyStop">,
  { question, cap, model, settings = {} }: RecordingDetails,
): Recording | null {
  const { id, program, reason, steps, isComplete, isPolicyStop } = run;
  const isKnown = isComplete || isPolicyStop || reason === "failed";
  if (steps.length === 0 || !isKnown) return null;
  return { id, program, cap, settings, model, target: question.target, steps, ...(!isComplete && { ended: reason }) };
}
