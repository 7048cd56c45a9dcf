/** What must hold for every text: equality is reflexive and symmetric, numbers keep their value, nothing hangs. */
import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { answersEqual } from "./equal.ts";
import { extractAnswer } from "./extract.ts";
import { respellings } from "./respellings.fixtures.ts";

// Pieces that mean something to the parsers reach deeper than random letters do.
const pieces = [
  "\\frac",
  "\\sqrt",
  "\\sqrt[3]",
  "{",
  "}",
  "(",
  ")",
  "[",
  "]",
  "^",
  "_",
  "|",
  "!",
  "1",
  "23",
  ".5",
  ",",
  " ",
  "\\pi",
  "\\sin",
  "\\log_",
  "+",
  "-",
  "*",
  "/",
  "=",
  "<",
  "\\pm",
  "%",
  "$",
  "\\$",
  "\\text{",
  "\\boxed{",
  "\\begin{pmatrix}",
  "\\end{pmatrix}",
  "&",
  "\\\\",
  "9^9",
  "^{9999}",
  "\\binom",
  "\\lfloor",
  "\\rfloor",
  "x",
  "e",
  "i",
  "\\infty",
  " or ",
  " and ",
  "10^{9999}",
  "e9999",
  ":",
  "\\cup",
  "\\in",
  "**",
  "####",
  "answer is ",
  "</think>",
  "<answer>",
  "\n",
  "🙂",
  "\u0000",
  "½",
  "²",
  "−",
  "cm",
  "two",
];
const formula = fc.array(fc.constantFrom(...pieces), { maxLength: 25 }).map((parts) => parts.join(""));
const anyText = fc.oneof(
  { weight: 3, arbitrary: formula },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 60 }) },
);
const integer = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });

suite("properties", () => {
  test("reflexive and symmetric on 10,000 hostile texts; no call takes long", () => {
    answersEqual("x+1", "1+x"); // loads the library, which is not what is timed
    let slowest = { ms: 0, text: "" };
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        const start = performance.now();
        if (!answersEqual(a, a).equal) throw new Error("not equal to itself");
        if (answersEqual(a, b).equal !== answersEqual(b, a).equal) throw new Error("the order decided");
        extractAnswer(a, { lastNumber: true });
        const ms = performance.now() - start;
        if (ms > slowest.ms) slowest = { ms, text: `${a} | ${b}` };
      }),
      { numRuns: 10_000, seed: 7 },
    );
    // Usual: under 5 ms. The bound only tells a hang from a busy machine.
    expect(slowest.ms, slowest.text).toBeLessThan(2_000);
  });

  test("an integer equals its respellings and not its neighbours", () => {
    fc.assert(
      fc.property(integer, (value) => {
        const text = String(value);
        for (const form of respellings(text)) {
          if (!answersEqual(text, form).equal) throw new Error(`${form} was not recognised`);
          if (answersEqual(String(value + 1n), form).equal) throw new Error(`${form} was taken for its neighbour`);
        }
      }),
      { numRuns: 100, seed: 7 },
    );
  });

  test("a fraction equals its respellings and not the next one", () => {
    const part = fc.bigInt({ min: 1n, max: 10n ** 6n });
    fc.assert(
      fc.property(part, part, fc.boolean(), (top, bottom, negative) => {
        const write = (numerator: bigint) => `${negative ? "-" : ""}\\frac{${numerator}}{${bottom}}`;
        for (const form of respellings(write(top))) {
          if (!answersEqual(write(top), form).equal) throw new Error(`${form} was not recognised`);
          if (answersEqual(write(top + 1n), form).equal) throw new Error(`${form} was taken for its neighbour`);
        }
      }),
      { numRuns: 100, seed: 7 },
    );
  });

  test("polynomials: expanded and factored are equal, one coefficient more is not", () => {
    const root = fc.integer({ min: -50, max: 50 });
    fc.assert(
      fc.property(root, root, (p, q) => {
        const signed = (value: number) => (value < 0 ? String(value) : `+${value}`);
        const expanded = `x^2${signed(-p - q)}x${signed(p * q)}`;
        expect(answersEqual(expanded, `(x${signed(-p)})(x${signed(-q)})`).equal).toBe(true);
        expect(answersEqual(`${expanded}+1`, `(x${signed(-p)})(x${signed(-q)})`).equal).toBe(false);
      }),
      { numRuns: 100, seed: 7 },
    );
  });

  test.each([
    "9^{9^{9^{9}}}",
    "100000!",
    "(((9!)!)!)!",
    "x^".repeat(1_000),
    `${"\\frac{".repeat(50)}1${"}".repeat(50)}`,
    "2^{10^{9}}",
    "\\binom{1000000000}{500000000}",
    "1e9999",
    "9".repeat(4_000),
    `9^{9999}${"*9^{9999}".repeat(50)}`,
    "(".repeat(2_000) + ")".repeat(2_000),
    "\\frac{".repeat(600),
    "\\frac".repeat(700),
    `${"(x+y+z+1)^{60}*".repeat(20)}1`,
    `${"\\sqrt{2}+x,".repeat(190)}1`,
    "\\boxed{".repeat(50_000),
    "answer is ".repeat(30_000),
    " ".repeat(100_000),
    "A: \n".repeat(50_000),
    "answer to ".repeat(20_000),
    "\\begin{pmatrix}".repeat(200),
  ])("bombs go off harmlessly: %.30s", (bomb) => {
    const start = performance.now();
    expect(answersEqual(bomb, `${bomb} `).equal).toBe(true);
    expect(answersEqual(bomb, "1").equal).toBe(false);
    answersEqual(bomb, bomb.replace(/[29x(]/, "3"));
    extractAnswer(bomb, { lastNumber: true });
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});
