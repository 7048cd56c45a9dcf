import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { answersEqual } from "../../../endpoint/answers/index.ts";
import { endOfAnswer, hasWord, readProbe } from "./read-probe.ts";

suite("what a probe answered", () => {
  test.each([
    ["42} \\]", "42"],
    [" 42 }", "42"],
    ["\\frac{1}{2}} \\]", "\\frac{1}{2}"],
    ["\\sqrt{\\frac{a}{b}}}.", "\\sqrt{\\frac{a}{b}}"],
    ["\\{1, 2\\}} \\]", "\\{1, 2\\}"],
    ['\\text{print("}")}} \\]', '\\text{print("}")}'],
    ['5"} \\]', '5"'],
    ["12\\text{ cm}} \\]", "12\\text{ cm}"],
    ["1{,}234} \\]", "1{,}234"],
    ["\u22125} \\]", "\u22125"],
    ["x = 3, y = 4} \\]", "x = 3, y = 4"],
    ["42}} \\]", "42"],
  ])("%s", (text, answer) => expect(readProbe(text)).toEqual({ answer, isHesitant: false }));

  test.each(["", "42", "\\frac{1}{2}", "} \\]", "  } \\]", "{}", "\\}"])("%j holds no answer", (text) =>
    expect(readProbe(text).answer).toBeNull(),
  );

  test("spellings of one number agree: thousands, minus, units", () => {
    const [plain, spelled] = [readProbe("-1234} \\]"), readProbe("\u22121{,}234\\text{ cm}} \\]")];
    expect(answersEqual(plain.answer!, spelled.answer!).equal).toBe(true);
  });

  test("where no brace closes it, the given text does", () => {
    expect(readProbe("80</answer> and so on", { close: "</answer>" }).answer).toBe("80");
    expect(readProbe("7\nbut", { close: "\n" })).toEqual({ answer: "7", isHesitant: false });
    expect(readProbe("80</ans", { close: "</answer>" }).answer).toBeNull();
  });

  test("any answer with matched braces is read back whole, whatever follows its box", () => {
    const inner = fc.array(fc.constantFrom("a", "1", " ", "\\{", "\\frac{1}{2}", "{x}", "\\}", "-"), { minLength: 1 });
    fc.assert(
      fc.property(inner, fc.string(), (parts, rest) => {
        const answer = parts.join("");
        expect(endOfAnswer(`${answer}}${rest}`)).toBe(answer.length);
      }),
    );
  });
});

suite("hesitation", () => {
  test.each(["wait, 42} \\]", "Hmm 42}", "42, BUT}", "no}", "okay let me}", "hold on"])("%s hesitates", (text) =>
    expect(readProbe(text).isHesitant).toBe(true),
  );

  test.each(["not 42}", "know}", "enough}", "await}", "button}", "nobody}", "unhold}", "no_1}"])(
    "%s only contains the letters of such a word",
    (text) => expect(readProbe(text).isHesitant).toBe(false),
  );

  test("what comes after the box is not the answer's", () => {
    expect(readProbe("42} \\] But wait").isHesitant).toBe(false);
  });

  test("the list is the caller's, in any script", () => {
    expect(readProbe("Moment, 42}", { hesitations: ["moment"] }).isHesitant).toBe(true);
    expect(readProbe("wait}", { hesitations: [] }).isHesitant).toBe(false);
    expect(hasWord("но ответ", ["но"])).toBe(true);
    expect(hasWord("однако", ["но", "ко"])).toBe(false);
    expect(hasWord("a+b", ["a+"])).toBe(false); // a pattern's characters are only characters
  });
});
