import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, suite, test } from "vitest";
import { formatInterval, formatNumber } from "./format.ts";
import { Report, renderReportHtml, writeReport } from "./report.ts";

const dir = mkdtempSync(join(tmpdir(), "polymath-report-"));
afterAll(() => rmSync(dir, { recursive: true }));

const attack = `"><script>alert('x')</script><img src=x onerror=alert(1)>&\0`;
/** Every field of every section holds this text. */
const reportOf = (text: string): Report => ({
  title: text,
  summary: text,
  sections: [
    { kind: "text", title: text, text, note: text },
    { kind: "metrics", metrics: [{ label: text, value: text, unit: text, note: text, interval: [0, 1] }] },
    { kind: "table", columns: [text], rows: [[text], [null], [true], [0.5]] },
    {
      kind: "chart",
      chart: {
        kind: "scatter",
        x: { label: text },
        y: { label: text },
        series: [text, "b"].map((label) => ({ label, points: [{ x: 1, y: 2, label: text, interval: [1, 3] }] })),
      },
    },
    {
      kind: "chart",
      chart: {
        kind: "bar",
        x: { label: text },
        y: { label: text },
        categories: [text],
        series: [{ label: text, values: [1] }],
      },
    },
    { kind: "code", code: text },
    { kind: "trace", pieces: [{ text, label: text, tone: "bad" }] },
  ],
  provenance: { [text]: text },
});

/** The page with one chart. */
function draw(chart: Extract<Report["sections"][number], { kind: "chart" }>["chart"]): string {
  return renderReportHtml({ title: "t", sections: [{ kind: "chart", chart }] });
}

/** All pixel coordinates in the drawings. */
function coordinates(page: string): number[] {
  const attributes = page.matchAll(/ (?:x|y|x1|x2|y1|y2|cx|cy|width|height)="([^"]*)"/g);
  const lists = page.matchAll(/ points="([^"]*)"/g);
  return [...attributes, ...lists].flatMap(([, text]) => text!.split(/[ ,]/).map(Number));
}

suite("renderReportHtml", () => {
  test("no text of a report becomes markup, wherever it stands", () => {
    const page = renderReportHtml(reportOf(attack));
    expect(page).not.toMatch(/<script|<img|\0/);
    expect(page.match(/&lt;script&gt;/g)!.length).toBeGreaterThan(20);
    // The same tags as with harmless text: nothing was added.
    const tags = (text: string) => [...text.matchAll(/<\/?[a-z0-9]+/g)].map(([tag]) => tag);
    expect(tags(page)).toEqual(tags(renderReportHtml(reportOf("harmless"))));
  });

  test("every drawing has a name for those who do not see it", () => {
    const page = draw({
      kind: "line",
      x: { label: "step" },
      y: { label: "loss" },
      series: [{ label: "a", points: [{ x: 1, y: 2 }] }],
    });
    const drawings = page.match(/<svg[^>]*>/g)!;
    expect(drawings.length).toBe(2);
    for (const drawing of drawings) expect(drawing).toContain('aria-label="loss over step"');
  });

  test("stands alone: no script, no link, no address to load from", () => {
    const page = renderReportHtml(reportOf("x"));
    expect(page).not.toMatch(/<script|<link|<iframe|\bsrc=|\bhref=|url\(|@import|https?:/);
    expect(page).toContain("default-src 'none'");
    expect(page).toContain("prefers-color-scheme: dark");
    expect(page).toContain('name="viewport"');
  });

  test("labels axes and marks intervals", () => {
    const page = draw({
      kind: "line",
      x: { label: "step" },
      y: { label: "loss, nats per token", scale: "log" },
      series: [
        { label: "train", points: [1, 2, 3].map((x) => ({ x, y: 10 ** -x, interval: [10 ** -x / 2, 10 ** -x * 2] })) },
      ],
    });
    for (const text of [">step<", ">loss, nats per token<", ">0.001<", ">1<"]) expect(page).toContain(text);
    expect(page.match(/<polygon/g)).toHaveLength(2); // wide and narrow
    expect(page).toContain("train: 0.01 (0.005 to 0.02) at 2");
  });

  test("charts of awkward data have finite coordinates inside the picture", () => {
    const series = (points: [number, number][]) => [{ label: "a", points: points.map(([x, y]) => ({ x, y })) }];
    const awkward: [number, number][][] = [
      [[0, 0]],
      [
        [5, -3],
        [5, -3],
      ],
      [
        [0, 1e-12],
        [1, 2e-12],
      ],
      [
        [0, 1e15],
        [1, -1e15],
      ],
      [
        [0, NaN],
        [1, Infinity],
        [2, 3],
      ],
      Array.from({ length: 5000 }, (_, i) => [i, Math.sin(i)]),
    ];
    for (const points of awkward) {
      for (const scale of ["linear", "log"] as const) {
        const page = draw({ kind: "line", x: { label: "x" }, y: { label: "y", scale }, series: series(points) });
        for (const value of coordinates(page))
          expect(value >= -1 && value <= 801, `${value} in ${points.slice(0, 2)}`).toBe(true);
      }
    }
    const bars = { kind: "bar" as const, x: { label: "" }, y: { label: "v" }, categories: ["a", "b"] };
    const page = draw({ ...bars, series: [{ label: "s", values: [-5, null], intervals: [[-7, -2], null] }] });
    for (const value of coordinates(page)) expect(value >= 0 && value <= 801).toBe(true);
    expect(draw({ ...bars, series: [{ label: "s", values: [null, NaN] }] })).toContain("No data.");
  });

  test("thins long lines but keeps the spike", () => {
    const points = Array.from({ length: 20_000 }, (_, x) => ({ x, y: x === 7777 ? 100 : 1 }));
    const page = draw({ kind: "line", x: { label: "x" }, y: { label: "y" }, series: [{ label: "a", points }] });
    expect(page.length).toBeLessThan(40_000);
    const line = /<polyline points="([^"]*)"/
      .exec(page)![1]!
      .split(" ")
      .map((pair) => Number(pair.split(",")[1]));
    expect(Math.min(...line)).toBe(30); // the top of the drawing
  });
});

test("writeReport leaves a page, and JSON that reads back with the run's circumstances", async () => {
  const info = {
    command: "claim",
    args: ["overthinking"],
    options: { full: true, quick: false, seed: 7 },
    seed: 7,
    started: "2026-01-01T00:00:00Z",
    revision: null,
    versions: { polymath: "0.1.0", node: "24.0.0" },
    device: { cpu: "a CPU", coreCount: 2, platform: "linux", arch: "x64" },
  };
  const page = await writeReport({ path: (name) => join(dir, name), info }, reportOf("text"));
  expect(readFileSync(page, "utf8")).toContain("a CPU, 2 cores, linux x64");
  const report = Report.parse(JSON.parse(readFileSync(join(dir, "report.json"), "utf8")));
  expect(report).toMatchObject(reportOf("text"));
  expect(report.provenance).toMatchObject({ command: "polymath claim overthinking --full --seed 7", seed: "7" });
});

test("formatNumber and formatInterval", () => {
  const figures = [0, 1234567, 0.5, 98.7654, 0.00012345, 1e-9, -3.25, NaN, -Infinity, 1e15, 99.96];
  expect(figures.map(formatNumber)).toEqual([
    "0",
    "1,234,567",
    "0.5",
    "98.77",
    "0.0001235",
    "1.00e−9",
    "−3.25",
    "n/a",
    "−∞",
    "1.00e+15",
    "99.96",
  ]);
  expect(formatInterval(38.2, [35.1, 41], "%")).toBe("38.2% (35.1 to 41)");
});
