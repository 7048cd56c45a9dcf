import { expect, suite, test } from "vitest";
import { Policy, Recording } from "../schemas.ts";
import {
  accuracyPercent,
  avoidedLosses,
  correlation,
  falseStops,
  gainAtEqualTokens,
  type Item,
  itemsUnder,
  lossPoints,
  savedPercent,
  shuffledStops,
} from "./figures.ts";
import { endAtContext } from "./sampling.ts";

/** Right or wrong after each unit: "0011" is right from the third on. Ten tokens a unit, two of probes. */
const recording = (id: string, outcomes: string, probeTokens = 2): Recording =>
  Recording.parse({
    id,
    program: "self-consistency",
    cap: outcomes.length,
    model: "none",
    steps: [...outcomes].map((outcome, index) => ({
      knob: index + 1,
      tokens: 10 * (index + 1),
      probeTokens: probeTokens * (index + 1),
      signals: {},
      answer: outcome,
      correct: outcome === "1",
    })),
  });
const even = (units: number) => Policy.parse({ algorithm: "even", detectAt: units, cap: 4 });
const four = [recording("a", "0011"), recording("b", "1111"), recording("c", "1100"), recording("d", "0000")];

suite("figures of a policy", () => {
  const items = itemsUnder(even(2), four, 0);
  test("are worked out by hand", () => {
    expect(savedPercent(items).value).toBe(50); // 24 of 48 tokens each, probes counted
    expect(accuracyPercent(items).value).toBe(50); // b and c
    expect(lossPoints(items).value).toBe(0); // a lost, c won
    expect([falseStops(items), avoidedLosses(items)]).toEqual([1, 1]);
  });
  test("a chain that runs to its end needs no probes", () => {
    expect(savedPercent(itemsUnder(even(2), four, 0, { freeProbes: true })).value).toBeCloseTo(100 * (1 - 24 / 40), 10);
  });
  test("intervals hold the value and are narrower for more questions", () => {
    const many = Array.from({ length: 50 }, (_, index) =>
      four.map((one) => ({ ...one, id: `${one.id}${index}` })),
    ).flat();
    const [few, lots] = [accuracyPercent(items), accuracyPercent(itemsUnder(even(2), many, 0))];
    expect(lots.low).toBeLessThan(50);
    expect(lots.high).toBeGreaterThan(50);
    expect(lots.high - lots.low).toBeLessThan((few.high - few.low) / 3);
  });
});

suite("gainAtEqualTokens", () => {
  const family = [1, 2, 3, 4].map((units) => itemsUnder(even(units), four, 0));
  test("is nothing for a member of the family, and for its mixtures", () => {
    for (const member of family) expect(gainAtEqualTokens(member, family).value).toBe(0);
  });
  test("between members, the mixture of equal tokens is what counts", () => {
    // a and c at 3 units, b and d at 2: mean 2.5 units. Right: a, b; even 2 and 3 have two right each.
    const mixed = [family[2]![0]!, family[1]![1]!, family[2]![2]!, family[1]![3]!];
    expect(gainAtEqualTokens(mixed, family).value).toBe(0);
    // c at 2 units and the others at 3 1/3 in the mean: all three of a, b and c are right.
    const clever = [family[2]![0]!, family[0]![1]!, family[0]![2]!, family[0]![3]!];
    expect(gainAtEqualTokens(clever, family).value).toBe(25);
  });
});

test("shuffled stops spend as much within each seed, on other questions", () => {
  const long = Array.from({ length: 40 }, (_, index) => recording(`${index}`, index % 2 ? "1111" : "0001"));
  const items: Item[] = [0, 1].flatMap((seed) =>
    long.flatMap((one, index) => itemsUnder(even(index % 2 ? 1 : 4), [one], seed)),
  );
  const shuffled = shuffledStops(items);
  const knobs = (of: Item[], seed: number) =>
    of
      .filter((one) => one.seed === seed)
      .map(({ result }) => result.knob)
      .sort();
  expect(knobs(shuffled, 1)).toEqual(knobs(items, 1));
  expect(savedPercent(shuffled).value).toBe(savedPercent(items).value);
  expect(lossPoints(items).value).toBe(0);
  expect(lossPoints(shuffled).value).toBeGreaterThan(10);
});

test("correlation is Pearson's", () => {
  const line = Array.from({ length: 30 }, (_, index) => [index, 3 - 2 * index] as const);
  expect(correlation(line).value).toBeCloseTo(-1, 12);
  // x: -1 0 1, y: -1 2 -1: no linear relation
  expect(
    correlation([
      [1, 0],
      [2, 3],
      [3, 0],
    ]).value,
  ).toBeCloseTo(0, 12);
});

test("a chain that filled its context has ended by itself; one that was cut before has not", () => {
  const chain = (tokens: number) => {
    const one = recording("3+4*7", "1");
    return { ...one, ended: "budget" as const, steps: [{ ...one.steps[0]!, tokens }] };
  };
  expect(endAtContext(chain(183)).ended).toBeUndefined(); // and 8 of the prompt, in a context of 192
  expect(endAtContext(chain(170)).ended).toBe("budget");
});
