/** What rating reads: contests with the verdicts of a model's attempts. */
import { z } from "zod";
import { Contest } from "./standings.ts";

export type AttemptSummary = z.output<typeof AttemptSummary>;
export const AttemptSummary = z.object({
  /** Null: it could not be judged, or the model did not answer; then the contest is not rated. */
  accepted: z.boolean().nullable(),
  verdict: z.string().optional(),
  /** When the answer was there, minutes from the start of the contest. */
  minute: z.number().min(0).optional(),
  tokens: z.int().min(0).optional(),
});

/** One line of judged.jsonl. */
export type JudgedContest = z.output<typeof JudgedContest>;
export const JudgedContest = z.object({
  contest: Contest,
  /** By the problem's index ("A"), in the order they were made. */
  attempts: z.record(z.string(), z.array(AttemptSummary)),
  /** Under which rules they were made. */
  protocol: z.unknown().optional(),
});
