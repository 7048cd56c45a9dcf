/** Tables for a terminal. */
import { formatNumber } from "./format.ts";

/** Columns as wide as their widest cell, two blanks apart: the first to the left, figures to the right. */
export function textTable(columns: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const lines = [columns, ...rows.map((row) => row.map(formatNumber))];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
  const shown = (line: readonly string[]) =>
    line.map((cell, at) => (at === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[at]!))).join("  ");
  return lines.map((line) => shown(line).trimEnd()).join("\n");
}
