/** What a run's folder says of its state: a run that nobody works on any more, and that did not end, was interrupted. */

import type { RunInfo, RunSummary } from "../../../core/run.ts";
import { isLocked } from "../../../core/run-lock.ts";

export { RunInfo, readRunInfo } from "../../../core/run.ts";
export type StatusOfRun = RunSummary["status"];

export function runStatus(dir: string, info: RunInfo): StatusOfRun {
  return info.status === "running" && !isLocked(dir) ? "interrupted" : info.status;
}
