import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { segmentByRules } from "./rules.ts";
import { splitSteps } from "./steps.ts";

/** The pieces as text, with their answers. */
function cut(reasoning: string, finalAnswer: string | null = null) {
  const { pieces, flags } = segmentByRules(reasoning, { finalAnswer });
  const texts = pieces.map(({ end }, index) => reasoning.slice(index === 0 ? 0 : pieces[index - 1]!.end, end));
  return { texts, answers: pieces.map(({ answer }) => answer), flags };
}

const long = (text: string) => `${text} This takes a few words more, so that it is no bare remark about it.`;

suite("segmentByRules", () => {
  test("a check that reaches an answer, and another way, are solutions of their own", () => {
    const steps = [
      "She has 16 - 7 = 9 eggs left.",
      "So the answer is 18.",
      "Wait, let me double-check that.",
      long("16 minus 3 is 13, minus 4 is 9, times 2 is 18. So the answer is 18."),
      "Alternatively, count what the eggs would bring, less what is eaten.",
      "16 * 2 = 32, and 7 * 2 = 14, so it is 32 - 14 = 18.",
    ];
    const { texts, answers, flags } = cut(steps.join("\n\n"), "18");
    expect(texts.map((text) => text.trim())).toEqual([
      steps.slice(0, 2).join("\n\n"),
      steps.slice(2, 4).join("\n\n"),
      steps.slice(4).join("\n\n"),
    ]);
    expect(answers).toEqual(["18", "18", "18"]);
    expect(flags).toEqual([]);
  });

  test("a wrong answer that is questioned counts, although the response ends in another", () => {
    const { answers } = cut(
      [
        "Twice nine is 16, so it is $16.",
        "Hmm, is that right?",
        long("Nine and nine are 18, so the answer is 18."),
      ].join("\n\n"),
      "18",
    );
    expect(answers).toEqual(["16", "18"]);
  });

  test("a bare closing statement joins the solution before it", () => {
    const { texts } = cut(["So the answer is \\boxed{7}.", "Wait, yes, the answer is 7."].join("\n\n"), "7");
    expect(texts).toHaveLength(1);
  });

  test("a stretch without an answer joins what follows, at the end what precedes", () => {
    const { texts, answers } = cut(
      [
        "The answer is 7.",
        "Wait, is it?",
        "Hmm, I wonder.",
        long("Counting again gives that the answer is 8."),
        "Hmm, well.",
      ].join("\n\n"),
    );
    expect(answers).toEqual(["7", "8"]);
    expect(texts[1]).toContain("I wonder");
    expect(texts[1]).toContain("well.");
  });

  test("numbers on the way are no answers", () => {
    const { texts } = cut(
      ["So there are 9 eggs.", "Then 9 * 2 = 18 is what she makes.", "The answer is 18."].join("\n\n"),
      "18",
    );
    expect(texts).toHaveLength(1);
  });

  test("no answer at all: one piece, flagged", () => {
    expect(cut("I do not know.\n\nWait, I still do not.")).toMatchObject({
      answers: [null],
      flags: ["no_answer_found"],
    });
  });

  test("one block falls back to sentences, flagged", () => {
    const block = `${long("First I add the two numbers and get 12.")} ${long("So the answer is 12.")} ${long("Wait, let me check it by counting down from the end.")} ${long("That gives 12 once more. So the answer is 12.")}`;
    const { texts, flags } = cut(block, "12");
    expect(texts.map((text) => text.slice(0, 4))).toEqual(["Firs", "Wait"]);
    expect(flags).toEqual(["sentence_fallback"]);
  });

  test("is total: pieces of any text follow each other to its end", () => {
    const words = fc.constantFrom(
      "Wait, ",
      "so the answer is 7.",
      "\n\n",
      "\n",
      " = 12",
      "Let me check. ",
      "\\boxed{3}",
      "the ",
    );
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(words, { maxLength: 40 }).map((list) => list.join("")),
    );
    fc.assert(
      fc.property(text, (reasoning) => {
        const ends = segmentByRules(reasoning).pieces.map(({ end }) => end);
        for (const [index, end] of ends.entries()) expect(end).toBeGreaterThan(ends[index - 1] ?? -1);
        if (reasoning.trim() !== "") expect(ends.at(-1)).toBe(reasoning.length);
      }),
      { numRuns: 300 },
    );
  });
});

suite("splitSteps", () => {
  test("steps joined are the text, blanks between them belong to the first", () => {
    const text = "\n a\n\n\n b \n \n c\n";
    const { steps } = splitSteps(text);
    expect(steps.map((step) => step.text)).toEqual(["a", "b", "c"]);
    expect(steps.map(({ start, end }) => text.slice(start, end)).join("")).toBe(text);
  });
});
