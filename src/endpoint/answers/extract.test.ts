import { expect, suite, test } from "vitest";
import { type ExtractOptions, extractAnswer } from "./extract.ts";

const textOf = (text: string, options?: ExtractOptions) => extractAnswer(text, options)?.text ?? null;

suite("extractAnswer", () => {
  test("the last complete box, with balanced braces", () => {
    expect(textOf("First \\boxed{1}, no: \\boxed{\\frac{a}{\\sqrt{b}}}.")).toBe("\\frac{a}{\\sqrt{b}}");
    expect(textOf("\\boxed { 5 }")).toBe("5");
    expect(textOf("\\fbox{5}")).toBe("5");
    expect(textOf("$\\boxed 5$")).toBe("5");
    expect(textOf("\\boxed{\\boxed{5}}")).toBe("5");
    expect(textOf("\\boxed{\\left\\{1, 2\\right\\}}")).toBe("\\left\\{1, 2\\right\\}");
    expect(textOf("\\boxed{a \\} b}")).toBe("a \\} b");
  });
  test("a text cut off inside its box has no answer there", () => {
    expect(textOf("so \\boxed{\\frac{1}{2")).toBeNull();
    expect(textOf("\\boxed{7} or rather \\boxed{8")).toBe("7");
    expect(textOf("\\boxed{}")).toBeNull();
  });
  test.each([
    ["The answer is 18.", "18"],
    ["Thus the final answer is: $\\frac{1}{2}$. I hope it helps.", "$\\frac{1}{2}$"],
    ["The answer to the question is 3.5 because 7/2 = 3.5", "3.5"],
    ["It leaves at 3. The answer is 3:30 p.m. on Monday.", "3:30 p.m. on Monday"],
    ["**Answer:** 42", "42"],
    ["**Final Answer**\n\n42\n", "42"],
    ["Answer: (B)\n", "(B)"],
    ["She sells 9.\nA: 18", "18"],
    ["The answer is 4. Wait, the answer is 5.", "5"],
  ])("phrase: %j", (text, expected) => {
    expect(extractAnswer(text)).toMatchObject({ text: expected, how: "phrase" });
  });
  test("other forms", () => {
    expect(extractAnswer("work\n#### 1,450,000\n")).toMatchObject({ text: "1,450,000", how: "hashes" });
    expect(extractAnswer("<answer> 7 cm </answer> thanks")).toMatchObject({ text: "7 cm", how: "tag" });
    expect(extractAnswer("We get in total **12 apples**.")).toMatchObject({ text: "12 apples", how: "bold" });
    expect(extractAnswer("All others fail.\n(D)")).toMatchObject({ text: "D", how: "choice" });
    expect(extractAnswer("So I choose option C, as shown.")).toMatchObject({ text: "C", how: "choice" });
    expect(extractAnswer("a box wins: \\boxed{1}. The answer is 2")).toMatchObject({ text: "1", how: "boxed" });
  });
  test("no form, no answer; the last number only when asked", () => {
    expect(extractAnswer("we have 3 and then 1,234.5 apples.")).toBeNull();
    expect(extractAnswer("we have 3 and then 1,234.5 apples.", { lastNumber: true })).toMatchObject({
      text: "1,234.5",
      how: "number",
    });
    expect(extractAnswer("no digits", { lastNumber: true })).toBeNull();
    expect(extractAnswer("")).toBeNull();
  });
  test("guesses inside the reasoning do not count, once there is a </think>", () => {
    const text = "<think>maybe \\boxed{1}</think> The answer is 2.";
    expect(textOf(text)).toBe("2");
    expect(textOf(text, { thinking: "all" })).toBe("1");
    expect(textOf("<think>\\boxed{1}</think> hm </think> none")).toBeNull();
    expect(textOf("<think>still thinking \\boxed{1}")).toBe("1");
  });
  test("`index` is where the answer begins", () => {
    for (const text of [
      "<think>x</think> so \\boxed{ 42 }",
      "A: 42",
      "the answer is **42**.",
      "#### 42",
      "x **42**",
      "we get 42",
    ]) {
      const found = extractAnswer(text, { lastNumber: true })!;
      expect(text.slice(found.index, found.index + found.text.length)).toBe("42");
    }
  });
});
