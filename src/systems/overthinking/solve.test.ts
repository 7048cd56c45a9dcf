import { expect, suite, test } from "vitest";
import { Random } from "../../core/random.ts";
import type { Completion, GenerateOptions, Generator } from "../../language/generate/index.ts";
import { askReasoner } from "./ask.ts";
import { figuresByLevel, figuresTable } from "./evaluate.ts";
import { renderModelCard, trainingCommand } from "./model-card.ts";
import { FULL_SETTINGS } from "./reasoner.ts";
import { solveSums } from "./solve.ts";
import { sumsTokenizer, tokenIds } from "./tokenizer.ts";
import { LEVELS, type Problem, sampleProblem, trueSum } from "./world/problem.ts";
import { completionTokens, teach } from "./world/teacher.ts";

/** Stands in for a trained model: writes what `author` says for the problem of each prompt. */
function scripted(author: (problem: Problem) => string[]): Generator & { prompts: string[] } {
  const tokenizer = sumsTokenizer();
  const prompts: string[] = [];
  const answer = (prompt: string | readonly number[], index: number, options: GenerateOptions): Completion => {
    const text = tokenizer.decode(prompt as number[]);
    prompts.push(text);
    const ids = tokenIds(author({ addends: text.match(/\d+/g)!.map(Number) }));
    for (const id of ids) options.onToken?.(index, { id, text: tokenizer.decode([id], { skipSpecial: true }) });
    const completion = {
      text: tokenizer.decode(ids, { skipSpecial: true }),
      tokens: ids,
      finishReason: "stop" as const,
    };
    options.onFinish?.(index, completion);
    return completion;
  };
  return {
    prompts,
    async generate(options) {
      const completions = options.prompts.map((prompt, index) => answer(prompt, index, options));
      const tokenCount = completions.reduce((total, { tokens }) => total + tokens.length, 0);
      return { completions, promptTokenCount: 0, tokenCount, seconds: 1, tokensPerSecond: tokenCount };
    },
    dispose() {},
  };
}

const teacher = (problem: Problem) => completionTokens(teach(problem, new Random(String(problem.addends))));
const problems = Array.from({ length: 400 }, (_, index) =>
  sampleProblem(new Random(index), LEVELS[index % 5]!, "test"),
);

suite("solveSums", () => {
  test("gives the model `<s>17+25=` and reads what it writes", async () => {
    const generator = scripted(teacher);
    const { solved } = await solveSums(generator, [{ addends: [17, 25] }]);
    expect(generator.prompts).toEqual(["<s>17+25="]);
    expect(solved[0]).toMatchObject({ level: 1, answer: 42, correct: true, trace: { faults: [], truncated: false } });
    expect(solved[0]!.solutions[0]).toEqual({ strategy: "full", correct: true, tokenCount: 15 });
  });

  test("a model that writes like the teacher scores like the teacher", async () => {
    const { solved } = await solveSums(scripted(teacher), problems);
    const [all, ...levels] = figuresByLevel(solved);
    expect(levels.map(({ level, problemCount }) => [level, problemCount])).toEqual(LEVELS.map((level) => [level, 80]));
    expect(all).toMatchObject({ level: "all", problemCount: 400, malformed: 0 });
    expect(all!.accuracy).toBe(solved.filter((one) => one.answer === trueSum(one.problem)).length / 400);
    expect(all!.accuracy).toBeGreaterThan(0.96);
    expect(all!.solutionCount).toBeGreaterThan(3);
    expect(all!.outcome).toBeLessThan(0.5);
    expect(figuresTable([all!]).split("\n")[2]).toMatch(/^\| all \| 400 \| 9\d\.\d \(9\d\.\d–\d+\.\d\) \|/);
  });

  test("a model that writes nonsense scores nothing and is called malformed", async () => {
    const { solved } = await solveSums(
      scripted(() => ["<think>", "tens:", "=", "</think>", "</s>"]),
      problems,
    );
    expect(figuresByLevel(solved)[0]).toMatchObject({ accuracy: 0, firstCorrect: 0, outcome: 0, malformed: 1 });
  });
});

suite("askReasoner", () => {
  test("answers a question in words, streaming", async () => {
    let streamed = "";
    const reply = await askReasoner(() => scripted(teacher), "what is seventeen plus 25?", {
      onText: (text) => {
        streamed += text;
      },
    });
    expect(reply).toMatchObject({ kind: "answered", prompt: "17+25=", answer: "42", faults: [] });
    expect(streamed).toMatch(/^<think>\n1\) add up: ① 17 ② \+ 25 = 42 → 42\n2\) .*<\/think><answer>42<\/answer>$/s);
  });

  test("a refused question loads no model", async () => {
    const makeGenerator = () => expect.unreachable("a model was loaded");
    expect(await askReasoner(makeGenerator, "17 * 25")).toMatchObject({ kind: "refused", reason: "other-operation" });
  });
});

test("the model card holds the figures and the command that gives them", async () => {
  const { solved } = await solveSums(scripted(teacher), problems);
  const figures = figuresByLevel(solved);
  const card = renderModelCard({ settings: FULL_SETTINGS, parameterCount: 448_000, greedy: figures, sampled: figures });
  expect(card).toContain(figuresTable(figures));
  expect(card).toContain(trainingCommand(FULL_SETTINGS));
  expect(trainingCommand({ ...FULL_SETTINGS, dim: 64 })).toMatch(
    /^polymath train reasoner --dim 64 --layers 4 .* --test-per-level 200$/,
  );
});
