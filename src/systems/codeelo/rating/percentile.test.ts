import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { humanPopulation, percentile, populationFromList, ratingAtShare } from "./percentile.ts";

test("the paper's ratings have the paper's percentiles", () => {
  expect([1261, 1578, 710, 575, 2029].map((rating) => percentile(rating))).toEqual([63.6, 89.2, 24.1, 16.8, 98.1]);
});

test("everybody is above the lowest and below the highest", () => {
  expect([percentile(-1000), percentile(5000)]).toEqual([0, 100]);
  expect(humanPopulation().size).toBe(717_421);
  expect(ratingAtShare(0.5)).toBe(1073);
});

test("a list of one's own, equal ratings not counted as lower", () => {
  const population = populationFromList([1500, 1000, 1500, 2000]);
  expect([percentile(1500, population), percentile(1501, population)]).toEqual([25, 75]);
  expect(() => populationFromList([1, "2"], "mine.json")).toThrow('mine.json: element 1: expected a number, got "2"');
});

const file = new URL("../../../../../shared/data/codeforces-sorted-ratings.json", import.meta.url);
test.skipIf(!existsSync(file))("equals the public list, person by person (needs shared/data)", () => {
  const list: number[] = JSON.parse(readFileSync(file, "utf8"));
  expect(humanPopulation()).toEqual(populationFromList(list));
});
