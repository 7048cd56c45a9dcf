/** Acceptance 13: the legacy figure equals the published scorer's; fixtures/make.py made its answers. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, suite, test } from "vitest";
import { matchChoice } from "./match-choice.ts";
import { scoreAnswers } from "./score.ts";
import { similarity } from "./similar.ts";

const fixture = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, "fixtures", name), "utf8"));

interface Fixture {
  published: number;
  rows: {
    output: string;
    options: Record<string, string>;
    answer_idx: string;
    first: string;
    last: string;
    type: number;
  }[];
}

const { published, rows } = fixture("scorer.json") as Fixture;

suite("beside the published scorer", () => {
  test.each(rows.map((row, index) => [index, row] as const))(
    "answer %i",
    (_, { output, options, first, last, type }) => {
      const choice = matchChoice(output, options);
      expect([choice.first, choice.last]).toEqual([first, last]);
      const typeOf = { stated: 1, letter: 1, text: 2, similar: 3 };
      expect(typeOf[choice.tier]).toBe(type);
    },
  );

  test("the legacy figure is the published one, and the last match alone is lower where the first one was luckier", () => {
    expect(rows.length).toBeGreaterThanOrEqual(50);
    const { legacyMax, accuracy, tiers } = scoreAnswers(rows);
    expect(legacyMax).toBe(published);
    expect(accuracy.value).toBeLessThanOrEqual(legacyMax);
    expect(Object.values(tiers).reduce((sum, { count }) => sum + count, 0)).toBe(rows.length);
    for (const { count } of Object.values(tiers)) expect(count).toBeGreaterThan(0);
  });

  test("texts are as alike as Python's difflib finds them, long ones without their common characters", () => {
    for (const [first, second, ratio] of fixture("difflib.json") as [string, string, number][]) {
      expect(similarity(first, second)).toBeCloseTo(ratio, 12);
    }
  });
});

test("the last match counts, by hand", () => {
  const options = { A: "Copper", B: "Nickel" };
  const answers = [
    { output: "The answer is A. No: the answer is B.", options, answer_idx: "A" },
    { output: "It is Nickel", options, answer_idx: "B" },
  ];
  const { accuracy, legacyMax, tiers } = scoreAnswers(answers);
  expect([accuracy.value, legacyMax]).toEqual([0.5, 1]);
  expect(tiers).toMatchObject({ stated: { count: 1, right: 0 }, text: { count: 1, right: 1 } });
});
