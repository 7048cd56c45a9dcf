/** What a training on verdicts shows, in the terminal and in its report. */
import { formatNumber } from "../../../core/format.ts";
import type { Report, ReportSection } from "../../../core/report.ts";
import { medicalNotice } from "../medical-notice.ts";
import type { HeldOutFigures, RlMethod, RlResult } from "./train.ts";

export type RlSummary = Omit<RlResult, "params"> & {
  method: RlMethod;
  /** The trained model's folder. */
  out: string;
  prompts: number;
  /** Problems without room for an answer. */
  tooLong: number;
  isMedical: boolean;
};

const percent = (share: number) => `${formatNumber(100 * share)} %`;

export function describeRl(summary: RlSummary): string {
  const { before, after, tally, rounds, seconds, method } = summary;
  const heldOut = (name: string, figures: HeldOutFigures) =>
    `Held out, ${name}: ${percent(figures.accuracy)} right, ${percent(figures.form)} in the form, ${formatNumber(figures.length)} tokens`;
  const last = summary.history.at(-1);
  return [
    summary.out,
    `${method} on ${summary.prompts} problems${summary.tooLong > 0 ? ` (${summary.tooLong} left out: no room for an answer)` : ""}: ${summary.updates} ${method === "dpo" ? "rounds" : "updates"}`,
    ...(before ? [heldOut("before", before)] : []),
    ...(after ? [heldOut("after", after)] : []),
    ...(last
      ? [`Last update: reward ${formatNumber(last.reward.mean)}, KL ${formatNumber(last.kl)} nats per token`]
      : []),
    ...rounds.map(
      ({ pairCount, noneRight, noneWrong, reward }, index) =>
        `Round ${index + 1}: reward ${formatNumber(reward)}, ${pairCount} pairs; ${noneRight} problems without a right answer, ${noneWrong} without a wrong one`,
    ),
    `Verdicts: ${tally.right} right, ${tally.wrong} wrong, ${tally.unparsed} unclear; ${tally.noForm} of ${tally.rollouts} rollouts without the form`,
    ...(seconds ? [`Time: ${timeShares(seconds)}`] : []),
    ...(summary.alarm ? [stopped(summary.alarm.name, summary.alarm.message, summary.alarm.advice)] : []),
    ...(summary.collapse ? [stopped(summary.collapse.cause, summary.collapse.message, summary.collapse.knob)] : []),
  ].join("\n");
}

const stopped = (name: string, message: string, advice: string) =>
  `Stopped (${name}): ${message}. The last good policy was kept. To mend it, ${advice}.`;

function timeShares(seconds: NonNullable<RlResult["seconds"]>): string {
  const total = Object.values(seconds).reduce((sum, own) => sum + own, 0);
  const shares = Object.entries(seconds).map(([phase, own]) => `${phase} ${percent(own / total)}`);
  return `${formatNumber(total)} s; ${shares.join(", ")}`;
}

export function rlReport(summary: RlSummary): Report {
  const { history, looks, seconds } = summary;
  const line = (label: string, value: (update: (typeof history)[number]) => number | undefined) => ({
    label,
    points: history.flatMap((report) => {
      const y = value(report);
      return typeof y === "number" && Number.isFinite(y) ? [{ x: report.update, y }] : [];
    }),
  });
  const chart = (title: string, y: string, series: ReturnType<typeof line>[], note?: string): ReportSection => ({
    kind: "chart",
    title,
    ...(note && { note }),
    chart: {
      kind: "line",
      x: { label: "update" },
      y: { label: y },
      series: series.filter(({ points }) => points.length > 0),
    },
  });
  const charts = [
    chart("Reward", "1 right, 0.1 wrong, 0 without the form", [
      line("rollouts, mean", ({ reward }) => reward.mean),
      line("held out, share right", ({ evaluation }) => evaluation?.accuracy),
    ]),
    chart("How far from the reference", "nats per token", [
      line("KL", ({ kl }) => kl),
      line("entropy", ({ entropy }) => entropy),
    ]),
    chart("Length of rollouts", "tokens", [line("mean", ({ length }) => length)]),
  ];
  return {
    title: "Reinforcement learning from a verifier",
    summary: describeRl(summary).split("\n").slice(1).join(" "),
    sections: [
      ...(summary.isMedical ? [{ kind: "text" as const, title: "Notice", text: medicalNotice }] : []),
      ...(history.length > 0 ? charts : []),
      ...(looks.length > 0
        ? [
            {
              kind: "table" as const,
              title: "The verifier beside a second one",
              note: "shares of the same rollouts that each finds right; p by the exact McNemar test",
              columns: ["update", "rollouts", "verifier", "second", "p"],
              rows: looks.map(({ update, rollouts, first, second, p }) => [update, rollouts, first, second, p]),
            },
          ]
        : []),
      ...(seconds
        ? [
            {
              kind: "table" as const,
              title: "Time",
              columns: ["spent on", "seconds"],
              rows: Object.entries(seconds),
            },
          ]
        : []),
    ],
  };
}
