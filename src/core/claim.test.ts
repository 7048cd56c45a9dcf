import { expect, suite, test } from "vitest";
import { ClaimReport, claimExitCode, claimToReport, describeClaim, judgeClaim, type Wanted } from "./claim.ts";
import { renderReportHtml } from "./report.ts";

const interval = (value: number, low: number, high: number) => ({ value, low, high, level: 0.95 });
const row = (measured: [number, number, number], wanted?: Wanted, control?: [number, number, number]) => ({
  id: "C1",
  claim: "FCS+Reflection cuts tokens by 30 % or more",
  published: 44.7,
  unit: "%",
  measured: interval(...measured),
  wanted,
  control: control && { label: "shuffled pairs", measured: interval(...control) },
});
const judge = (...rows: ReturnType<typeof row>[]) =>
  judgeClaim({
    system: "overthinking",
    paper: "Chen et al. 2024, arXiv 2412.21187",
    mode: "quick",
    seeds: [1, 2, 3],
    device: "native, 2 cores",
    durationMs: 400_000,
    rows,
  });
const atLeast30 = { atLeast: 30 };

suite("judgeClaim", () => {
  test.each([
    ["the whole interval inside", row([38, 35, 41], atLeast30), "reproduced", 0],
    ["an end on the limit", row([33, 30, 41], atLeast30), "reproduced", 0],
    ["the whole interval outside", row([20, 15, 29.9], atLeast30), "not reproduced", 3],
    ["the limit inside the interval", row([38, 29, 47], atLeast30), "inconclusive", 4],
    ["above an upper limit", row([3, 2, 4], { atMost: 1.5 }), "not reproduced", 3],
    ["within both limits", row([0.1, -1, 1], { atLeast: -1.5, atMost: 1.5 }), "reproduced", 0],
    ["a control that shows no effect", row([38, 35, 41], atLeast30, [1, -1, 3]), "reproduced", 0],
    ["a control that shows it as well", row([38, 35, 41], atLeast30, [36, 33, 39]), "inconclusive", 4],
    ["no finite measurement", row([NaN, NaN, NaN], atLeast30), "inconclusive", 4],
    ["an interval without end", row([40, 35, Infinity], atLeast30), "inconclusive", 4],
  ] as const)("%s", (_, only, verdict, exitCode) => {
    const claim = judge(only);
    expect(claim.rows[0]!.verdict).toBe(verdict);
    expect(claim.verdict).toBe(verdict);
    expect(claimExitCode(claim)).toBe(exitCode);
  });

  test("one failed row fails the claim, one open row leaves it open, rows that only show do not count", () => {
    const [yes, no, open, shown] = [
      row([38, 35, 41], atLeast30),
      row([20, 15, 25], atLeast30),
      row([30, 25, 35], atLeast30),
      row([3.6, 3.5, 3.7]),
    ];
    expect(judge(yes, shown).verdict).toBe("reproduced");
    expect(judge(yes, open).verdict).toBe("inconclusive");
    expect(judge(yes, open, no).verdict).toBe("not reproduced");
    expect(judge(shown).verdict).toBe("inconclusive");
  });
});

test("describeClaim and the page give published, measured with interval, control and verdict", () => {
  const claim = judge(row([38.2, 35.1, 41], atLeast30, [36, 33, 39]));
  expect(describeClaim(claim)).toBe(`? overthinking: inconclusive
  Chen et al. 2024, arXiv 2412.21187
  quick, seeds 1, 2, 3, native, 2 cores, 6.7 min

? C1  FCS+Reflection cuts tokens by 30 % or more
      published  44.7%
      measured   38.2% (35.1 to 41)
      wanted     at least 30%
      control    36% (33 to 39), shuffled pairs
      verdict    inconclusive: the negative control (shuffled pairs) shows the effect as well`);
  const table = { title: "Arms", columns: ["arm", "right"], rows: [["one", "80%"]] };
  expect(describeClaim({ ...claim, table })).toBe(`${describeClaim(claim)}\n\nArms\narm  right\none    80%`);
  const page = renderReportHtml(claimToReport(claim));
  for (const text of ["44.7%", "38.2% (35.1 to 41)", "at least 30%", "shuffled pairs", "inconclusive"]) {
    expect(page).toContain(text);
  }
  expect(ClaimReport.parse(JSON.parse(JSON.stringify(claim)))).toEqual(claim);
  const single = judge(row([40, -Infinity, Infinity], atLeast30));
  expect(single.rows[0]!.reason).toBe("nothing bounds the interval, as with a single seed");
  expect(ClaimReport.parse(JSON.parse(JSON.stringify(single)))).toEqual(single);
});
