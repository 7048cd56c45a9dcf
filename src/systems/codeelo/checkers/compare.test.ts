import fc from "fast-check";
import { expect, suite, test } from "vitest";
import type { Checker } from "../schemas.ts";
import { compareOutput, isRule } from "./compare.ts";

const judge = (checker: Checker, output: string, answer: string) => {
  if (!isRule(checker)) throw new Error("a program");
  return compareOutput(checker, output, answer);
};
const tokens: Checker = { kind: "tokens", caseSensitive: true };
const near: Checker = { kind: "float", absolute: 1e-6, relative: 1e-6 };

suite("rules", () => {
  test.each<[string, Checker, string, string, string]>([
    ["exact", { kind: "exact" }, "1 2\n", "1 2\n", "OK"],
    ["exact, other blanks", { kind: "exact" }, "1  2", "1 2\n", "PRESENTATION_ERROR"],
    ["exact, other words", { kind: "exact" }, "1 3\n", "1 2\n", "WRONG_ANSWER"],
    ["tokens", tokens, " 1\n2 \r\n", "1 2", "OK"],
    ["tokens, case", tokens, "Yes", "YES", "WRONG_ANSWER"],
    ["tokens, any case", { kind: "tokens", caseSensitive: false }, "Yes", "YES", "OK"],
    ["lines", { kind: "lines" }, "a b  \nc\n\n", "a b\nc", "OK"],
    ["lines, one split", { kind: "lines" }, "a\nb\nc", "a b\nc", "WRONG_ANSWER"],
    ["yes or no", { kind: "yesno" }, "yEs no", "YES NO", "OK"],
    ["yes or no beside other words", { kind: "yesno" }, "yes ABC", "YES abc", "WRONG_ANSWER"],
    ["float, absolute", near, "0.0000009", "0", "OK"],
    ["float, relative", near, "1000000.9", "1000000", "OK"],
    ["float, too far", near, "1000002", "1000000", "WRONG_ANSWER"],
    ["float, exponent", near, "1e3 -0", "1000 0", "OK"],
    ["float, nan", near, "nan", "1", "WRONG_ANSWER"],
    ["float, hexadecimal", near, "0x1", "1", "WRONG_ANSWER"],
    ["float, infinity", near, "inf", "1", "WRONG_ANSWER"],
    ["float, a word", near, "NO", "NO", "OK"],
    ["nothing", tokens, "", "", "OK"],
  ])("%s", (_, checker, output, answer, verdict) => expect(judge(checker, output, answer).verdict).toBe(verdict));

  test("messages name the place", () => {
    expect(judge(tokens, "1 3", "1 2").message).toBe('word 2: expected "2", found "3"');
    expect(judge(tokens, "1", "1 2").message).toBe("the output ends after 1 of 2 words");
    expect(judge(tokens, "1 2 3 4", "1 2").message).toBe('2 more words than expected: "3"');
    expect(judge({ kind: "lines" }, "a\nc", "a\nb").message).toBe('line 2: expected "b", found "c"');
  });
  test("every answer is right for itself, and wrong with one word more, fewer or changed", () => {
    const words = fc.array(fc.stringMatching(/^[a-z0-9]{1,5}$/), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(words, fc.nat(), (answer, at) => {
        const text = answer.join(" ");
        const changed = answer.with(at % answer.length, `${answer[at % answer.length]}x`).join(" ");
        expect(judge(tokens, answer.join("\n"), text).verdict).toBe("OK");
        for (const output of [`${text} x`, answer.slice(1).join(" "), changed])
          expect(judge(tokens, output, text).verdict).toBe("WRONG_ANSWER");
      }),
    );
  });
});
