/**
 * A report is data: report.json for machines and the studio, report.html for people, report.md for a repository, all
 * from the same sections.
 * The page is one file that needs no network and runs no script: it can be mailed and read in ten years.
 */
import { z } from "zod";
import { writeFileAtomic, writeJsonAtomic } from "./atomic.ts";
import { commandLineOf } from "./command-line.ts";
import { renderReportHtml } from "./report-html.ts";
import { renderReportMarkdown } from "./report-markdown.ts";
import type { RunInfo } from "./run-info.ts";

/** Both ends of an interval. */
const Bounds = z.tuple([z.number(), z.number()]);

export type Metric = z.output<typeof Metric>;
export const Metric = z.object({
  label: z.string(),
  value: z.union([z.number(), z.string()]),
  interval: Bounds.optional(),
  /** Written after the value: "%", "tokens". */
  unit: z.string().optional(),
  note: z.string().optional(),
});

export type Axis = z.output<typeof Axis>;
export const Axis = z.object({ label: z.string(), scale: z.enum(["linear", "log"]).optional() });

export type Point = z.output<typeof Point>;
export const Point = z.object({
  x: z.number(),
  y: z.number(),
  interval: Bounds.optional(),
  label: z.string().optional(),
});

/** Lines and points over a numeric x. */
export type XyChart = z.output<typeof XyChart>;
export const XyChart = z.object({
  kind: z.enum(["line", "scatter"]),
  x: Axis,
  y: Axis,
  series: z.array(z.object({ label: z.string(), points: z.array(Point) })),
});

/** One group of bars per category; null where a series has no value. The value axis is linear and starts at 0. */
export type BarChart = z.output<typeof BarChart>;
export const BarChart = z.object({
  kind: z.literal("bar"),
  x: Axis,
  y: Axis,
  categories: z.array(z.string()),
  series: z.array(
    z.object({
      label: z.string(),
      values: z.array(z.number().nullable()),
      intervals: z.array(Bounds.nullable()).optional(),
    }),
  ),
});

/** good: served its purpose; bad: wrong; waste: right but not needed; dim: beside the point. */
export type Tone = z.output<typeof Tone>;
export const Tone = z.enum(["plain", "good", "bad", "waste", "dim"]);

const titled = { title: z.string().optional(), note: z.string().optional() };

export type ReportSection = z.output<typeof ReportSection>;
export const ReportSection = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("text"), ...titled, text: z.string() }),
  z.object({ kind: z.literal("metrics"), ...titled, metrics: z.array(Metric) }),
  z.object({
    kind: z.literal("table"),
    ...titled,
    columns: z.array(z.string()),
    rows: z.array(z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]))),
  }),
  z.object({ kind: z.literal("chart"), ...titled, chart: z.discriminatedUnion("kind", [XyChart, BarChart]) }),
  z.object({ kind: z.literal("code"), ...titled, code: z.string() }),
  /** A model's text cut into pieces, each with a label and a tone. */
  z.object({
    kind: z.literal("trace"),
    ...titled,
    pieces: z.array(z.object({ text: z.string(), label: z.string().optional(), tone: Tone.optional() })),
  }),
]);

export type Report = z.output<typeof Report>;
export const Report = z.object({
  title: z.string(),
  /** The finding in a sentence or two. */
  summary: z.string().optional(),
  sections: z.array(ReportSection),
  /** How the figures can be had again: command, seed, versions. `writeReport` fills it from the run. */
  provenance: z.record(z.string(), z.string()).optional(),
});

export { renderReportHtml };

/** The part of a Run that a report needs. */
interface Recorder {
  path(name: string): string;
  readonly info: Pick<
    RunInfo,
    "command" | "args" | "options" | "seed" | "started" | "revision" | "versions" | "device"
  >;
}

/** Writes report.json, report.html and report.md into the run folder. @returns the path of the page */
export async function writeReport(run: Recorder, report: Report): Promise<string> {
  const { seed, started, revision, versions, device } = run.info;
  const provenance: Record<string, string> = {
    command: commandLineOf(run.info),
    seed: String(seed),
    started,
    polymath: `${versions.polymath ?? "?"}${revision ? `, revision ${revision}` : ""}`,
    node: versions.node ?? "?",
    machine: `${device.cpu}, ${device.coreCount} cores, ${device.platform} ${device.arch}`,
    ...report.provenance,
  };
  const complete = { ...report, provenance };
  await writeJsonAtomic(run.path("report.json"), complete);
  const page = run.path("report.html");
  await writeFileAtomic(page, renderReportHtml(complete));
  await writeFileAtomic(run.path("report.md"), renderReportMarkdown(complete));
  return page;
}
