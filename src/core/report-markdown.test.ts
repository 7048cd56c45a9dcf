import { expect, suite, test } from "vitest";
import type { Report } from "./report.ts";
import { renderReportMarkdown } from "./report-markdown.ts";

const render = (...sections: Report["sections"]) => renderReportMarkdown({ title: "t", sections });

suite("a report as Markdown", () => {
  test("title, summary, sections with their notes, provenance", () => {
    const page = renderReportMarkdown({
      title: "Tokens *saved*",
      summary: "A third.",
      sections: [
        { kind: "text", title: "Why", text: "first\nline\n\nsecond", note: "of 3 seeds" },
        { kind: "metrics", metrics: [{ label: "saved", value: 31.5, interval: [30, 33], unit: "%", note: "tokens" }] },
      ],
      provenance: { command: "polymath claim `x`" },
    });
    expect(page).toBe(
      "# Tokens \\*saved\\*\n\nA third.\n\n## Why\n\nfirst line\n\nsecond\n\n*of 3 seeds*\n\n" +
        "- saved: **31.5% (30 to 33)** (tokens)\n\n" +
        "## How to get these figures again\n\n- command: `polymath claim 'x'`\n",
    );
  });

  test("a table: numbers to the right, cells that cannot break out of it", () => {
    const page = render({
      kind: "table",
      columns: ["a|b", "n"],
      rows: [
        ["x | y\n<b>", 1234.56],
        [null, 2],
        [true, null],
      ],
    });
    expect(page.split("\n").slice(2)).toEqual([
      "| a\\|b | n |",
      "| --- | --: |",
      "| x \\| y \\<b\\> | 1,235 |",
      "|  | 2 |",
      "| yes |  |",
      "",
    ]);
  });

  test("a chart is the table of what it draws, or a pointer to the page where that is too long", () => {
    const line = (count: number): Report["sections"][number] => ({
      kind: "chart",
      chart: {
        kind: "line",
        x: { label: "step" },
        y: { label: "loss" },
        series: [
          { label: "a", points: Array.from({ length: count }, (_, x) => ({ x, y: 2 * x })) },
          { label: "b", points: [{ x: 1, y: 5, interval: [4, 6] }] },
        ],
      },
    });
    expect(render(line(2))).toContain(
      "| step | a: loss | b: loss |\n| --: | --: | --- |\n| 0 | 0 |  |\n| 1 | 2 | 5 (4 to 6) |",
    );
    expect(render(line(100))).toContain("(loss over step: drawn in report.html)");
    const bars: Report["sections"][number] = {
      kind: "chart",
      chart: {
        kind: "bar",
        x: { label: "arm" },
        y: { label: "%" },
        categories: ["full", "short"],
        series: [{ label: "s", values: [1, null] }],
      },
    };
    expect(render(bars)).toContain("| arm | s: % |\n| --- | --: |\n| full | 1 |\n| short |  |");
  });

  test("code and traces keep their text, backticks included", () => {
    const page = render(
      { kind: "code", code: "```\nx < y\n```" },
      { kind: "trace", pieces: [{ text: "1 + 1", label: "solution 1" }, { text: "so 2" }] },
    );
    expect(page).toContain("````\n```\nx < y\n```\n````");
    expect(page).toContain("solution 1:\n```\n1 + 1\n```\n\n```\nso 2\n```");
  });
});
