/** RMSNorm, LayerNorm and GroupNorm against the formulas in plain float64. */
import { expect, suite, test } from "vitest";
import { array64, onInterpreter, randomRows } from "./float64.fixtures.ts";
import { groupNorm } from "./group-norm.ts";
import { layerNorm } from "./layer-norm.ts";
import { rmsNorm } from "./rms-norm.ts";

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
function normalise(values: number[], epsilon: number): number[] {
  const average = mean(values);
  const variance = mean(values.map((value) => (value - average) ** 2));
  return values.map((value) => (value - average) / Math.sqrt(variance + epsilon));
}

suite("rmsNorm", () => {
  test("divides by the root of the mean square", () =>
    onInterpreter(() => {
      const root = Math.sqrt((9 + 16) / 2 + 1e-6);
      expect(rmsNorm({ weight: array64([1, 2]) }, array64([[3, 4]]))).toBeAllclose([[3 / root, 8 / root]]);
    }));

  test("epsilon keeps a zero vector finite", () =>
    onInterpreter(() => expect(rmsNorm({ weight: array64([1, 1]) }, array64([[0, 0]]))).toBeAllclose([[0, 0]])));

  test("names the axes it wanted", () =>
    onInterpreter(() => {
      const wrong = () => rmsNorm({ weight: array64([1, 1]) }, array64([[1, 2, 3]]));
      expect(wrong).toThrow("rmsNorm: x: expected [..., dim = 2], got [1, 3]");
    }));
});

suite("layerNorm", () => {
  test("normalises each vector, then scales and shifts", () =>
    onInterpreter(() => {
      const rows: number[][] = randomRows("layer norm", 3, 5);
      const expected = rows.map((row) => normalise(row, 1e-5).map((value, i) => value * (i + 1) - i));
      const params = { weight: array64([1, 2, 3, 4, 5]), bias: array64([0, -1, -2, -3, -4]) };
      expect(layerNorm(params, array64(rows))).toBeAllclose(expected);
      expect(layerNorm({}, array64(rows))).toBeAllclose(rows.map((row) => normalise(row, 1e-5)));
    }));
});

suite("groupNorm", () => {
  const x: number[][][] = randomRows("group norm", 2, 4, 3); // [batch, channels, length]
  const params = () => ({ weight: array64([1, 2, 3, 4]), bias: array64([5, 6, 7, 8]) });

  test("normalises each group of channels over space", () =>
    onInterpreter(() => {
      const expected = x.map((channels) =>
        [0, 2].flatMap((first) => {
          const values = normalise([...channels[first]!, ...channels[first + 1]!], 1e-5);
          return [values.slice(0, 3), values.slice(3)].map((channel, i) =>
            channel.map((value) => value * (first + i + 1) + first + i + 5),
          );
        }),
      );
      expect(groupNorm(params(), array64(x), { groups: 2 })).toBeAllclose(expected);
    }));

  test("refuses groups that do not divide the channels", () =>
    onInterpreter(() => {
      expect(() => groupNorm(params(), array64(x), { groups: 3 })).toThrow("3 groups do not divide 4 channels");
    }));
});
