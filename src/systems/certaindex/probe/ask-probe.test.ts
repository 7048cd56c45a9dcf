import { expect, suite, test } from "vitest";
import { type AskPiece, askProbe, type ProbePiece } from "./ask-probe.ts";
import { probeSettings } from "./settings.ts";

const settings = probeSettings({ prompt: "So \\boxed{", maxProbeTokens: 10 });

/** Answers the calls in turn. */
function script(...pieces: Partial<ProbePiece>[]) {
  const asked: AskPiece[] = [];
  const ask = async (piece: AskPiece): Promise<ProbePiece> => {
    const said = pieces[asked.length];
    asked.push(piece);
    return { text: "", finishReason: "stop", tokens: 1, ...said };
  };
  return { ask, asked };
}

suite("one probe", () => {
  test("stops at the closing brace", async () => {
    const { ask, asked } = script({ text: "42", stopText: "}" });
    expect(await askProbe(ask, settings)).toMatchObject({ answer: "42", text: "42}", tokens: 1, callCount: 1 });
    expect(asked).toEqual([{ suffix: "So \\boxed{", maxTokens: 10, stop: ["}"] }]);
  });

  test("goes on past the answer's own braces, with what is left of its tokens", async () => {
    const { ask, asked } = script({ text: "\\frac{1", tokens: 3 }, { text: "{2", tokens: 2 }, { text: "", tokens: 1 });
    expect(await askProbe(ask, settings)).toMatchObject({ answer: "\\frac{1}{2}", tokens: 6, callCount: 3 });
    expect(asked.map(({ suffix, maxTokens }) => [suffix, maxTokens])).toEqual([
      ["So \\boxed{", 10],
      ["So \\boxed{\\frac{1}", 7],
      ["So \\boxed{\\frac{1}{2}", 5],
    ]);
  });

  test.each([
    ["cut by the limit", { text: "\\frac{1", finishReason: "length" }],
    ["ended by the model itself", { text: "42", stopText: null }],
    ["stopped by something else", { text: "42", stopText: "<|end|>" }],
  ])("%s: no answer", async (_, piece) => {
    expect((await askProbe(script(piece).ask, settings)).answer).toBeNull();
  });

  test("a server that knows no stop texts is read up to the brace", async () => {
    const { ask, asked } = script({ text: "\\frac{1}{2}} \\] But wait", finishReason: "length", tokens: 10 });
    expect(await askProbe(ask, settings)).toMatchObject({ answer: "\\frac{1}{2}", isHesitant: false, tokens: 10 });
    expect(asked).toHaveLength(1);
  });

  test("endless braces come to an end", async () => {
    const { ask, asked } = script(...Array.from({ length: 50 }, () => ({ text: "{", tokens: 0 })));
    expect((await askProbe(ask, settings)).answer).toBeNull();
    expect(asked.length).toBeLessThanOrEqual(8);
  });

  test("probability: the geometric mean over all tokens; none where one call gave no scores", async () => {
    const scored = script(
      { text: "\\frac{1", logprobs: [0, Math.log(0.5)] },
      { text: "{2", logprobs: [Math.log(0.25)] },
    );
    const result = await askProbe(scored.ask, { ...settings, maxProbeTokens: 2 });
    expect(result.probability).toBeCloseTo(0.5, 10); // (1 * 0.5 * 0.25)^(1/3)
    expect((await askProbe(script({ text: "42" }).ask, settings)).probability).toBeUndefined();
  });

  test("another end than a brace", async () => {
    const own = probeSettings({ prompt: "Answer:", close: "\n" });
    const { ask, asked } = script({ text: " 7" });
    expect((await askProbe(ask, own)).answer).toBe("7");
    expect(asked[0]!.stop).toEqual(["\n"]);
  });
});
