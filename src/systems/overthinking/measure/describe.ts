/** An analysis as words and tables: what was read, what must be known about it, and the figures by group. */
import { formatNumber } from "../../../core/format.ts";
import { type Analysis, WARN_PARSE_ERRORS } from "../analyse.ts";
import type { Estimate } from "./estimate.ts";
import type { Money } from "./money.ts";
import type { Group } from "./summary.ts";

/** How the rows became traces; one sentence each. */
export function describeReading(analysis: Analysis): string[] {
  const { rowCount, traceCount, rejectedCount, groups, excludedCount, unjudgedCount, flags, weighting } = analysis;
  const counted = groups[0]!.traceCount;
  const sentences = [`${count(rowCount, "row")}, ${count(traceCount, "trace")}, ${rejectedCount} rejected.`];
  if (analysis.wasOncePerSolution) {
    sentences.push(
      weighting === "formula"
        ? `The file holds each record once per solution, as the published code writes it; equal neighbours were counted once: ${count(counted, "trace")}.`
        : `The file holds each record once per solution, and every row was counted, as in the published code: a record weighs as much as it has solutions.`,
    );
  } else if (weighting === "solutions") {
    sentences.push("Each trace was weighted by its number of solutions, as the published code does.");
  }
  if (excludedCount > 0) sentences.push(`${count(excludedCount, "trace")} without tokens left out of every figure.`);
  if (unjudgedCount > 0)
    sentences.push(`${count(unjudgedCount, "trace")} without verdicts left out of outcome efficiency.`);
  if (flags.truncated)
    sentences.push(`${count(flags.truncated, "trace")} cut off before the end (measured on what is there).`);
  if (flags.own_answer)
    sentences.push(`${count(flags.own_answer, "trace")} measured against the model's own final answer.`);
  if (flags.sentence_fallback) {
    sentences.push(`${count(flags.sentence_fallback, "trace")} without blank lines, cut at lines or sentences.`);
  }
  if (flags.no_answer_found)
    sentences.push(`In ${count(flags.no_answer_found, "trace")} no stated answer was found: one solution each.`);
  if (flags.split_parse_error) {
    const share = percent(flags.split_parse_error / Math.max(1, counted));
    sentences.push(
      `${count(flags.split_parse_error, "trace")} (${share} %) cut by rules: the model's replies could not be read.`,
    );
  }
  const unplaced = (flags.cluster_parse_error ?? 0) + (flags.unknown_strategy ?? 0);
  if (unplaced > 0) sentences.push(`${count(unplaced, "trace")} with solutions of unknown strategy.`);
  if (analysis.approximateTokens) sentences.push(`Token counts are approximate (${analysis.tokenizer}).`);
  return sentences;
}

/** What makes every figure doubtful; null as a rule. */
export function describeWarning({ flags, groups }: Analysis): string | null {
  const share = (flags.split_parse_error ?? 0) / Math.max(1, groups[0]!.traceCount);
  if (!(flags.split_parse_error && share > WARN_PARSE_ERRORS)) return null;
  return `${percent(share)} % of the traces were cut by rules, because the segmenting model's replies could not be read`;
}

export const groupColumns = [
  "traces",
  "number",
  "accuracy %",
  "outcome % (95 %)",
  "process % (95 %)",
  "solutions",
  "reasoning tokens",
  "full tokens",
  "first solution right %",
] as const;

export function groupCells(group: Group): string[] {
  const share = (estimate: Estimate | null) => (estimate ? percent(estimate.value) : "–");
  const interval = (estimate: Estimate | null) =>
    estimate ? `${percent(estimate.value)} (${percent(estimate.low)}–${percent(estimate.high)})` : "–";
  const mean = (estimate: Estimate | null, digits: number) => (estimate ? estimate.value.toFixed(digits) : "–");
  return [
    group.name,
    String(group.traceCount),
    share(group.accuracy),
    interval(group.outcome),
    group.processBounds ? `${group.processBounds.map(percent).join(" to ")} (bounds)` : interval(group.process),
    mean(group.solutionCount, 1),
    mean(group.reasoningTokenCount, 1),
    mean(group.fullTokenCount, 1),
    share(group.firstSolutionCorrect),
  ];
}

/** For a terminal. */
export function describeAnalysis(analysis: Analysis, money: Money | null): string {
  const { distribution, groups } = analysis;
  const warning = describeWarning(analysis);
  const lines = [
    ...describeReading(analysis),
    ...(warning ? [`Warning: ${warning}.`] : []),
    "",
    ...alignColumns([[...groupColumns], ...groups.map(groupCells)]),
    "",
    `New strategies by index: ${distribution.distinctness.map(({ index, share }) => `${index}: ${share === null ? "–" : `${percent(share)} %`}`).join(", ")}`,
    `First correct solution: ${distribution.firstCorrect.map(({ index, share }) => `${index}: ${percent(share)} %`).join(", ")}`,
  ];
  if (money) lines.push(describeMoney(money));
  return lines.join("\n");
}

export function describeMoney({ price, total, wasted, repeated }: Money): string {
  const [all, waste, again] = [total, wasted, repeated].map(formatNumber);
  return `At ${formatNumber(price)} per million tokens: ${all} in all, ${waste} after the answer was there, ${again} of it for what had been tried before.`;
}

export const percent = (share: number): string => (100 * share).toFixed(1);

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;

export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join("  ")
      .trimEnd(),
  );
}
