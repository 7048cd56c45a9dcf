import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { mcts, type Node, selectChild } from "./mcts.ts";
import type { Path } from "./program.ts";
import { rebase, shareWidth } from "./rebase.ts";
import { functionReward, readVerdict, verdictReward } from "./reward.ts";
import { policyOf, question, runtimeOf, type ScriptedRequest, scriptedEndpoint, upTo } from "./scripted.fixtures.ts";
import { endOfStep } from "./tree.ts";

/** Solutions of two steps: a digit, then the answer, which is twice the digit. */
function twoSteps({ text, seed }: ScriptedRequest): string {
  const first = / step (\d)/.exec(text)?.[1];
  return first === undefined ? ` step ${seed! % 10} ...` : ` answer ${2 * Number(first)}`;
}
const steps = { stepTokens: 2 };
/** Even digits are right steps. */
const evenIsRight = functionReward((_, texts) =>
  texts.map((text) => (Number(/step (\d)/.exec(text)![1]) % 2 === 0 ? 0.9 : 0.1)),
);
const sampling = { maxTokens: 2, temperature: 1 };

suite("rebase", () => {
  test("shares the width by exp(r / T_b), hand-worked: weights 1 and exp(-1) of 8 are 5.85 and 2.15", () => {
    expect(shareWidth(8, [0.9, 0.7], 0.2)).toEqual([6, 2]);
    expect(shareWidth(4, [0.5, 0.5, 0.5], 0.2)).toEqual([2, 1, 1]);
    expect(shareWidth(3, [], 0.2)).toEqual([]);
  });

  test("the shares always add up to the width", () => {
    const rewards = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.nat(200), rewards, fc.double({ min: 0.01, max: 2, noNaN: true }), (width, some, temperature) => {
        const shares = shareWidth(width, some, temperature);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(width);
        for (const share of shares) expect(share).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test("a grant of 8 is a tree of 8 leaves; each node is paid for once", async () => {
    const endpoint = scriptedEndpoint(twoSteps);
    const run = await runtimeOf(endpoint, upTo(8), { reward: evenIsRight, sampling }).run(rebase(steps), question());
    expect(run.steps.map(({ knob }) => knob)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(endpoint.requests).toHaveLength(16); // 8 first steps, and 8 second steps shared out
    expect(run.tokens).toBe(8 * 2 + 8 * 2);
    const opened = endpoint.requests.slice(8).map(({ text }) => Number(/step (\d)/.exec(text)![1]));
    const [right, wrong] = [opened.filter((digit) => digit % 2 === 0), opened.filter((digit) => digit % 2 === 1)];
    expect(right.length).toBeGreaterThan(4 * wrong.length); // exp(0.8 / 0.2) = 55 times the width for each
    expect(run.steps.at(-1)!.signals.rewardMax).toBe(0.9);
  });

  test("the answer has the most reward, not the most votes", async () => {
    const answers = [4, 4, 4, 8];
    const endpoint = scriptedEndpoint(({ count }) => ` answer ${answers[count - 1]}`);
    const reward = functionReward((_, texts) => texts.map((text) => (text.includes("8") ? 0.9 : 0.2)));
    const run = await runtimeOf(endpoint, upTo(4), { reward, sampling: { maxTokens: 9, temperature: 1 } }).run(
      rebase({ stepTokens: 9 }),
      question(),
    );
    expect(run).toMatchObject({ answer: "8", knob: 4 });
    expect(run.steps[3]!.votes).toEqual([3, 1]);
  });

  test("a later grant is a tree of its own, whose leaves join the pool", async () => {
    const policy = policyOf({ algorithm: "static", detectAt: 4, cap: 10, thresholds: { rewardMax: 0.99 } });
    const endpoint = scriptedEndpoint(twoSteps);
    const run = await runtimeOf(endpoint, policy, { reward: evenIsRight, sampling }).run(rebase(steps), question());
    expect(run).toMatchObject({ knob: 10, reason: "cap" });
    expect(run.steps.at(-1)!.votes!.reduce((sum, size) => sum + size, 0)).toBe(10);
    expect(new Set(endpoint.requests.map(({ seed, text }) => `${seed} ${text}`)).size).toBe(20);
  });

  test("without a reward model it says so", async () => {
    const endpoint = scriptedEndpoint(twoSteps);
    await expect(runtimeOf(endpoint, upTo(2)).run(rebase(steps), question())).rejects.toThrow(
      "rebase judges its paths, and there is no reward model",
    );
  });
});

suite("mcts", () => {
  const node = (prior: number, visitCount: number, rewardSum: number): Node => ({
    ...{ label: "", path: undefined, isFinished: false, depth: 1, children: [] },
    ...{ prior, visitCount, rewardSum },
  });

  test("selects by Q + c P sqrt(N) / (1 + N), hand-worked", () => {
    const [often, seldom] = [node(0.5, 8, 6.4), node(0.5, 1, 0.5)];
    const parent = { ...node(1, 9, 0), children: [often, seldom] };
    // c = 1: 0.8 + 0.5 * 3 / 9 = 0.967 and 0.5 + 0.5 * 3 / 2 = 1.25; c = 0.1: 0.817 and 0.575
    expect(selectChild(parent, 1)).toBe(seldom);
    expect(selectChild(parent, 0.1)).toBe(often);
  });

  test("each iteration brings a solution; the answer is the best one's", async () => {
    const endpoint = scriptedEndpoint(twoSteps);
    const run = await runtimeOf(endpoint, upTo(3), { reward: evenIsRight, sampling }).run(
      mcts({ ...steps, childCount: 3 }),
      question(),
    );
    expect(run.steps).toHaveLength(3);
    expect(Number(run.answer) % 4).toBe(0); // twice an even digit
    expect(run.steps[0]!.signals).toEqual({ rewardMean: 0.9 }); // one path: agreement says nothing yet
    const sizes = run.steps.map(({ votes }) => votes!.reduce((sum, size) => sum + size, 0));
    expect(sizes).toEqual([...sizes].sort());
  });

  test("a solution that is found again is not a second vote", async () => {
    const endpoint = scriptedEndpoint(() => " answer 7");
    const run = await runtimeOf(endpoint, upTo(4), { reward: functionReward((_, texts) => texts.map(() => 0.5)) }).run(
      mcts({ stepTokens: 9, childCount: 2 }),
      question(),
    );
    expect(run.steps.map(({ votes }) => votes)).toEqual([[1], [1], [1], [1]]);
    expect(endpoint.requests).toHaveLength(2);
  });
});

suite("steps and verdicts", () => {
  const path = (text: string, finishReason: string, more: Partial<Path> = {}): Path =>
    ({ text, finishReason, answer: null, ...more }) as Path;
  const byStop = { stepTokens: 100, stepStop: ["\n\n"] };

  test.each([
    ["cut by its tokens", path("a b", "length"), steps, "a b", false],
    ["the model's own end", path("a b", "stop"), steps, "a b", true],
    ["a stop text, put back", path("a b", "stop", { stopText: "\n\n" }), byStop, "a b\n\n", false],
    ["a server that does not tell: no answer yet", path("a b", "stop"), byStop, "a b\n\n", false],
    ["a server that does not tell: the answer is there", path("a 7", "stop", { answer: "7" }), byStop, "a 7", true],
    ["nothing more to say", path("", "stop"), byStop, "", true],
  ])("%s", (_, given, settings, text, isFinished) => {
    expect(endOfStep(given, settings, "")).toMatchObject({ path: { text }, isFinished });
  });

  const top = (entries: [string, number][]) => ({
    token: entries[0]![0],
    logprob: entries[0]![1],
    top: entries.map(([token, p]) => ({ token, logprob: Math.log(p) })),
  });

  test("the reward is yes among yes and no, blanks aside", () => {
    const token = top([
      [" ok", 0.6],
      ["the", 0.2],
      ["off", 0.15],
      ["ok", 0.05],
    ]);
    expect(readVerdict(token, { yes: ["ok"], no: ["off"] })).toBeCloseTo(0.65 / 0.8);
    expect(readVerdict(top([["the", 1]]), { yes: ["ok"], no: ["off"] })).toBeUndefined();
  });

  test("a model that never gives the verdict is a wrong setting, and the error shows what it says", async () => {
    const endpoint = scriptedEndpoint(({ topLogprobs }) =>
      topLogprobs ? { text: "the", logprobs: [top([["the", 0.9]])] } : " answer 7",
    );
    const reward = verdictReward({ suffix: " check", yes: ["ok"], no: ["off"] });
    await expect(runtimeOf(endpoint, upTo(2), { reward }).run(rebase({ stepTokens: 9 }), question())).rejects.toThrow(
      'After " check" the model says neither ok nor off: the likeliest tokens are "the"',
    );
  });

  test("verdict tokens are tokens of the program, and read the path's own text from the cache", async () => {
    const endpoint = scriptedEndpoint(({ topLogprobs }) =>
      topLogprobs ? { text: "ok", logprobs: [top([["ok", 0.9]])] } : " answer 7",
    );
    const reward = verdictReward({ suffix: " check", yes: ["ok"], no: ["off"] });
    const run = await runtimeOf(endpoint, upTo(2), { reward }).run(rebase({ stepTokens: 9 }), question());
    expect(run).toMatchObject({ tokens: 6, probeTokens: 0, promptTokens: 2 * 2 + 2 * 5 });
    expect(run.steps[0]!.signals.rewardMax).toBe(1);
    expect(endpoint.requests[2]!.text).toBe("Question q1: answer 7 check");
  });
});
