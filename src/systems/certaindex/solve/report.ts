/** The report of a solved data set. */
import type { Report, ReportSection } from "../../../core/report.ts";
import { describePolicy } from "../policy/decide.ts";
import type { Policy } from "../schemas.ts";
import { disclaimer } from "../signals.ts";
import type { SolvedQuestion } from "./journal.ts";
import type { SolveSummary } from "./summary.ts";

export interface SolveReport {
  /** Of the data set. */
  name: string;
  program: string;
  model: string;
  policy: Policy;
  /** What the reader must know before believing the figures. */
  warnings: readonly string[];
  /** What the run paid, in tokens and money, from its ledger. */
  paid: Paid;
  summary: SolveSummary;
}

export interface Paid {
  /** Calls sent, and calls whose answer an earlier process or run had paid for. */
  calls: number;
  replayedCalls: number;
  promptTokens: number;
  completionTokens: number;
  /** Of attempts that failed. */
  lostTokens: number;
  /** Null without prices. */
  money: number | null;
}

const percent = (share: number) => Number((100 * share).toFixed(1));
const unknown = "not known";

export function renderReport(
  result: SolveReport,
  solved: readonly SolvedQuestion[],
  targets: readonly (string | null)[],
): Report {
  const { name, program, model, policy, warnings } = result;
  return {
    title: `${name}: ${program} with ${model}`,
    summary: describeSummary(result),
    sections: [
      ...(warnings.length > 0
        ? [{ kind: "text" as const, title: "Read this first", text: warnings.join("\n\n") }]
        : []),
      figures(result),
      { kind: "text", title: "Policy", text: `${describePolicy(policy)} ${disclaimer}` },
      reasons(solved),
      spending(solved, policy.cap),
      ...curve(solved, policy),
      questions(solved, targets),
    ],
  };
}

export function describeSummary({ summary }: SolveReport): string {
  const { questionCount, accuracy, tokens, probeTokens, savedEstimate } = summary;
  const right = accuracy
    ? `${percent(accuracy.value)} % right (95 %: ${percent(accuracy.low)} to ${percent(accuracy.high)})`
    : "no labels";
  const saved =
    savedEstimate === null
      ? ""
      : `, ${Math.abs(percent(savedEstimate))} % ${savedEstimate < 0 ? "more" : "fewer"} than the full budget`;
  return `${questionCount} questions, ${right}, ${(tokens + probeTokens).toLocaleString("en")} generated tokens${saved}.`;
}

function figures({ summary, paid }: SolveReport): ReportSection {
  const { accuracy, shadow } = summary;
  const bounds = (interval: { low: number; high: number }): [number, number] => [
    percent(interval.low),
    percent(interval.high),
  ];
  return {
    kind: "metrics",
    title: "Figures",
    metrics: [
      {
        label: "questions",
        value: summary.questionCount,
        note: `${summary.answeredCount} with an answer, ${summary.labelledCount} with a label`,
      },
      accuracy
        ? { label: "right", value: percent(accuracy.value), interval: bounds(accuracy), unit: "%" }
        : { label: "right", value: unknown, note: "the data have no answers" },
      { label: "generated tokens", value: summary.tokens, note: "to the stop, without probes" },
      { label: "tokens of probes", value: summary.probeTokens },
      {
        label: "prompt tokens",
        value: summary.cost.promptWithoutCache,
        note: `${summary.cost.promptWithCache.toLocaleString("en")} where a prefix cache spares what a program has read before`,
      },
      {
        label: "saved",
        value: summary.savedEstimate === null ? unknown : percent(summary.savedEstimate),
        unit: "%",
        note: savedNote(summary),
      },
      shadow?.falseStops
        ? {
            label: "false stops",
            value: percent(shadow.falseStops.value),
            interval: bounds(shadow.falseStops),
            unit: "%",
            note: `right in the full run, wrong when stopped; ${shadow.stoppedCount} stopped programs went on to the end, which cost ${shadow.tokens.toLocaleString("en")} tokens`,
          }
        : { label: "false stops", value: unknown, note: "--shadow 0.1 lets one in ten questions go on after its stop" },
      ...(shadow
        ? [
            {
              label: "other answer in the full run",
              value: shadow.changedCount,
              note: `of ${shadow.stoppedCount} stopped`,
            },
          ]
        : []),
      { label: "answered in spite of faults", value: summary.degradedCount },
      {
        label: "paid for",
        value: paid.completionTokens,
        unit: "tokens",
        note: `in ${paid.calls} calls, with ${paid.promptTokens.toLocaleString("en")} prompt tokens; ${paid.replayedCalls} calls came from the cache, ${paid.lostTokens} tokens were lost to faults${paid.money === null ? "" : `; ${paid.money.toFixed(4)} in money`}`,
      },
    ],
  };
}

function savedNote({ savedEstimate, unknownFullCount, questionCount }: SolveSummary): string {
  if (savedEstimate === null) return "chains may end by themselves before their cap: --shadow or --record measures it";
  if (unknownFullCount === 0) return "measured: every full run is known";
  return `estimated: ${unknownFullCount} of ${questionCount} full runs are taken to cost the same per unit; --record measures it`;
}

function reasons(solved: readonly SolvedQuestion[]): ReportSection {
  const names = [...new Set(solved.map(({ reason }) => reason))].sort();
  const rows = names.map((reason) => {
    const group = solved.filter((one) => one.reason === reason);
    const labelled = group.filter(({ correct }) => correct !== null);
    const right = labelled.filter(({ correct }) => correct).length;
    const mean = (of: (one: SolvedQuestion) => number) => group.reduce((sum, one) => sum + of(one), 0) / group.length;
    return [
      reason,
      group.length,
      labelled.length > 0 ? percent(right / labelled.length) : null,
      Number(mean(({ knob }) => knob).toFixed(1)),
      Math.round(mean(({ tokens, probeTokens }) => tokens + probeTokens)),
    ];
  });
  return {
    kind: "table",
    title: "Why programs ended",
    columns: ["reason", "questions", "right %", "units", "tokens"],
    rows,
  };
}

/** How many programs ended after how many units. */
function spending(solved: readonly SolvedQuestion[], cap: number): ReportSection {
  const binCount = Math.min(cap, 12); // the bars stand below each other
  const width = Math.ceil(cap / binCount);
  const bins = Array.from({ length: Math.ceil(cap / width) }, (_, index) => ({
    from: index * width + 1,
    to: Math.min(cap, (index + 1) * width),
  }));
  const countIn = (isRight: boolean | null) =>
    bins.map(
      ({ from, to }) => solved.filter(({ knob, correct }) => knob >= from && knob <= to && correct === isRight).length,
    );
  const series = [
    { label: "right", values: countIn(true) },
    { label: "wrong", values: countIn(false) },
    { label: "no label", values: countIn(null) },
  ].filter(({ values }) => values.some((value) => value > 0));
  return {
    kind: "chart",
    title: "Units spent",
    chart: {
      kind: "bar",
      x: { label: "units" },
      y: { label: "questions" },
      categories: bins.map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`)),
      series,
    },
  };
}

/** Tokens against accuracy for the same budget for all, beside the policy; of the programs whose full run is known. */
function curve(solved: readonly SolvedQuestion[], policy: Policy): ReportSection[] {
  const known = solved.filter(({ isComplete, correct, steps }) => isComplete && correct !== null && steps.length > 0);
  if (known.length < 10) return [];
  const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const even = Array.from({ length: policy.cap }, (_, index) => {
    const at = known.map(({ steps }) => steps[Math.min(index, steps.length - 1)]!);
    return { x: meanOf(at.map(({ tokens }) => tokens)), y: percent(meanOf(at.map(({ correct }) => Number(correct)))) };
  });
  const spent = meanOf(known.map(({ tokens, probeTokens }) => tokens + probeTokens));
  const right = percent(meanOf(known.map(({ correct }) => Number(correct))));
  return [
    {
      kind: "chart",
      title: "Tokens and accuracy",
      note: `Of the ${known.length} programs whose full run is known. A policy earns its keep above the line of equal budgets.`,
      chart: {
        kind: "line",
        x: { label: "generated tokens per question" },
        y: { label: "right %" },
        series: [
          { label: "the same budget for all", points: even },
          ...(policy.algorithm === "even" ? [] : [{ label: "this policy", points: [{ x: spent, y: right }] }]),
        ],
      },
    },
  ];
}

const mostRows = 1000;

function questions(solved: readonly SolvedQuestion[], targets: readonly (string | null)[]): ReportSection {
  const rows = solved.slice(0, mostRows).map((one) => {
    const step = one.steps[one.knob - 1];
    const signals = Object.entries(step?.signals ?? {}).map(([signal, value]) => `${signal} ${value.toFixed(3)}`);
    return [
      one.id,
      one.answer,
      targets[one.index] ?? null,
      one.correct,
      one.knob,
      one.tokens + one.probeTokens,
      signals.join(", "),
      one.error ? `${one.reason}: ${one.error}` : one.reason,
      one.full ? (one.full.answer ?? "no answer") : null,
    ];
  });
  return {
    kind: "table",
    title: "Questions",
    ...(solved.length > mostRows && { note: `The first ${mostRows} of ${solved.length}; results.jsonl has all.` }),
    columns: ["question", "answer", "target", "right", "units", "tokens", "settled", "ended", "full run"],
    rows,
  };
}
