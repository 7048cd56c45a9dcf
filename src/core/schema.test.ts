import { expect, suite, test } from "vitest";
import { z } from "zod";
import { closest, describeSchema, validate } from "./schema.ts";

/** Message and hint of the first problem. */
function problem(schema: z.ZodType, value: unknown): string[] {
  const result = validate(schema, value);
  if ("value" in result) throw new Error("expected a problem");
  return [result.problem.message, result.problem.hint ?? ""];
}

const Row = z.object({
  reward: z.number().min(0).max(1),
  ties: z.enum(["mid", "worst"]).optional(),
  choices: z.array(z.object({ text: z.string().min(1) })).optional(),
});

suite("validate", () => {
  test("says what was expected, what was found and how to mend it", () => {
    expect(problem(Row, { reward: "0.8" })).toEqual([
      'reward: expected a number from 0 to 1, got "0.8" (text)',
      "Write it without quotes.",
    ]);
    expect(problem(Row, { reward: 1.5 })[0]).toBe("reward: expected a number from 0 to 1, got 1.5");
    expect(problem(Row, { reward: 1, ties: "wurst" })).toEqual([
      'ties: expected one of "mid", "worst", got "wurst" (text)',
      'Did you mean "worst"?',
    ]);
    expect(problem(Row, { reward: 1, choices: [{ text: "a" }, { text: 3 }] })).toEqual([
      "choices[1].text: expected text that is not empty, got 3",
      "Write it in quotes.",
    ]);
    expect(problem(Row, [1])[0]).toBe("expected an object with reward, ties, choices, got a list of 1");
  });

  test("a missing field that is there under another name", () => {
    expect(problem(Row, { reword: 1 })).toEqual([
      "reward: missing, expected a number from 0 to 1",
      'The field "reword" looks like it: rename it to "reward".',
    ]);
    expect(problem(Row, { score: 1 })[1]).toContain("found: score");
  });

  test("unknown fields of a strict object", () => {
    expect(problem(z.strictObject({ seed: z.int() }), { seed: 1, sede: 2 })).toEqual([
      'unknown field "sede"',
      'Did you mean "seed"?',
    ]);
  });

  test("counts further problems", () => {
    expect(problem(z.object({ a: z.int(), b: z.int(), c: z.int() }), {})[0]).toMatch(
      /^a: missing.*\(and 2 more problems\)$/,
    );
  });

  test("keeps the words of the schema's author", () => {
    const Even = z.object({ n: z.int().refine((n) => n % 2 === 0, "must be even") });
    expect(problem(Even, { n: 3 })[0]).toBe("n: must be even");
    expect(problem(z.object({ n: z.number("n is how many there are") }), { n: "x" })[0]).toBe(
      "n: n is how many there are",
    );
  });

  test("of a union, tells of the branch that came furthest", () => {
    const Either = z.object({ at: z.union([z.number(), z.object({ x: z.number(), y: z.number() })]) });
    expect(problem(Either, { at: { x: 1 } })[0]).toBe("at.y: missing, expected a number");
    expect(problem(Either, { at: "here" })[0]).toContain("expected a number or an object with x, y");
    const Tagged = z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("a") }),
      z.object({ kind: z.literal("b") }),
    ]);
    expect(problem(Tagged, { kind: "c" })[0]).toMatch(/^kind: /);
  });

  test("shortens long texts", () => {
    expect(problem(Row, { reward: "x".repeat(5000) })[0]!.length).toBeLessThan(150);
  });
});

test("describeSchema", () => {
  const described: [z.ZodType, string][] = [
    [z.int().min(1), "a whole number of at least 1"],
    [z.number().positive(), "a number above 0"],
    [z.number().gt(0).lt(1), "a number above 0 and below 1"],
    [z.number().gt(0).max(1), "a number above 0 and at most 1"],
    [z.string().length(2), "text of 2 characters"],
    [z.url(), "text in the form of a url"],
    [z.string().regex(/^a+$/), "text that matches /^a+$/"],
    [z.array(z.string()).min(1), "a list (not empty) of text"],
    [z.literal("x"), '"x"'],
    [z.boolean().default(true), "true or false"],
    [z.lazy(() => z.string()), "text"],
    [z.string().transform(Number), "text"],
    [z.number().nullable(), "a number"],
  ];
  for (const [schema, words] of described) expect(describeSchema(schema)).toBe(words);
});

test("closest finds slips, not other words", () => {
  expect(closest("bda.jsonl", ["bad.jsonl", "good.csv"])).toBe("bad.jsonl");
  expect(closest("reward", ["score"])).toBeUndefined();
});
