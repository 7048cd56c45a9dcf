import type { StatusOfRun } from "../../../../src/server/studio/runs/contract.ts";

/** In the order in which they are offered. */
export const statuses: readonly StatusOfRun[] = ["running", "finished", "failed", "interrupted", "damaged"];
