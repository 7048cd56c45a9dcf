import { expect, test } from "vitest";
import { exactChecker, mathsChecker, numberChecker, regexChecker, setChecker } from "./checkers.ts";

test("checkers differ in what they accept", () => {
  expect(exactChecker(" 5", "5")).toEqual({ correct: true, how: "exact" });
  expect(exactChecker("5.0", "5")).toMatchObject({ correct: false });
  expect(mathsChecker()("x(x+1)", "x^2+x")).toEqual({ correct: true, how: "expression" });
  expect(mathsChecker({ tolerance: 0.01 })("0.333", "1/3")).toMatchObject({ correct: true });
  expect(numberChecker()("$1,000", "1000")).toMatchObject({ correct: true });
  expect(numberChecker()("x", "5")).toEqual({ correct: null, how: "not a number" });
  expect(setChecker()("(2, 1)", "\\{1,2\\}")).toMatchObject({ correct: true });
  expect(setChecker()("5", "\\{5\\}")).toMatchObject({ correct: true });
  expect(setChecker()("1, 2", "1, 2, 3")).toMatchObject({ correct: false });
  expect(regexChecker()("About 12 cm", "(about )?\\d+ ?cm")).toEqual({ correct: true, how: "regex" });
  expect(regexChecker()("12 cm wide", "\\d+ ?cm")).toMatchObject({ correct: false });
});

test("no answer is a wrong answer, for each of them", () => {
  for (const check of [exactChecker, mathsChecker(), numberChecker(), setChecker(), regexChecker()])
    expect(check(null, "5")).toEqual({ correct: false, how: "no answer" });
});
