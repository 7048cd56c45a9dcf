/** The tour's table and report: stops that did well, failed, and lack something; wide and narrow. */
import { expect, suite, test } from "vitest";
import { renderReportHtml } from "../../core/report.ts";
import type { VisitedStop } from "./stop.ts";
import { describeStops, renderTour } from "./table.ts";

const done: VisitedStop = {
  system: "certaindex",
  status: "passed",
  passed: true,
  did: "stopped 34 of 60 votes before their end",
  figures: [
    { label: "tokens saved", measured: "42.7 %", published: "9 to 52 %" },
    { label: "right, stopped early", measured: "83.3 %", published: null },
  ],
  sections: [{ kind: "text", title: "What it shows", text: "a section" }],
  seconds: 4,
  problem: null,
};
const nothing = { did: "", figures: [], sections: [], seconds: 0 };
const failed: VisitedStop = {
  ...nothing,
  system: "overthinking",
  status: "failed",
  passed: false,
  problem: { message: "There is no model", hint: "`polymath train reasoner` makes it." },
};
const skipped: VisitedStop = {
  ...nothing,
  system: "codeelo",
  status: "skipped",
  passed: true,
  problem: { message: "Cannot run programs safely", hint: null },
};
const all = [done, failed, skipped];

suite("the tour's table", () => {
  test("one row per figure; what a stop did runs beside them; a problem has the row to itself", () => {
    expect(describeStops(all)).toMatchInlineSnapshot(`
      "   system        what it just did        result                here    published
      ✓  certaindex    stopped 34 of 60 votes  tokens saved          42.7 %  9 to 52 %
                       before their end        right, stopped early  83.3 %
      ✗  overthinking  failed: There is no model (\`polymath train reasoner\` makes it.)
      –  codeelo       skipped: Cannot run programs safely"
    `);
  });
  test("on a narrow terminal each stop is a block that fits", () => {
    expect(describeStops(all, 60)).toMatchInlineSnapshot(`
      "✓ certaindex  stopped 34 of 60 votes before their end
        tokens saved          42.7 %  published: 9 to 52 %
        right, stopped early  83.3 %

      ✗ overthinking  failed: There is no model (\`polymath train reasoner\` makes it.)

      – codeelo  skipped: Cannot run programs safely"
    `);
  });
  test("a long problem makes no table too wide", () => {
    const long = { ...failed, problem: { message: "x".repeat(200), hint: null } };
    expect(describeStops([done, long], 90)).toContain("what it just did");
  });
});

suite("the tour's report", () => {
  const report = renderTour(all, []);
  test("has a row for each system, what the stops show, and every figure", () => {
    expect(report.summary).toBe("1 of 3 systems did what they are for; failed: overthinking; skipped: codeelo.");
    const [first, shown, figures, machine] = report.sections;
    expect(first).toMatchObject({
      kind: "table",
      rows: [
        ["certaindex", "stopped 34 of 60 votes before their end", "tokens saved: 42.7 %", "9 to 52 %"],
        ["overthinking", "failed: There is no model (`polymath train reasoner` makes it.)", null, null],
        ["codeelo", "skipped: Cannot run programs safely", null, null],
      ],
    });
    expect(figures).toMatchObject({
      rows: [
        ["certaindex", "tokens saved", "42.7 %", "9 to 52 %"],
        ["certaindex", "right, stopped early", "83.3 %", null],
      ],
    });
    expect([shown!.title, machine!.title]).toEqual(["What it shows", "This machine"]);
  });
  test("its row shows the first figure that has a published one beside it", () => {
    const other = { ...done, figures: done.figures.toReversed() };
    expect(renderTour([other], []).sections[0]).toMatchObject({
      rows: [["certaindex", done.did, "tokens saved: 42.7 %", "9 to 52 %"]],
    });
  });
  test("is a page", () => {
    expect(renderReportHtml({ ...report, provenance: {} })).toContain("stopped 34 of 60 votes before their end");
  });
});
