/** How results look in a terminal: marks, aligned columns, counts people can read. Colours vanish in pipes. */
import { stripVTControlCharacters } from "node:util";
import pc from "picocolors";

/** Columns as wide as their widest cell, two spaces apart; colour codes take no width. The last column is not padded. */
export function alignColumns(rows: readonly (readonly string[])[], { indent = "" } = {}): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      if (column < row.length - 1) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
    });
  }
  const pad = (cell: string, column: number, row: readonly string[]) =>
    column === row.length - 1 ? cell : cell + " ".repeat(widths[column]! - widthOf(cell));
  return rows
    .map((row) => `${indent}${row.map((cell, column) => pad(cell, column, row)).join("  ")}`.trimEnd())
    .join("\n");
}

/** A table with a dim head. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return alignColumns([head.map((cell) => pc.dim(cell)), ...rows]);
}

/** Characters a terminal shows; every character we print is one column wide. */
export function widthOf(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

/** 4100000 as `3.9 MiB`. */
export function describeBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 2 ** (10 * power);
  return `${value >= 100 || power === 0 ? Math.round(value) : Number(value.toFixed(1))} ${units[power]}`;
}

/** 151936 as `152k`, 3 200 000 as `3.2M`. */
export function describeCount(count: number): string {
  for (const [size, unit] of [
    [1e9, "B"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const) {
    if (count >= size)
      return `${count / size >= 100 ? Math.round(count / size) : Number((count / size).toPrecision(2))}${unit}`;
  }
  return String(count);
}
