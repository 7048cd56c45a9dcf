/** What a benchmark hands back, how it is kept in a file, and how it reads in a terminal and in Markdown. */
import { existsSync, readFileSync } from "node:fs";
import { writeJsonAtomic } from "../../src/core/atomic.ts";
import type { Machine } from "./machine.ts";
import type { Spread } from "./paired.ts";

export type Cell = string | number | Spread;

export interface Table {
  title: string;
  columns: string[];
  rows: Cell[][];
}

export interface Benchmark {
  name: string;
  question: string;
  run(options: BenchOptions): Promise<Outcome>;
}

export interface BenchOptions {
  /** Few rounds and small sizes: shows that it runs, measures nothing worth keeping. */
  quick: boolean;
  /** The graphics card's float32 peak, which no program of ours can find out. */
  peakGflops?: number;
  /** One line of progress, to stderr. */
  note(line: string): void;
}

export interface Outcome {
  tables: Table[];
  /** What a reader must know beside the numbers. */
  remarks: string[];
  /** Broken expectations, such as losses that differ; the run then ends with exit code 1. */
  failures: string[];
}

export interface Result extends Outcome {
  name: string;
  question: string;
  quick: boolean;
  date: string;
  machine: Machine;
  versions: Record<string, string>;
}

/** A file holds the latest result of each benchmark; running one again replaces only its own. */
export async function keepResults(file: string, results: Result[]): Promise<void> {
  const names = new Set(results.map(({ name }) => name));
  const kept = existsSync(file) ? readResults(file).filter(({ name }) => !names.has(name)) : [];
  const all = [...kept, ...results].sort((a, b) => a.name.localeCompare(b.name));
  await writeJsonAtomic(file, all);
}

export function readResults(file: string): Result[] {
  return JSON.parse(readFileSync(file, "utf8"));
}

/** Three significant digits; a spread as median (min–max). */
export function formatCell(cell: Cell): string {
  if (typeof cell === "string") return cell;
  if (typeof cell === "number") return formatNumber(cell);
  return `${formatNumber(cell.median)} (${formatNumber(cell.min)}–${formatNumber(cell.max)})`;
}

function formatNumber(value: number): string {
  if (value !== 0 && Math.abs(value) < 1e-3) return value.toExponential(1);
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(digits);
}

/** Columns aligned for a terminal. */
export function textTable({ title, columns, rows }: Table): string {
  const lines = [columns, ...rows.map((row) => row.map(formatCell))];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const text = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
  return [title, ...text.map((line) => `  ${line}`)].join("\n");
}

export function markdownTable({ title, columns, rows }: Table): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  const body = rows.map((row) => line(row.map(formatCell)));
  return [`**${title}**`, "", line(columns), line(columns.map(() => "---")), ...body].join("\n");
}
