import { expect, test } from "vitest";
import { FULL_WORLD } from "../world.ts";
import { simulate } from "./simulate.ts";

test("a small world: people's rules are nearly fair, the published protocol is generous; the same seed, the same result", async () => {
  const settings = {
    seeds: [7],
    contestCount: 20,
    skills: [1400, 1800],
    world: { ...FULL_WORLD, playerCount: 400, fieldSize: 210, burnInCount: 40 },
    coverageCount: 2,
  };
  const [first, second] = [await simulate(settings), await simulate(settings)];
  expect(second).toEqual(first);
  const biasOf = (rules: string) => first.biases.find((one) => one.rules === rules)!.bias.value;
  expect(Math.abs(biasOf("as people"))).toBeLessThan(150); // 40 ratings of standard deviation 350
  expect(biasOf("published protocol")).toBeGreaterThan(biasOf("as people") + 100);
  expect(first.coverage.count).toBe(2);
  const { averaged, sequential, ratio } = first.spread.at(-1)!;
  expect(ratio.value).toBeCloseTo(averaged / sequential, 10);
  expect(ratio.low).toBeLessThan(ratio.value);
});
