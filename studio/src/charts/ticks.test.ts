import { expect, suite, test } from "vitest";
import { linearTicks, logTicks } from "./ticks.ts";

suite("ticks", () => {
  test("of a linear axis are round and lie inside of it", () => {
    expect(linearTicks(21.3, 24.1, 4)).toEqual([22, 23, 24]);
    expect(linearTicks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(linearTicks(-3, 12, 3)).toEqual([0, 5, 10]);
  });
  test("of a logarithmic axis are 1, 2 and 5 of every decade", () => {
    expect(logTicks(0.3, 12)).toEqual([0.5, 1, 2, 5, 10]);
    expect(logTicks(110, 190)).toEqual([120, 140, 160, 180]);
  });
});
