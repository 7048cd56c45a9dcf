import { expect, suite, test } from "vitest";
import type { ProbeResult } from "./ask-probe.ts";
import { createProber } from "./prober.ts";
import { presets, probeSettings } from "./settings.ts";

const result = (answer: string | null, details: Partial<ProbeResult> = {}): ProbeResult => ({
  answer,
  isHesitant: false,
  text: `${answer}}`,
  tokens: 2,
  callCount: 1,
  probability: undefined,
  ...details,
});

/** Tokens at which a chain of words is probed, one token per word, and when it settles. */
function run(
  settings: Parameters<typeof probeSettings>[0],
  believe: (tokens: number) => ProbeResult | { fault: string },
) {
  const prober = createProber(probeSettings(settings));
  const probedAt: number[] = [];
  let text = "";
  for (let tokens = 1; tokens <= 400; tokens++) {
    text += ` w${tokens}`;
    if (!prober.due(tokens, text)) continue;
    probedAt.push(tokens);
    prober.begin(tokens, text);
    if (prober.finish(believe(tokens)).isSettled) return { prober, probedAt, settledAt: tokens };
  }
  return { prober, probedAt, settledAt: undefined };
}

suite("when to probe", () => {
  test.each([
    ["mid", [64, 128, 192]],
    ["high", [64, 128]],
    ["crazy", [32, 64]],
    ["low", [64, 128, 192, 256, 320]],
  ] as const)("preset %s: every so many tokens, until its window agrees", (effort, expected) => {
    const { probedAt, settledAt } = run(presets[effort], () => result("7"));
    expect([probedAt, settledAt]).toEqual([expected, expected.at(-1)]);
  });

  test("not below the floor, whatever the interval", () => {
    expect(run({ interval: 8, window: 2, minTokens: 100 }, () => result("7")).probedAt).toEqual([100, 108]);
  });

  test("one at a time: while an answer is out, nothing is due", () => {
    const prober = createProber(probeSettings({ interval: 8 }));
    expect(prober.due(8, "x")).toEqual({ characters: 1 });
    prober.begin(8, "x");
    expect(prober.due(100, "xyz")).toBeUndefined();
    prober.finish(result("7"));
    expect(prober.due(100, "xyz")).toEqual({ characters: 3 }); // the latest prefix, not the one that was missed
  });
});

suite("a wrong consensus", () => {
  test("preset mid stops on a plateau; a floor above it, or a wider window, does not", () => {
    // Up to token 250 the chain repeats a partial value.
    const belief = (tokens: number) => result(tokens <= 250 ? "3" : "42");
    expect(run(presets.mid, belief)).toMatchObject({ settledAt: 192, prober: { answer: "3" } });
    expect(run({ ...presets.mid, minTokens: 256 }, belief)).toMatchObject({ settledAt: 384, prober: { answer: "42" } });
    expect(run(presets.mild, belief).settledAt).toBeUndefined();
  });
});

suite("faults", () => {
  test.each([
    ["refused", { fault: "the server answered 429" }, "the server answered 429"],
    ["without an answer", result(null), "no answer in a closed box"],
  ])("three probes in a row %s: probing is over, with a note", (_, probe, note) => {
    const { prober, probedAt } = run({ interval: 8, window: 2 }, () => probe);
    expect(probedAt).toEqual([8, 16, 24]);
    expect(prober.offReason).toBe(`3 probes in a row failed; the last one: ${note}`);
  });

  test("an answer in between begins the count anew; a hesitation is an answer", () => {
    const faulty = (tokens: number) => (tokens % 24 === 0 ? result(`${tokens}`) : { fault: "busy" });
    expect(run({ interval: 8, window: 2 }, faulty).prober.offReason).toBeUndefined();
    const hesitant = run({ interval: 8, window: 2 }, () => result(null, { isHesitant: true }));
    expect([hesitant.prober.offReason, hesitant.settledAt]).toEqual([undefined, undefined]);
  });

  test("tokens of probes are counted, also of those that say nothing", () => {
    expect(run({ interval: 100, window: 2 }, () => result(null, { isHesitant: true })).prober.probeTokens).toBe(8);
  });
});

suite("the probability of the trial answer", () => {
  const settings = probeSettings({ signal: "probability", minProbability: 0.9, points: ["wait"] });

  test("probes where the model hesitates, from before that word", () => {
    const prober = createProber(settings);
    expect(prober.due(10, "so 7. Wai")).toBeUndefined();
    expect(prober.due(10, "so 7. Wait")).toBeUndefined(); // may become Waiting
    expect(prober.due(11, "so 7. Wait, is")).toEqual({ characters: "so 7. ".length });
    prober.begin(11, "so 7. Wait, is");
    expect(prober.finish(result("7", { probability: 0.5 }))).toMatchObject({ isSettled: false, probability: 0.5 });
    expect(prober.due(12, "so 7. Wait, is it")).toBeUndefined();
    expect(prober.due(13, "so 7. Wait, is it? waiting for")).toBeUndefined();
    expect(prober.due(14, "so 7. Wait, is it? waiting for wait no")).toEqual({ characters: 31 });
    prober.begin(14, "so 7. Wait, is it? waiting for wait no");
    expect(prober.finish(result("7", { probability: 0.95 }))).toMatchObject({ isSettled: true, answer: "7" });
    expect(prober.value).toBe(0.95);
  });

  test("without log-probabilities, with a hesitation or without an answer it never settles", () => {
    for (const probe of [
      result("7"),
      result("7", { probability: 1, isHesitant: true }),
      result(null, { probability: 1 }),
    ]) {
      const prober = createProber(settings);
      prober.begin(1, "");
      expect(prober.finish(probe).isSettled).toBe(false);
    }
  });
});
