/**
 * What a policy would have done on recorded runs: exact, offline and without a model, because `decide` sees nothing
 * but steps. A result's tokens are those of the step at which the program would have ended.
 */
import { DataError } from "../../../core/errors.ts";
import type { Policy, Recording, Step, StopReason } from "../schemas.ts";
import { decide } from "./decide.ts";
import { type ReplaySummary, summarize } from "./summary.ts";

export type { ReplaySummary } from "./summary.ts";

/** One question under a policy, beside the whole recorded budget. */
export interface ReplayResult {
  id: string;
  /** Units spent. */
  knob: number;
  /** Generated tokens, without those of probes. */
  tokens: number;
  probeTokens: number;
  /** Prompt tokens that a server without a prefix cache reads. */
  promptTokens: number;
  /** Of those, the ones that a prefix cache spares. */
  sharedPromptTokens: number;
  answer: string | null;
  /** null without a label. */
  correct: boolean | null;
  reason: StopReason;
  /** Tokens of the whole recording; it needs no probes. */
  fullTokens: number;
  fullAnswer: string | null;
  fullCorrect: boolean | null;
  /** False where the recording itself was cut short by a policy: `full...` are then only what is known. */
  isFullKnown: boolean;
}

/**
 * One recording under a policy.
 * @throws DataError when the policy would have gone on beyond what is recorded
 */
export function replayOne(policy: Policy, recording: Recording): ReplayResult {
  const { steps } = recording;
  let taken = 0;
  for (;;) {
    const decision = decide(policy, steps.slice(0, taken));
    if ("stop" in decision) return resultOf(recording, steps[taken - 1]!, decision.stop);
    const until = (steps[taken - 1]?.knob ?? 0) + decision.grant;
    // A program may take units in lumps: a step that goes beyond the grant was asked for all the same.
    do taken++;
    while (taken < steps.length && steps[taken]!.knob <= until);
    if (taken < steps.length) continue;
    const end = steps[taken - 1]!;
    const next = whatFollows(policy, recording, end, until);
    if (next === undefined) throw tooShort(policy, recording);
    return resultOf(recording, end, next);
  }
}

/**
 * Why the program ends with the last step recorded.
 * @param until the units it had been granted in all
 * @returns undefined where it would go on
 */
function whatFollows(policy: Policy, recording: Recording, end: Step, until: number): StopReason | undefined {
  const { cap, ended } = recording;
  if (ended === "aborted" || ended === "failed") return ended; // whatever the policy says
  if (!isCutShort(recording)) {
    if (end.knob < cap) return "natural";
    if (end.knob < Math.min(until, policy.cap)) return undefined;
  } else if (end.knob < until) return undefined;
  const decision = decide(policy, recording.steps);
  return "stop" in decision ? decision.stop : undefined;
}

/** Whether more units were to be had when it ended. */
export const isCutShort = ({ ended }: Recording): boolean =>
  ended !== undefined && ended !== "cap" && ended !== "natural";

/** All recordings under a policy: totals, accuracy, savings and what they cost. */
export function replay(policy: Policy, recordings: Iterable<Recording>): ReplaySummary {
  return summarize(Array.from(recordings, (recording) => replayOne(policy, recording)));
}

function resultOf(recording: Recording, step: Step, reason: StopReason): ReplayResult {
  const { id, steps } = recording;
  const full = steps.at(-1)!;
  const { knob, tokens, probeTokens, promptTokens, sharedPromptTokens, answer, correct } = step;
  return {
    id,
    knob,
    tokens,
    probeTokens,
    promptTokens,
    sharedPromptTokens,
    answer,
    correct,
    reason,
    fullTokens: full.tokens,
    fullAnswer: full.answer,
    fullCorrect: full.correct,
    isFullKnown: !isCutShort(recording),
  };
}

function tooShort(policy: Policy, recording: Recording): DataError {
  const { id, cap, steps, ended } = recording;
  const isCut = isCutShort(recording);
  const why = isCut ? `was stopped after ${steps.at(-1)!.knob} units (${ended})` : `ends at its cap of ${cap} units`;
  return new DataError(`recording ${id} ${why}, and this policy would go on`, {
    hint: isCut
      ? "Record it to the cap (a policy `even` with detectAt = cap), or replay the policy it ran with."
      : `Lower the policy's cap of ${policy.cap} to ${cap}, or record anew with a higher one.`,
  });
}
