/** Progress bars that the run's journal hears of, too: what the studio shows of a command under way. */
import { createProgress, type Progress, type ProgressOptions } from "../../core/progress.ts";
import type { Run } from "../../core/run.ts";

/** Between two events of one bar: often enough to watch, seldom enough for a journal of a day's work. */
const intervalMs = 2000;

export function journalProgress(run: Run, signal: AbortSignal): (options: ProgressOptions) => Progress {
  return (options) => {
    const { label, total, unit = "items", start = 0 } = options;
    const bar = createProgress(options);
    let saidAt = Number.NEGATIVE_INFINITY;
    let last: { done: number; fields: Record<string, number | string> } = { done: start, fields: {} };
    const say = () => {
      if (signal.aborted || run.info.status !== "running") return; // the journal is closed, or about to be
      saidAt = performance.now();
      run.event("progress", { label, unit, ...last, ...(total !== undefined && { total }) });
    };
    return {
      update(done, fields = {}) {
        last = { done, fields };
        bar.update(done, fields);
        if (performance.now() - saidAt >= intervalMs) say();
      },
      stop(summary) {
        bar.stop(summary);
        say();
      },
    };
  };
}
