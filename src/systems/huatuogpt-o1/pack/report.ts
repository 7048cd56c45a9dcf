/** What a build shows: one table of its steps, and how many questions were answered right before and after. */
import { formatNumber } from "../../../core/format.ts";
import type { Report, ReportSection } from "../../../core/report.ts";
import { describeCounts } from "../commands/report.ts";
import { showPercent } from "../verifier/calibrate.ts";
import type { PlannedStep } from "./plan.ts";
import type { Pack } from "./schema.ts";
import type { Evaluated, StepFigures, StepName } from "./steps.ts";

export interface BuildResult {
  /** The run's folder. */
  dir: string;
  name: string;
  notice: string | null;
  /** Questions that are trained on at most, and those held out. */
  training: number;
  heldOut: number;
  /** With --dry-run, in place of the steps. */
  plan: PlannedStep[] | null;
  steps: StepFigures[];
  /** Null where the build stopped before. */
  evaluation: Evaluated[] | null;
  /** The trained model's folder. */
  model: string | null;
  /** Where --until ended it, if steps are left. */
  until: StepName | null;
}

const costOf = ({ calls, tokens, money }: StepFigures): string => {
  if (calls === 0) return "none";
  const paid = money === null ? "" : `, ${money.toFixed(2)}`;
  return `${formatNumber(calls)} calls, ${formatNumber(tokens)} tokens${paid}`;
};

/** One row per model and benchmark. */
const accuracies = (evaluation: readonly Evaluated[]) =>
  evaluation.flatMap(({ when, scores }) =>
    scores.map(({ benchmark, mcq, open, hasForm }) => ({
      when,
      benchmark,
      count: (mcq ?? open)!.count,
      right: showPercent((mcq ?? open)!.accuracy),
      form: showPercent(hasForm),
    })),
  );

export function describeBuild(result: BuildResult): string {
  const { name, training, heldOut, plan, steps, evaluation, model, until, dir } = result;
  const questions = `${name}: ${training} questions to train on, ${heldOut} held out`;
  if (plan) {
    const total = plan.reduce((sum, { calls }) => sum + calls, 0);
    return [
      questions,
      ...plan.map(({ step, rows, calls, what }) => `  ${step}: ${rows} rows, ${calls} calls at most; ${what}`),
      `${total} calls at most, and one more for each reply that cannot be read. Nothing was asked.`,
    ].join("\n");
  }
  return [
    questions,
    ...steps.map((figures) => {
      const ended = describeCounts(figures.setAside);
      return `  ${figures.step}: ${figures.rowsIn} in, ${figures.rowsOut} out${ended && `; ${ended}`}; cost ${costOf(figures)}`;
    }),
    ...accuracies(evaluation ?? []).map(
      ({ when, benchmark, right, count }) => `${when}, ${benchmark}: ${right} of ${count} right`,
    ),
    ...(model ? [model] : []),
    ...(until
      ? [`Stopped after ${until}. To go on, run it again with --cache ${dir}/cache: no answer is paid twice.`]
      : []),
    `Report: ${dir}/report.html`,
  ].join("\n");
}

export function buildReport({ notice }: Pick<Pack, "notice">, result: BuildResult): Report {
  const { name, training, heldOut, plan, steps, evaluation, model } = result;
  const sections: ReportSection[] = notice === undefined ? [] : [{ kind: "text", title: "Notice", text: notice }];
  if (plan) {
    sections.push({
      kind: "table",
      title: "Plan",
      columns: ["step", "rows at most", "calls at most", "what"],
      rows: plan.map(({ step, rows, calls, what }) => [step, rows, calls, what]),
    });
  } else {
    sections.push({
      kind: "table",
      title: "Steps",
      note: "rows that were set aside, with reasons, are in steps/NAME/rejected.jsonl; each step has its own report there; the calls of eval are answered by this machine",
      columns: ["step", "rows in", "rows out", "set aside", "cost"],
      rows: steps.map((figures) => [
        ...[figures.step, figures.rowsIn, figures.rowsOut],
        ...[describeCounts(figures.setAside), costOf(figures)],
      ]),
    });
  }
  if (evaluation) {
    sections.push({
      kind: "table",
      title: "Evaluation",
      note: "with 95 % intervals by Clopper and Pearson",
      columns: ["model", "benchmark", "answers", "right", "thinks first"],
      rows: accuracies(evaluation).map(({ when, benchmark, count, right, form }) => [
        ...[when, benchmark, count, right, form],
      ]),
    });
  }
  const made = model ? " A model was trained on them." : "";
  return {
    title: `Build of ${name}`,
    summary: `${training} questions to train on, ${heldOut} held out.${made}`,
    sections,
  };
}
