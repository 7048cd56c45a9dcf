/** An analysis as a report: figures, charts, and the most wasteful traces coloured by what each solution was good for. */
import type { Metric, Report, ReportSection, Tone } from "../../../core/report.ts";
import type { Analysis } from "../analyse.ts";
import type { AnalysedTrace } from "../prepare.ts";
import { describeMoney, describeReading, describeWarning, groupCells, groupColumns, percent } from "./describe.ts";
import type { Estimate } from "./estimate.ts";
import { figuresOfTrace } from "./figures.ts";
import type { Money } from "./money.ts";
import type { Group } from "./summary.ts";

export function analysisReport(analysis: Analysis, money: Money | null): Report {
  const [all] = analysis.groups as [Group];
  const outcome =
    all.outcome && `on average ${percent(all.outcome.value)} % of a trace's tokens led to its first correct solution`;
  const { totals } = analysis;
  const wasted = totals.tokenCount === 0 ? 0 : totals.wastedTokenCount / totals.tokenCount;
  return {
    title: "How much of the thinking served its answer",
    summary: `${all.traceCount} traces: ${[outcome, `of all tokens together ${percent(wasted)} % came after it`].filter(Boolean).join("; ")}.`,
    sections: [
      {
        kind: "text",
        title: "What was read",
        text: [...describeReading(analysis), ...(money ? [describeMoney(money)] : [])].join("\n\n"),
      },
      { kind: "metrics", title: "Figures", metrics: metricsOf(analysis, all) },
      {
        kind: "table",
        title: "By difficulty",
        columns: [...groupColumns],
        rows: analysis.groups.map(groupCells),
        note: "xi_O: share of the tokens up to the first correct solution. xi_P: share in strategies not tried before.",
      },
      ...chartsOf(analysis),
      ...analysis.examples.map(traceSection),
    ],
  };
}

function metricsOf(analysis: Analysis, all: Group): Metric[] {
  const warning = describeWarning(analysis);
  const note = warning === null ? {} : { note: warning };
  const share = (label: string, estimate: Estimate | null): Metric[] =>
    estimate
      ? [
          {
            label,
            value: 100 * estimate.value,
            interval: [100 * estimate.low, 100 * estimate.high],
            unit: "%",
            ...note,
          },
        ]
      : [];
  const mean = (label: string, estimate: Estimate | null, unit?: string): Metric[] =>
    estimate
      ? [{ label, value: estimate.value, interval: [estimate.low, estimate.high], ...(unit && { unit }), ...note }]
      : [];
  const bounds: Metric[] = all.processBounds
    ? [{ label: "process efficiency, bounds", value: all.processBounds.map(percent).join(" to "), unit: "%", ...note }]
    : [];
  return [
    ...share("outcome efficiency", all.outcome),
    ...share("process efficiency", all.process),
    ...bounds,
    ...mean("solutions", all.solutionCount),
    ...mean("reasoning", all.reasoningTokenCount, "tokens"),
    ...mean("with the answer", all.fullTokenCount, "tokens"),
    ...share("accuracy", all.accuracy),
    ...share("first solution right, of those with a right one", all.firstSolutionCorrect),
  ];
}

function chartsOf({ distribution, groups }: Analysis): ReportSection[] {
  const levels = groups.filter(({ name }) => name.startsWith("level "));
  const bars = (
    title: string,
    x: string,
    y: string,
    entries: readonly { name: string; share: number | null }[],
  ): ReportSection => ({
    kind: "chart",
    title,
    chart: {
      kind: "bar",
      x: { label: x },
      y: { label: y },
      categories: entries.map(({ name }) => name),
      series: [{ label: y, values: entries.map(({ share }) => (share === null ? null : 100 * share)) }],
    },
  });
  return [
    bars(
      "Where the first correct solution stands",
      "solution",
      "% of traces",
      distribution.firstCorrect.map(({ index, share }) => ({ name: index, share })),
    ),
    bars(
      "How often a solution brings a new strategy",
      "solution",
      "% of solutions",
      distribution.distinctness.map(({ index, share }) => ({ name: index, share })),
    ),
    bars(
      "Solutions per trace",
      "solutions",
      "% of traces",
      distribution.solutions.map(({ count, share }) => ({ name: count, share })),
    ),
    ...(levels.length > 1 ? [efficiencyByLevel(levels), roundsByLevel(levels)] : []),
  ];
}

function efficiencyByLevel(levels: readonly Group[]): ReportSection {
  const values = (pick: (group: Group) => Estimate | null) => levels.map((group) => scaled(pick(group)?.value));
  const intervals = (pick: (group: Group) => Estimate | null) =>
    levels.map((group): [number, number] | null => {
      const estimate = pick(group);
      return estimate ? [100 * estimate.low, 100 * estimate.high] : null;
    });
  const series = (label: string, pick: (group: Group) => Estimate | null) => ({
    label,
    values: values(pick),
    intervals: intervals(pick),
  });
  return {
    kind: "chart",
    title: "Efficiency by level",
    chart: {
      kind: "bar",
      x: { label: "level" },
      y: { label: "%" },
      categories: levels.map(({ name }) => name.slice("level ".length)),
      series: [series("outcome", (group) => group.outcome), series("process", (group) => group.process)],
    },
  };
}

function roundsByLevel(levels: readonly Group[]): ReportSection {
  return {
    kind: "chart",
    title: "Solutions by level",
    chart: {
      kind: "bar",
      x: { label: "level" },
      y: { label: "solutions per trace" },
      categories: levels.map(({ name }) => name.slice("level ".length)),
      series: [{ label: "solutions", values: levels.map(({ solutionCount }) => solutionCount?.value ?? null) }],
    },
  };
}

const scaled = (share: number | undefined): number | null => (share === undefined ? null : 100 * share);

/**
 * One trace as coloured pieces. good: up to the first correct solution; bad: wrong; plain: checks in a new way;
 * waste: repeats, with the answer already there; dim: not judged.
 */
export function traceSection(trace: AnalysedTrace): ReportSection {
  const isNew = figuresOfTrace(trace)?.isNew ?? [];
  const counted = trace.solutions.filter(({ tokenCount }) => tokenCount > 0);
  const firstCorrect = counted.findIndex(({ correct }) => correct === true);
  const pieces = counted.map(({ text, correct, strategy, tokenCount }, index) => {
    const repeats = isNew[index] === false ? ", tried before" : "";
    const verdict = correct === null ? "not judged" : correct ? "right" : "wrong";
    const name = strategy === null ? "strategy unknown" : `strategy ${strategy}${repeats}`;
    const tone: Tone =
      correct === null ? "dim" : !correct ? "bad" : firstCorrect === index ? "good" : repeats ? "waste" : "plain";
    return { text: text.trim(), label: `solution ${index + 1}: ${verdict}, ${name}, ${tokenCount} tokens`, tone };
  });
  const rest = trace.closing.trim();
  return {
    kind: "trace",
    title: `${trace.id}: ${trace.problem.length > 120 ? `${trace.problem.slice(0, 117)}...` : trace.problem}`,
    note: [`expected ${trace.expected ?? "unknown"}`, ...trace.flags].join(", "),
    pieces: rest ? [...pieces, { text: rest, label: "answer", tone: "dim" as const }] : pieces,
  };
}
