import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { createProgress } from "../../../core/progress.ts";
import type { GenerateOptions, Generator } from "../../../language/generate/index.ts";
import { renderPrompt, splitOf } from "../world/problem.ts";
import { sampleSets, sampleTraces, selfTrainingProblems } from "./sample.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polymath-samples-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Writes the same for every prompt and remembers what it was asked; `onCall` may stop it. */
function writer(text: string, onCall?: (call: number) => void) {
  const calls: GenerateOptions[] = [];
  const generator = {
    async generate(options: GenerateOptions) {
      calls.push(options);
      onCall?.(calls.length);
      for (const index of options.prompts.keys()) options.onFinish?.(index, { text } as never);
      return { tokenCount: 10 * options.prompts.length, tokensPerSecond: 100 };
    },
    dispose() {},
  } as unknown as Generator;
  return { calls, generator };
}
const context = (dir: string, signal = new AbortController().signal) => ({
  dir: join(folder, dir),
  progress: (options: { label: string }) => createProgress({ ...options, stream: { write: () => true } }),
  signal,
});
const settings = { problems: 150, samples: 3, seed: 4 };
const text = "<think>\n1) wait, check: ① 1 → 3</think><answer>3</answer>";

suite("sampleTraces", () => {
  test("problems are fresh ones of the training side, all different, every level as often", () => {
    const problems = selfTrainingProblems(settings);
    expect(new Set(problems.map(renderPrompt)).size).toBe(150);
    for (const problem of problems) expect(splitOf(problem)).toBe("train");
    expect(problems.filter(({ addends }) => addends.length === 6)).toHaveLength(30);
  });

  test("stopped in a chunk, it goes on with that chunk and repeats no other", async () => {
    const controller = new AbortController();
    const cut = writer(text, (call) => call === 2 && controller.abort());
    expect(await sampleTraces(cut.generator, settings, context("cut", controller.signal))).toBeNull();
    const rest = writer(text);
    const samples = await sampleTraces(rest.generator, settings, context("cut"));
    expect(rest.calls.map(({ prompts, seed }) => [prompts.length, seed])).toEqual([[150, "4/self-training samples/1"]]);
    expect(samples).toMatchObject({ traceCount: 450, tokenCount: 4500, tokensPerSecond: 100 });

    const straight = await sampleTraces(writer(text).generator, settings, context("straight"));
    expect(samples).toEqual(straight);
    const none = writer("never asked");
    expect(await sampleTraces(none.generator, settings, context("straight"))).toEqual(straight);
    expect(none.calls).toEqual([]);
  });

  test("each chunk draws from random numbers of its own", async () => {
    const { calls, generator } = writer(text);
    await sampleTraces(generator, settings, context("seeds"));
    expect(new Set(calls.map(({ seed }) => seed)).size).toBe(2);
    expect(calls.map(({ temperature }) => temperature)).toEqual([1, 1]);
  });
});

test("answers with a fault of form are not taught, right or wrong", async () => {
  const [problem] = selfTrainingProblems({ ...settings, problems: 1 });
  const sum = problem!.addends.reduce((total, addend) => total + addend, 0);
  const good = `<think>\n1) wait, check: ① ${problem!.addends[0]} → ${sum}</think><answer>${sum}</answer>`;
  const texts = [good, good.replace("\n1) ", "")]; // the second skipped its mark
  const generator = {
    async generate({ prompts, onFinish }: GenerateOptions) {
      for (const index of prompts.keys()) onFinish?.(index, { text: texts[index] } as never);
      return { tokenCount: 1, tokensPerSecond: 1 };
    },
  } as unknown as Generator;
  const samples = await sampleTraces(generator, { problems: 1, samples: 2, seed: 4 }, context("faults"));
  expect(samples!.byProblem[0]!.solved.map(({ correct }) => correct)).toEqual([true, true]);
  expect(sampleSets(samples!)[0]!.samples).toHaveLength(1);
});
