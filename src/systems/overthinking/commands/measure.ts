/** What `metrics` and `analyze` do with a file once the stages are chosen: analyse it, keep what it rejects, report. */
import type { CommandContext } from "../../../core/command.ts";
import { writeJsonLines } from "../../../core/jsonl.ts";
import type { Report } from "../../../core/report.ts";
import { type AnalyseOptions, type Analysis, analyseFile } from "../analyse.ts";
import { describeAnalysis } from "../measure/describe.ts";
import { type Money, moneyOf } from "../measure/money.ts";
import { analysisReport } from "../measure/report.ts";

export type Measured = Omit<Analysis, "examples"> & {
  /** Of all traces, in per cent; null where nothing tells. */
  outcomePercent: number | null;
  processPercent: number | null;
  meanSolutions: number | null;
  money: Money | null;
  /** Of the run: report.html, and rejected.jsonl where rows were rejected. */
  folder: string;
};

type Stages = Omit<AnalyseOptions, "onReject" | "signal">;

/** Traces between two updates of the progress bar. */
const updateEvery = 100;

/** @returns the figures, and the report that ends the run */
export async function measureFile(
  file: string,
  options: Stages & { price?: number | undefined },
  { run, progress, signal, log }: CommandContext,
): Promise<{ measured: Measured; report: Report }> {
  const rejected: { reason: string }[] = [];
  const bar = progress({ label: "analyse", unit: "traces" });
  let done = 0;
  const analysis = await analyseFile(file, {
    ...options,
    signal,
    onReject: (error) => void rejected.push({ reason: error.message }),
    async onTrace(trace, copies) {
      await options.onTrace?.(trace, copies);
      done++;
      if (options.endpoint || done % updateEvery === 0) bar.update(done);
    },
  }).finally(() => {
    bar.update(done);
    bar.stop();
  });
  if (rejected.length > 0) {
    await writeJsonLines(run.path("rejected.jsonl"), rejected);
    log.warn("rows-rejected", {
      rejectedCount: rejected.length,
      first: rejected[0]!.reason,
      file: run.path("rejected.jsonl"),
    });
  }
  const money = options.price === undefined ? null : moneyOf(analysis.totals, options.price);
  const { examples: _, ...rest } = analysis;
  const [all] = analysis.groups;
  const percent = (share: number | undefined) => (share === undefined ? null : 100 * share);
  const measured = {
    outcomePercent: percent(all!.outcome?.value),
    processPercent: percent(all!.process?.value),
    meanSolutions: all!.solutionCount?.value ?? null,
    ...rest,
    money,
    folder: run.dir,
  };
  return { measured, report: analysisReport(analysis, money) };
}

export const describeMeasured = (measured: Measured): string =>
  `${describeAnalysis({ ...measured, examples: [] }, measured.money)}\n\nReport: ${measured.folder}/report.html`;
