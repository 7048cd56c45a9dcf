/** What a calibration tried and found, as a report with its chart. */
import type { Point, Report, ReportSection } from "../../../core/report.ts";
import { clopperPearson } from "../../../core/statistics/index.ts";
import type { Policy, Recording } from "../schemas.ts";
import { disclaimer } from "../signals.ts";
import type { CalibrationDetails, TestedCandidate } from "./calibrate.ts";
import { describePolicy, describeRule } from "./describe.ts";

const percent = (share: number) => Number((100 * share).toFixed(2));

/** @param recordings those that were calibrated on */
export function renderCalibration(details: CalibrationDetails, recordings: readonly Recording[]): Report {
  const { policy, sequences, unlabelledCount } = details;
  const { calibration } = policy;
  const labelled = recordings.filter(({ steps }) => steps.at(-1)!.correct !== null);
  return {
    title: `Calibration: ${calibration.program} on ${calibration.dataset} with ${calibration.model}`,
    summary: `${describePolicy(policy)} Saves ${percent(calibration.saved)} % of the generated tokens on these questions.`,
    sections: [
      {
        kind: "metrics",
        title: "The policy",
        metrics: [
          {
            label: "labelled questions",
            value: calibration.n,
            ...(unlabelledCount > 0 && { note: `${unlabelledCount} without a label left out` }),
          },
          {
            label: "saved",
            value: percent(calibration.saved),
            unit: "%",
            note: "generated tokens, those of probes counted as spent",
          },
          { label: "lost", value: calibration.losses, note: "right with the full budget, wrong when stopped" },
          calibration.mode === "no-loss"
            ? { label: "bound", value: "none", note: "the mode no-loss promises nothing about fresh questions" }
            : {
                label: "lost on fresh questions at most",
                value: percent(calibration.bound),
                unit: "%",
                note: `one-sided, at ${percent(calibration.confidence)} % confidence; allowed were ${percent(calibration.delta)} %`,
              },
        ],
      },
      { kind: "text", text: disclaimer },
      chart(details, labelled),
      ...sequences.map(candidatesTable),
    ],
  };
}

function chart({ policy, sequences }: CalibrationDetails, recordings: readonly Recording[]): ReportSection {
  const series = sequences.map((candidates) => ({
    label: candidates[0]?.policy.algorithm ?? "none",
    points: candidates.flatMap(pointOf).sort((a, b) => a.x - b.x),
  }));
  const { calibration, ...rule } = policy;
  const chosen = sequences.flat().find((one) => JSON.stringify(one.policy) === JSON.stringify(rule));
  return {
    kind: "chart",
    title: "Tokens against accuracy",
    note: "A rule is worth having where its line lies above the first, on which every question gets the same budget.",
    chart: {
      kind: "line",
      x: { label: "generated tokens per question" },
      y: { label: "right, %" },
      series: [
        { label: "the same budget for all", points: evenBudgets(recordings) },
        ...series,
        { label: "chosen", points: chosen ? pointOf(chosen) : [] },
      ],
    },
  };
}

function pointOf({ summary }: TestedCandidate): Point[] {
  const { tokens, probeTokens, questionCount, accuracy } = summary;
  return accuracy ? [{ x: (tokens + probeTokens) / questionCount, y: percent(accuracy.value) }] : [];
}

/** Accuracy and tokens where every program is ended after the same number of units. */
function evenBudgets(recordings: readonly Recording[]): Point[] {
  const cap = recordings[0]!.cap;
  const stride = Math.ceil(cap / 40);
  const knobs = Array.from({ length: Math.floor(cap / stride) }, (_, index) => cap - index * stride).reverse();
  return knobs.map((knob) => {
    const steps = recordings.map(({ steps: all }) => all.findLast((step) => step.knob <= knob) ?? all[0]!);
    const right = clopperPearson(steps.filter(({ correct }) => correct).length, steps.length);
    return {
      x: steps.reduce((sum, { tokens }) => sum + tokens, 0) / steps.length,
      y: percent(right.value),
      interval: [percent(right.low), percent(right.high)],
    };
  });
}

function candidatesTable(candidates: readonly TestedCandidate[]): ReportSection {
  return {
    kind: "table",
    title: `Rules tried, from safest to boldest: ${candidates[0]?.policy.algorithm ?? "none"}`,
    note: "The order was fixed beforehand; the first refusal ends the tests, so that many rules can be tried without a correction.",
    columns: ["rule", "saved %", "right %", "lost", "of", "bound %", "verdict"],
    rows: candidates.map(({ policy, settings, summary, losses, n, bound, verdict }) => [
      nameOf(policy, settings),
      summary.saved === null ? null : percent(summary.saved),
      summary.accuracy && percent(summary.accuracy.value),
      losses,
      n,
      percent(bound),
      verdict,
    ]),
  };
}

/** With the window of its probes, where it has one. */
function nameOf(policy: Policy, { window, interval }: Recording["settings"]): string {
  const probes =
    window === undefined
      ? ""
      : `Window of ${window} probes${interval === undefined ? "" : `, one every ${interval} tokens`}: `;
  return probes + describeRule(policy);
}
