/** The tour's table for a terminal, as wide as it needs or in blocks where the terminal is narrow, and its report. */
import pc from "picocolors";
import type { Report } from "../../core/report.ts";
import type { Finding } from "../doctor/finding.ts";
import { alignColumns, table, widthOf } from "../text.ts";
import type { Figure, VisitedStop } from "./stop.ts";

const head = ["", "system", "what it just did", "result", "here", "published"];
/** Beside several figures there is room for several lines. */
const didWidth = 24;
const marks = { passed: pc.green("✓"), failed: pc.red("✗"), skipped: pc.yellow("–") };

/** @param columns of the terminal; default as many as there are to fill */
export function describeStops(stops: readonly VisitedStop[], columns = Number.POSITIVE_INFINITY): string {
  const inTable = (some: readonly VisitedStop[]) => table(head, some.flatMap(rowsOf));
  const lines = inTable(stops.filter(({ problem }) => problem === null)).split("\n"); // problems are sentences, and wrap
  return lines.some((line) => widthOf(line) > columns) ? stops.map(blockOf).join("\n\n") : inTable(stops);
}

function rowsOf(stop: VisitedStop): string[][] {
  const { system, status, did, figures } = stop;
  const start = [marks[status], pc.bold(system)];
  if (stop.problem) return [[...start, problemOf(stop)]];
  const lines = wrap(did, didWidth);
  return Array.from({ length: Math.max(lines.length, figures.length) }, (_, index) => {
    const { label = "", measured = "", published } = figures[index] ?? {};
    return [...(index === 0 ? start : ["", ""]), lines[index] ?? "", label, measured, published ?? ""];
  });
}

/** Words in lines of so many characters; a longer word has a line of its own. */
function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trimStart();
    if (lines.at(-1) === "" || widthOf(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function blockOf(stop: VisitedStop): string {
  const { system, status, did, figures, problem } = stop;
  const title = `${marks[status]} ${pc.bold(system)}  ${problem ? problemOf(stop) : did}`;
  const rows = figures.map(({ label, measured, published }) => [
    label,
    measured,
    published === null ? "" : pc.dim(`published: ${published}`),
  ]);
  return [title, ...(rows.length > 0 ? [alignColumns(rows, { indent: "  " })] : [])].join("\n");
}

/** `skipped: Cannot run programs safely (apt install bubblewrap)`. */
export function problemOf({ status, problem }: VisitedStop): string {
  if (!problem) return "";
  const { message, hint } = problem;
  return `${status}: ${message}${hint === null ? "" : ` (${hint})`}`;
}

/** The tour as a page: a row for each system, which fits a screen, then every figure and what the stops show. */
export function renderTour(stops: readonly VisitedStop[], findings: readonly Finding[]): Report {
  return {
    title: "Polymath: the tour",
    summary: summarize(stops),
    sections: [
      {
        kind: "table",
        title: "What the systems did",
        columns: ["system", "what it just did", "result", "published"],
        rows: stops.map((stop) => {
          const figure = headlineOf(stop);
          if (!figure) return [stop.system, problemOf(stop), null, null];
          return [stop.system, stop.did, `${figure.label}: ${figure.measured}`, figure.published];
        }),
        note: "Published figures are of other models on other problems: only their direction compares.",
      },
      ...stops.flatMap(({ sections }) => sections),
      {
        kind: "table",
        title: "All figures",
        columns: ["system", "result", "here", "published"],
        rows: stops.flatMap(({ system, figures }) =>
          figures.map(({ label, measured, published }) => [system, label, measured, published]),
        ),
      },
      {
        kind: "table",
        title: "This machine",
        columns: ["part", "found", "for"],
        rows: findings.map(({ name, ok, found, enables }) => [ok ? name : `${name} (missing)`, found, enables]),
      },
    ],
  };
}

/** The first figure that stands beside a published one. */
const headlineOf = ({ figures }: VisitedStop): Figure | undefined =>
  figures.find(({ published }) => published !== null) ?? figures[0];

/** `4 of 5 systems did what they are for; skipped: lightningdit.` */
function summarize(stops: readonly VisitedStop[]): string {
  const named = (status: VisitedStop["status"]) =>
    stops.filter((stop) => stop.status === status).map(({ system }) => system);
  const others = (["failed", "skipped"] as const).flatMap((status) =>
    named(status).length > 0 ? `${status}: ${named(status).join(", ")}` : [],
  );
  return `${[`${named("passed").length} of ${stops.length} systems did what they are for`, ...others].join("; ")}.`;
}
