import { expect, test } from "vitest";
import { variants } from "./recipes.ts";
import { ablationTable, summarise, verdictOf } from "./report.ts";
import type { AblationRow } from "./run.ts";

const rows = (fids: Record<string, number[]>): AblationRow[] =>
  Object.entries(fids).flatMap(([name, values]) =>
    values.map((fid, seed) => ({
      variant: variants.find((variant) => variant.name === name)!,
      seed,
      evaluation: {
        judge: "j",
        count: 1,
        referenceCount: 1,
        fid,
        fidExtrapolated: fid,
        sfid: fid,
        classAgreement: 0.5,
        precision: 1,
        recall: 1,
        warnings: [],
      },
    })),
  );

test("compares runs of one seed, so that seeds may differ more than variants", () => {
  const [whole, swiglu] = summarise(rows({ "whole recipe": [1, 2, 4], "without SwiGLU": [1.2, 2.4, 4.9] }));
  expect([whole!.rise, whole!.fid.value]).toEqual([null, 7 / 3]);
  expect(swiglu!.rise!.value).toBeCloseTo((20 + 20 + 22.5) / 3, 6);
  expect(verdictOf(swiglu!)).toBe("helped");
  expect(swiglu!.published).toBeCloseTo(100 * (12.52 / 10.1 - 1), 6);
});

test("says when a part hurt, and when seeds do not decide", () => {
  const summaries = summarise(
    rows({ "whole recipe": [1, 1, 1], "without RMSNorm": [0.9, 0.91, 0.9], "without rotary positions": [0.8, 1.3, 1] }),
  );
  expect(summaries.slice(1).map(verdictOf)).toEqual(["hurt", "unclear at this size"]);
  expect(ablationTable(summaries)).toContain("unclear at this size");
});

test("every variant but the first takes out exactly one part", () => {
  for (const { name, config = {}, recipe = {} } of variants.slice(1))
    expect(Object.keys(config).length + Object.keys(recipe).length, name).toBe(1);
});
