/**
 * A published claim, measured anew: what the paper says, what came out with its 95 % interval, and the verdict.
 * A verdict follows from numbers alone: each row says beforehand which values would bear the claim out.
 */
import { z } from "zod";
import type { CommandContext } from "./command.ts";
import { formatInterval, formatNumber } from "./format.ts";
import type { Report, ReportSection } from "./report.ts";
import { textTable } from "./text-table.ts";

export type Verdict = z.output<typeof Verdict>;
export const Verdict = z.enum(["reproduced", "not reproduced", "inconclusive"]);

/** JSON knows no infinity: `null` is an end that nothing bounds, as with a single seed. */
const end = (open: number) =>
  z
    .number()
    .nullable()
    .transform((value) => value ?? open);
const Interval = z.object({ value: z.number(), low: end(-Infinity), high: end(Infinity), level: z.number() });

/** The values that bear the claim out; either end may be open. Both ends belong to it. */
export type Wanted = z.output<typeof Wanted>;
export const Wanted = z.object({ atLeast: z.number().optional(), atMost: z.number().optional() });

export type ClaimRow = z.output<typeof ClaimRow>;
export const ClaimRow = z.object({
  /** "C1". */
  id: z.string(),
  /** The claim in a sentence. */
  claim: z.string(),
  /** The paper's figure; null where it gives none. */
  published: z.union([z.number(), z.string()]).nullable(),
  unit: z.string().optional(),
  measured: Interval,
  /** Absent for rows that only show a figure beside the paper's: they have no verdict. */
  wanted: Wanted.optional(),
  /** The same measurement where no effect can be, e.g. with shuffled labels: it must not satisfy `wanted`. */
  control: z.object({ label: z.string(), measured: Interval }).optional(),
  verdict: Verdict.nullable(),
  /** Why, where the verdict does not speak for itself. */
  reason: z.string().optional(),
});

export type ClaimReport = z.output<typeof ClaimReport>;
/** As it goes through JSON. */
export type ClaimJson = z.input<typeof ClaimReport>;
export type ClaimRowJson = z.input<typeof ClaimRow>;
export const ClaimReport = z.object({
  system: z.string(),
  paper: z.string(),
  mode: z.enum(["quick", "full"]),
  rows: z.array(ClaimRow),
  verdict: Verdict,
  seeds: z.array(z.number()),
  /** Where it ran: "native, 2 cores of AMD EPYC". */
  device: z.string(),
  durationMs: z.number(),
});

/** What `polymath claim` asks of a system. */
export interface ClaimOptions extends Pick<CommandContext, "progress" | "signal"> {
  mode: ClaimReport["mode"];
  /** The first of the seeds. */
  seed: number;
  /** Where an artifact goes: what a killed claim has there already is not computed again. */
  path(name: string): string;
}

export interface ClaimRun {
  claim: ClaimReport;
  /** Tables and charts behind the rows. */
  sections: ReportSection[];
  /** What people want to see below the rows, on a terminal as well. */
  table?: ClaimTable;
}

export interface ClaimTable {
  title: string;
  columns: readonly string[];
  rows: readonly (readonly (string | number)[])[];
}

/** The claim of a system, as its index.ts exports it. */
export type RunClaim = (options: ClaimOptions) => Promise<ClaimRun>;

type Unjudged = Omit<ClaimReport, "rows" | "verdict"> & { rows: Omit<ClaimRow, "verdict" | "reason">[] };

/**
 * Adds the verdicts. A row is reproduced when its whole interval lies inside `wanted`, not reproduced when all of it
 * lies outside, else inconclusive; also inconclusive when its negative control shows the effect as well.
 * The claim is not reproduced when one row is not, and reproduced when all are.
 */
export function judgeClaim(claim: Unjudged): ClaimReport {
  const rows = claim.rows.map((row) => ({ ...row, ...judgeRow(row) }));
  const verdicts = rows.map((row) => row.verdict).filter((verdict) => verdict !== null);
  const all = verdicts.length > 0 && verdicts.every((verdict) => verdict === "reproduced");
  const verdict = verdicts.includes("not reproduced") ? "not reproduced" : all ? "reproduced" : "inconclusive";
  return { ...claim, rows, verdict };
}

/** The exit code of `polymath claim`: 0 reproduced, 3 not reproduced, 4 inconclusive. */
export function claimExitCode({ verdict }: Pick<ClaimReport, "verdict">): 0 | 3 | 4 {
  return { reproduced: 0, "not reproduced": 3, inconclusive: 4 }[verdict] as 0 | 3 | 4;
}

function judgeRow({ measured, wanted, control }: Unjudged["rows"][number]): Pick<ClaimRow, "verdict" | "reason"> {
  if (!wanted) return { verdict: null };
  const verdict = compare(measured, wanted);
  if (verdict === "reproduced" && control && compare(control.measured, wanted) === "reproduced") {
    return { verdict: "inconclusive", reason: `the negative control (${control.label}) shows the effect as well` };
  }
  if (!Number.isFinite(measured.value)) return { verdict, reason: "there is no finite measurement" };
  if (![measured.low, measured.high].every(Number.isFinite)) {
    return { verdict, reason: "nothing bounds the interval, as with a single seed" };
  }
  return verdict === "inconclusive" ? { verdict, reason: "the interval reaches both sides of the limit" } : { verdict };
}

function compare(
  { low, high }: z.output<typeof Interval>,
  { atLeast = -Infinity, atMost = Infinity }: Wanted,
): Verdict {
  if (low >= atLeast && high <= atMost && Number.isFinite(low) && Number.isFinite(high)) return "reproduced";
  return high < atLeast || low > atMost ? "not reproduced" : "inconclusive";
}

const marks: Record<Verdict, string> = { reproduced: "✓", "not reproduced": "✗", inconclusive: "?" };

/** For a terminal of 80 columns: each claim's sentence, its figures below it; then the table, where there is one. */
export function describeClaim(claim: ClaimReport & { table?: ClaimTable }): string {
  const lines = [
    `${marks[claim.verdict]} ${claim.system}: ${claim.verdict}`,
    `  ${claim.paper}`,
    `  ${describeConditions(claim)}`,
  ];
  for (const row of claim.rows) {
    lines.push("", `${row.verdict ? marks[row.verdict] : " "} ${row.id}  ${row.claim}`);
    for (const [name, text] of figures(row)) lines.push(`      ${name.padEnd(11)}${text}`);
  }
  if (claim.table) lines.push("", claim.table.title, textTable(claim.table.columns, claim.table.rows));
  return lines.join("\n");
}

/** The same as a page. */
export function claimToReport(claim: ClaimReport): Report {
  const judged = claim.rows.filter(({ verdict }) => verdict !== null);
  const count = judged.filter(({ verdict }) => verdict === "reproduced").length;
  return {
    title: `${claim.system}: ${claim.verdict}`,
    summary: `${claim.paper}. ${count} of ${judged.length} judged rows reproduced.`,
    sections: [
      {
        kind: "table",
        title: "Claims",
        columns: ["", "claim", "published", "measured (95 %)", "wanted", "negative control", "verdict"],
        rows: claim.rows.map((row) => {
          const { published = "", measured, wanted = "", control = "" } = Object.fromEntries(figures(row));
          return [row.id, row.claim, published, measured!, wanted, control, row.verdict ?? "shown only"];
        }),
        note: "A row is reproduced when its whole interval lies inside what was wanted beforehand, and not reproduced when all of it lies outside.",
      },
      ...claim.rows
        .filter(({ reason }) => reason !== undefined)
        .map(({ id, reason }) => ({ kind: "text" as const, text: `${id} is inconclusive: ${reason}.` })),
    ],
    provenance: { mode: claim.mode, seeds: claim.seeds.join(", "), device: claim.device },
  };
}

function figures({
  published,
  measured,
  wanted,
  control,
  unit,
  verdict,
  reason,
}: ClaimRow): [name: string, text: string][] {
  const lines: [string, string][] = [];
  if (published !== null)
    lines.push(["published", formatInterval(published, null, typeof published === "number" ? unit : "")]);
  lines.push(["measured", formatInterval(measured.value, [measured.low, measured.high], unit)]);
  if (wanted) lines.push(["wanted", describeWanted(wanted, unit)]);
  if (control) {
    const { label, measured: other } = control;
    lines.push(["control", `${formatInterval(other.value, [other.low, other.high], unit)}, ${label}`]);
  }
  if (verdict) lines.push(["verdict", reason ? `${verdict}: ${reason}` : verdict]);
  return lines;
}

function describeWanted({ atLeast, atMost }: Wanted, unit = ""): string {
  const suffix = unit && (unit === "%" ? "%" : ` ${unit}`);
  const show = (value: number) => `${formatNumber(value)}${suffix}`;
  if (atLeast !== undefined && atMost !== undefined) return `${formatNumber(atLeast)} to ${show(atMost)}`;
  if (atLeast !== undefined) return `at least ${show(atLeast)}`;
  return atMost === undefined ? "any value" : `at most ${show(atMost)}`;
}

function describeConditions({ mode, seeds, device, durationMs }: ClaimReport): string {
  const minutes = durationMs / 60_000;
  const duration =
    minutes < 1 ? `${Math.round(durationMs / 1000)} s` : `${formatNumber(Number(minutes.toPrecision(2)))} min`;
  return `${mode}, ${seeds.length === 1 ? "seed" : "seeds"} ${seeds.join(", ")}, ${device}, ${duration}`;
}
