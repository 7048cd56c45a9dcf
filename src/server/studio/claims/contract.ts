/** Calls about claims: the board, and running one again. */
import { z } from "zod";
import type { ClaimJson } from "../../../core/claim.ts";
import { call } from "../call.ts";
import type { ProgressState, StatusOfRun } from "../runs/contract.ts";

/** A measured claim: its figures, and the run they come from. */
export interface MeasuredClaim {
  run: string;
  finished: string;
  claim: ClaimJson;
  /** As it would be typed, to measure it again. */
  commandLine: string;
}

export interface ClaimEntry {
  system: string;
  /** Newest first; one per mode (quick, full). Empty: never measured here. */
  measured: MeasuredClaim[];
  /** Report of a full measurement that this clone brings, by its path there; null: none. */
  keptReport: string | null;
  /** A measurement under way. */
  running: { run: string; status: StatusOfRun; progress: ProgressState | null } | null;
}

export interface ClaimBoard {
  entries: ClaimEntry[];
  /** False in an installed package: the reports that were kept are in the repository only. */
  hasKeptReports: boolean;
  /** Whether this studio can start commands. */
  canStart: boolean;
}

export const claimCalls = {
  "claims.board": call(z.object({})).returns<ClaimBoard>(),
  "claims.start": call(
    z.object({
      system: z.string().max(60),
      mode: z.enum(["quick", "full"]),
      seed: z
        .int()
        .min(0)
        .max(2 ** 31)
        .default(0),
    }),
  ).returns<{ commandLine: string }>(),
};
