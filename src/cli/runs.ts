/** `polymath runs`: what ran here, newest first. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pc from "picocolors";
import { z } from "zod";
import { defineCommand } from "../core/command.ts";
import { listRuns, type RunSummary } from "../core/run.ts";
import { shortPath } from "./execute.ts";
import { table } from "./text.ts";

type Row = Awaited<ReturnType<typeof summarize>>;

export const runsCommand = defineCommand({
  name: "runs",
  summary: "List past runs: what ran, how it ended, where its report is",
  description:
    "Runs are folders in ./runs, or in POLYMATH_RUNS. `polymath resume ID` goes on with one that was stopped.",
  examples: ["polymath runs", "polymath runs --limit 3", "polymath runs --json"],
  options: z.object({
    limit: z.number().int().min(1).default(20).describe("how many, newest first"),
  }),
  run: async (_args, { limit }) => Promise.all((await listRuns()).reverse().slice(0, limit).map(summarize)),
  print: describeRuns,
});

/** One run as `--json` shows it; `result` is the summary of its report. */
async function summarize({ dir, info, status }: RunSummary) {
  const report = await readFile(join(dir, "report.json"), "utf8").then(JSON.parse, () => undefined);
  return {
    id: info?.id ?? null,
    command: info?.command ?? null,
    status,
    started: info?.started ?? null,
    result: (report?.summary ?? info?.error?.message ?? null) as string | null,
    dir,
  };
}

function describeRuns(rows: Row[]): string {
  if (rows.length === 0) return "No runs yet. `polymath tour` makes the first.";
  const cells = rows.map((row) => [
    pc.bold(row.id ?? "?"),
    row.command ?? shortPath(row.dir),
    colorOf[row.status](row.status),
    row.started ? describeAge(Date.now() - Date.parse(row.started)) : "",
    row.result?.split("\n")[0] ?? "",
  ]);
  return table(["run", "command", "status", "when", "result"], cells);
}

const colorOf = { finished: pc.green, running: pc.cyan, interrupted: pc.yellow, failed: pc.red, damaged: pc.red };

/** `just now`, `5 min ago`, `3 h ago`, `2 days ago`. */
export function describeAge(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
}
