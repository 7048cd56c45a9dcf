import { expect, suite, test } from "vitest";
import { closingText, isThinking, sentenceWith } from "./closing.ts";
import { probeSettings } from "./settings.ts";

const settings = probeSettings({ sentence: "It is \\boxed{" });
const close = (text: string, promptIsOpen = false) => closingText({ text, promptIsOpen, answer: "7" }, settings);

suite("the end of a stopped chain", () => {
  test.each([
    ["inside the thinking, the tag is closed", "<think>\nso", false, "\n</think>\n\nIt is \\boxed{7}"],
    ["opened by the prompt, too", "so", true, "\n</think>\n\nIt is \\boxed{7}"],
    ["where it is closed already, nothing is", "<think>\nso</think>\n\nIt", false, "\n\nIt is \\boxed{7}"],
    ["closed although only the prompt opened it", "so</think>", true, "\n\nIt is \\boxed{7}"],
    ["a model without tags gets none", "so", false, "\n\nIt is \\boxed{7}"],
    ["doubled openings need one end", "<think><think>so", false, "\n</think>\n\nIt is \\boxed{7}"],
    ["doubled ends are an end", "<think>so</think></think>", false, "\n\nIt is \\boxed{7}"],
    ["thinking that began anew is closed again", "<think>a</think>b<think>c", false, "\n</think>\n\nIt is \\boxed{7}"],
    ["a tag cut in two is completed", "<think>so</thi", false, "nk>\n\nIt is \\boxed{7}"],
    ["a lone angle is text", "<think>a <", false, "\n</think>\n\nIt is \\boxed{7}"],
  ])("%s", (_, text, promptIsOpen, expected) => expect(close(text, promptIsOpen)).toBe(expected));

  test("a completed tag ends the thinking for whoever reads the whole", () => {
    for (const text of ["<think>x", "<think>x</", "<think>x</think", "x"]) {
      const isOpen = text === "x";
      expect(isThinking(text, "</think>", isOpen)).toBe(true);
      expect(isThinking(text + close(text, isOpen), "</think>", isOpen)).toBe(false);
    }
  });

  test("other tags, and none", () => {
    const own = probeSettings({ thinkingEnd: "</seed:think>", sentence: "" });
    expect(closingText({ text: "<seed:think>a", answer: "7" }, own)).toBe("\n</seed:think>\n\n7");
    const none = probeSettings({ thinkingEnd: null, sentence: "" });
    expect(closingText({ text: "<think>a", answer: "7" }, none)).toBe("\n\n7");
  });

  test("closes what the sentence left open", () => {
    expect(sentenceWith("\\frac{1}{2}", "\\[ \\boxed{")).toBe("\\[ \\boxed{\\frac{1}{2}} \\]");
    expect(sentenceWith("7", "\\[ x \\] So \\boxed{")).toBe("\\[ x \\] So \\boxed{7}");
    expect(sentenceWith("7", "The answer: ")).toBe("The answer: 7");
  });
});
