import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { parseQuestion, type RefusalReason } from "./questions.ts";

const understood: [string, number[]][] = [
  ["17 + 25 + 38", [17, 25, 38]],
  ["17+25+38=", [17, 25, 38]],
  ["17+25", [17, 25]],
  ["  17   +25 ", [17, 25]],
  ["17 + 25 = ?", [17, 25]],
  ["17+25=?", [17, 25]],
  ["what is 17 plus 25?", [17, 25]],
  ["What is 17 + 25?", [17, 25]],
  ["what's 17+25", [17, 25]],
  ["whats 17+25", [17, 25]],
  ["What’s the sum of 3, 4 and 5?", [3, 4, 5]],
  ["What is the sum of 3, 4, and 5?", [3, 4, 5]],
  ["the sum of 3 and 4", [3, 4]],
  ["add 12 and 30", [12, 30]],
  ["add 12 to 30", [12, 30]],
  ["Add 12, 30 and 4.", [12, 30, 4]],
  ["add 1 2 3", [1, 2, 3]],
  ["add up 4, 5, 6", [4, 5, 6]],
  ["please add 4 & 5", [4, 5]],
  ["4 added to 5", [4, 5]],
  ["seventeen plus twenty-five", [17, 25]],
  ["Seventeen Plus Twenty Five", [17, 25]],
  ["twentyfive and thirty", [25, 30]],
  ["ninety-nine + one", [99, 1]],
  ["forty plus fourty", [40, 40]],
  ["nineteen and 1", [19, 1]],
  ["calculate 5+6 please", [5, 6]],
  ["compute 5 + 6", [5, 6]],
  ["could you please work out 5 + 6 for me?", [5, 6]],
  ["17 and 25 and 38", [17, 25, 38]],
  ["17 & 25", [17, 25]],
  ["17, 25 and 38", [17, 25, 38]],
  ["17 plus 25 and 38", [17, 25, 38]],
  ["sum 3 4 5", [3, 4, 5]],
  ["sum of 3 4 5", [3, 4, 5]],
  ["sum: 3, 4, 5", [3, 4, 5]],
  ["SUM(3, 4, 5)", [3, 4, 5]],
  ["=SUM(3;4;5)", [3, 4, 5]],
  ["total of 3, 4 and 5", [3, 4, 5]],
  ["3, 4 and 5 in total", [3, 4, 5]],
  ["how much is 17 plus 25?", [17, 25]],
  ["How much is 17 and 25 together?", [17, 25]],
  ["how much do 17 and 25 make", [17, 25]],
  ["what does 17 plus 25 equal?", [17, 25]],
  ["17 plus 25 equals", [17, 25]],
  ["tell me 17 + 25!", [17, 25]],
  ["Hi! What is 17 + 25? Thanks", [17, 25]],
  ["solve: 17 + 25", [17, 25]],
  ["find the sum of the numbers 8, 9 and 10", [8, 9, 10]],
  ["(17 + 25) + 38", [17, 25, 38]],
  ["“17 + 25”", [17, 25]],
  ["17 ＋ 25", [17, 25]],
  ["１７＋２５＋３８", [17, 25, 38]],
  ["17﹢25", [17, 25]],
  ["17 ➕ 25", [17, 25]],
  ["17\t+\n25", [17, 25]],
  ["17\u00a0+\u00a025", [17, 25]],
  ["+17+25", [17, 25]],
  ["007 + 08", [7, 8]],
  ["17plus25", [17, 25]],
  ["17+25+38+1+2+3", [17, 25, 38, 1, 2, 3]],
  ["5+5+5+5", [5, 5, 5, 5]],
  ["99+99+99+99+99+99", [99, 99, 99, 99, 99, 99]],
  ["1+1", [1, 1]],
  ["17加25", [17, 25]],
  ["17加25等于多少？", [17, 25]],
  ["请问17加上25是多少", [17, 25]],
  ["十七加二十五", [17, 25]],
  ["请计算一下十加两", [10, 2]],
  ["3、4和5的总和是多少？", [3, 4, 5]],
  ["Was ist 17 plus 25?", [17, 25]],
  ["Wie viel ist 17 und 25?", [17, 25]],
  ["Wieviel ergibt 17 + 25", [17, 25]],
  ["Addiere 12 und 30 bitte", [12, 30]],
  ["die Summe von 3, 4 und 5", [3, 4, 5]],
];

const refused: [string, RefusalReason][] = [
  ["", "empty"],
  ["   \n", "empty"],
  ["?", "not-a-sum"],
  ["hello", "not-a-sum"],
  ["What is the capital of France?", "not-a-sum"],
  ["what is the difference between a cat and a dog", "not-a-sum"],
  ["write 17 + 25 lines of code", "not-a-sum"],
  ["I have 3 apples and 5 oranges", "not-a-sum"],
  ["17 25", "not-a-sum"],
  ["17, 25", "not-a-sum"],
  ["1 7 + 25", "not-a-sum"],
  ["17 ++ 25", "not-a-sum"],
  ["17 + plus 25", "not-a-sum"],
  ["17 + 25 +", "not-a-sum"],
  ["sum of the numbers from 1 to 5", "not-a-sum"],
  ["a + b", "not-a-sum"],
  ["x + 25", "other-operation"],
  ["17 - 25", "other-operation"],
  ["17 − 25", "other-operation"],
  ["-5 + 3", "other-operation"],
  ["17 minus 5", "other-operation"],
  ["17 * 25", "other-operation"],
  ["17 x 25", "other-operation"],
  ["17 × 25", "other-operation"],
  ["seven times six", "other-operation"],
  ["17 + 25 * 2", "other-operation"],
  ["add 3 and 4 and divide by 2", "other-operation"],
  ["100 / 4", "other-operation"],
  ["3² + 4²", "other-operation"],
  ["2^5", "other-operation"],
  ["5! + 3", "other-operation"],
  ["the average of 3 and 4", "other-operation"],
  ["17减5", "other-operation"],
  ["2.5 + 3", "not-whole"],
  [".5 + 3", "not-whole"],
  ["½ + 3", "not-whole"],
  ["three and a half plus 2", "not-whole"],
  ["100 + 5", "out-of-range"],
  ["0 + 5", "out-of-range"],
  ["zero plus five", "out-of-range"],
  ["one hundred plus five", "out-of-range"],
  ["1,000 + 5", "out-of-range"],
  ["a million plus one", "out-of-range"],
  ["123456789012345678901234567890 + 1", "out-of-range"],
  ["17", "too-few"],
  ["what is 17?", "too-few"],
  ["seventeen", "too-few"],
  ["5!", "too-few"],
  ["1+2+3+4+5+6+7", "too-many"],
  ["sum 1 2 3 4 5 6 7 8", "too-many"],
  ["17 + 25 = 42", "equation"],
  ["is 17 + 25 = 43?", "equation"],
];

suite("parseQuestion", () => {
  test.each(understood)("reads %j", (question, addends) => {
    expect(parseQuestion(question)).toEqual({ kind: "sum", problem: { addends } });
  });

  test.each(refused)("refuses %j: %s", (question, reason) => {
    expect(parseQuestion(question)).toMatchObject({ kind: "refused", reason });
  });

  test("a refusal says what the model can do, what was wrong, and how to name a bigger one", () => {
    const refusal = parseQuestion("120 + 5");
    expect(refusal).toEqual({
      kind: "refused",
      reason: "out-of-range",
      message:
        'This little model adds 2 to 6 whole numbers from 1 to 99, such as "17 + 25 + 38". 120 is outside that range. ' +
        'For more, name a bigger model: polymath ask --model DIR "…" runs any Llama or Qwen2 folder.',
    });
  });

  const ones =
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
      " ",
    );
  const tens = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
  const inWords = (value: number) =>
    value < 20 ? ones[value]! : tens[Math.floor(value / 10) - 2]! + (value % 10 === 0 ? "" : `-${ones[value % 10]}`);
  const listed = (words: (string | number)[]) => `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
  const renderings: ((addends: number[]) => string)[] = [
    (addends) => `${addends.join("+")}=`,
    (addends) => addends.join(" + "),
    (addends) => `What is ${addends.join(" plus ")}?`,
    (addends) => addends.map(inWords).join(" plus "),
    (addends) => `what's the sum of ${listed(addends)}?`,
    (addends) => `Add ${listed(addends.map(inWords))}, please.`,
    (addends) => `sum ${addends.join(" ")}`,
    (addends) => addends.join(" and "),
    (addends) => `${addends.join("加")}等于多少？`,
    (addends) => `Wie viel ist ${addends.join(" und ")}?`,
    (addends) =>
      [...addends.join("+")]
        .map((digit) => (digit === "+" ? "＋" : String.fromCodePoint(digit.codePointAt(0)! + 0xfee0)))
        .join(""),
  ];

  test("every rendering of a problem reads back as the problem", () => {
    const addends = fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(addends, fc.constantFrom(...renderings), (numbers, render) => {
        expect(parseQuestion(render(numbers))).toEqual({ kind: "sum", problem: { addends: numbers } });
      }),
      { numRuns: 2000 },
    );
  });

  test("any text gets an answer, and never addends that the model cannot add", () => {
    const words = ["17", "+", "and", "sum", "=", "-", ",", "seven", "twenty", "to", "100", "二十", "(", "cat"];
    const text = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.array(fc.constantFrom(...words)).map((some) => some.join(" ")),
    );
    fc.assert(
      fc.property(text, (some) => {
        const question = parseQuestion(some);
        if (question.kind === "refused") return;
        expect(question.problem.addends.length).toSatisfy((count: number) => count >= 2 && count <= 6);
        for (const addend of question.problem.addends)
          expect(addend).toSatisfy((value: number) => value >= 1 && value <= 99);
      }),
      { numRuns: 5000 },
    );
  });
});
