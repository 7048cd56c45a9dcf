import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { makeInputs } from "./build.ts";
import { families } from "./catalog/index.ts";
import { constantsOf } from "./family.ts";
import { evaluate, generateInput, parseFormat, validateInput } from "./format.ts";
import { knownPrograms } from "./mutants.ts";
import { stressInputs } from "./stress.ts";

suite("format", () => {
  test("bounds are sums and products of names and numbers", () => {
    const names = { n: 5, V: 1e9 };
    expect(["n-1", "2*n+3", "-V", "1e9", "n*n-2*n"].map((text) => evaluate(text, names))).toEqual([
      4, 13, -1e9, 1e9, 15,
    ]);
    expect(() => evaluate("m", names)).toThrow('"m" has no value');
  });
  const format = parseFormat("n:2..N q:1..3\na[n]:-V..V!sorted\nq * l:1..n s:ab{1..4}");
  const constants = { N: 6, V: 9 };
  test.each([
    ["2 1\n-9 9\n2 ab\n", undefined],
    ["2 1\n-9 9\n2 ab", "the last line has no end"],
    ["7 1\n1 2 3 4 5 6 7\n1 a\n", "line 1: n: 7 is not a number from 2 to 6"],
    ["2 1\n9 -9\n1 a\n", "line 2: a: is not in order"],
    ["2 1\n1\n1 a\n", "line 2: a: ends early"],
    ["2 1\n1 2 3\n1 a\n", "line 2: more words than expected"],
    ["2 1\n1 02\n1 a\n", "line 2: a: 02 is not a number from -9 to 9"],
    ["2 2\n1 2\n1 a\n", "line 4: is missing"],
    ["2 1\n1 2\n3 a\n", "line 3: l: 3 is not a number from 1 to 2"],
    ["2 1\n1 2\n1 abc\n", 'line 3: s: "abc"'],
    ["2 1\n1 2\n1 a\nx\n", "line 4: stands after the end"],
  ])("%j", (input, fault) => expect(validateInput(format, constants, input)).toBe(fault));
  test("trees and distinct numbers", () => {
    const tree = parseFormat("n:1..9\nn-1 * u:1..n v:1..n !tree");
    expect(validateInput(tree, {}, "3\n1 2\n2 3\n")).toBeUndefined();
    expect(validateInput(tree, {}, "3\n1 2\n2 1\n")).toBe("line 2: the edges make no tree");
    expect(validateInput(parseFormat("a[2]:1..9!distinct"), {}, "4 4\n")).toBe("line 1: a: repeats");
  });
  test("what is generated is valid, and the same for the same seed", () => {
    const shapes = fc.record({
      size: fc.constantFrom("least" as const, "small" as const, "most" as const),
      values: fc.constantFrom("any" as const, "low" as const, "high" as const, "narrow" as const, "edges" as const),
    });
    fc.assert(
      fc.property(shapes, fc.nat(), (shape, seed) => {
        const input = generateInput(format, constants, shape, new Random(seed));
        expect(validateInput(format, constants, input)).toBeUndefined();
        expect(generateInput(format, constants, shape, new Random(seed))).toBe(input);
      }),
    );
  });
});

suite("catalogue", () => {
  test("40 families or more, each with its own name", () => {
    expect(families.length).toBeGreaterThanOrEqual(40);
    expect(new Set(families.map(({ name }) => name)).size).toBe(families.length);
  });
  suite.each(families.map((family) => [family.name, family] as const))("%s", (_, family) => {
    test.each([1, 2, 3] as const)("level %i has enough tests and ten mutants", (level) => {
      const inputs = makeInputs(family, level, 7);
      expect(inputs.length).toBeGreaterThanOrEqual(5);
      expect(makeInputs(family, level, 7)).toEqual(inputs);
      const programs = knownPrograms(family, level);
      expect(programs.filter(({ expected }) => !expected.includes("OK")).length).toBeGreaterThanOrEqual(10);
      expect(new Set(programs.map(({ program }) => program.source)).size).toBe(programs.length);
    });
    test("levels grow, and small inputs for stress can be made", () => {
      const [small, , large] = [1, 2, 3].map((level) => Math.max(...Object.values(constantsOf(family, level as 1))));
      expect(large!).toBeGreaterThan(small!);
      const inputs = stressInputs(family, 12, 1);
      expect(inputs.length).toBeGreaterThan(1);
      expect(inputs).toEqual(inputs.toSorted((a, b) => a.length - b.length));
    });
  });
});
