import { expect, test } from "vitest";
import { formatInterval, formatNumber } from "./format.ts";

test("four digits, thousands apart, a real minus, and nothing is never less than nothing", () => {
  expect([1234.5678, 0.00012345, -2.71345, 12, 1e-7, Number.NaN, Infinity].map(formatNumber)).toEqual([
    "1,235",
    "0.0001235",
    "−2.713",
    "12",
    "1.00e−7",
    "n/a",
    "∞",
  ]);
  expect([0, -0, Math.round(-0.3)].map(formatNumber)).toEqual(["0", "0", "0"]);
});

test("intervals with and without bounds and units", () => {
  expect(formatInterval(38.21, [35.1, 41], "%")).toBe("38.21% (35.1 to 41)");
  expect(formatInterval("n/a", null, "ms")).toBe("n/a ms");
});
