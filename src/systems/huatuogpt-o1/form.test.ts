import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { formReward, parseForm, renderForm } from "./form.ts";

suite("formReward", () => {
  const reward = (text: string) => formReward(text, (response) => response === "Yes.");
  test("1 for right, 0.1 for wrong, 0 without the form", () => {
    expect(reward(renderForm("Hmm.", "Yes."))).toBe(1);
    expect(reward(renderForm("Hmm.", "No."))).toBe(0.1);
    expect(reward("Yes.")).toBe(0);
    expect(reward("## Final Response\n\nYes.")).toBe(0);
    expect(reward("## Thinking\n\nHmm.\n\n## Final Response\nYes.")).toBe(0); // no blank line after it
    expect(reward(`## Thinking\n\n${renderForm("Hmm.", "Yes.")}`)).toBe(0);
    expect(reward(`${renderForm("Hmm.", "Yes.")}\n\n## Final Response\n\nYes.`)).toBe(0);
    expect(reward("## Final Response\n\nYes.\n\n## Thinking\n\nHmm.")).toBe(0);
  });

  test("on 10,000 strings: as counting the marks says", () => {
    const piece = fc.constantFrom(
      "## Thinking",
      "## Final Response\n\n",
      "## Final Response",
      "\n\n",
      "Yes.",
      "a ",
      "#",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join("");
        const [thinking, response] = [text.split("## Thinking"), text.split("## Final Response\n\n")];
        const isWell = thinking.length === 2 && response.length === 2 && thinking[0]!.length < response[0]!.length;
        expect(reward(text)).toBe(isWell ? (response[1]!.trim() === "Yes." ? 1 : 0.1) : 0);
      }),
      { numRuns: 10_000 },
    );
  });

  test("what is rendered is read back", () => {
    const free = fc.string().filter((text) => !text.includes("#") && text.trim() === text);
    fc.assert(
      fc.property(free, free, (thinking, response) => {
        expect(parseForm(renderForm(thinking, response))).toEqual({ thinking, response });
      }),
    );
  });
});
