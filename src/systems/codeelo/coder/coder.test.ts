/** The world of the coder: statements, programs, problems; and that the judge agrees with it. */
import { beforeAll, expect, suite, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { type Judge, openJudge } from "../judge/judge.ts";
import { findLanguage } from "../judge/languages.ts";
import { operationsByKind } from "./operations.ts";
import { problemOf, pythonProgramOf } from "./problem.ts";
import { judgePrograms } from "./sample.ts";
import {
  bodyOf,
  heldOutFamilies,
  isForContests,
  kindsOf,
  sampleTask,
  solveTask,
  statementOf,
  type Task,
  trainedFamilies,
} from "./task.ts";
import { coderTokenizer, exampleOf, promptIds } from "./tokenizer.ts";
import { trainingTasks } from "./train.ts";

const operation = (word: string) =>
  Object.values(operationsByKind)
    .flat()
    .find((one) => one.word === word)!;
const task: Task = [
  { operation: operation("above "), digit: 3 },
  { operation: operation("square"), digit: null },
  { operation: operation("sum"), digit: null },
];
const drawn = [...trainedFamilies, ...heldOutFamilies].flatMap((family) =>
  Array.from({ length: 20 }, (_, index) => sampleTask(new Random(`${family} ${index}`), family, "contests")),
);

suite("tasks", () => {
  test("the statement goes from the outside in, the program from the inside out", () => {
    expect(statementOf(task)).toBe("sum of square of above 3 of a:");
    expect(bodyOf(task)).toBe("a=[x for x in a if x>3]\na=[x*x for x in a]\nprint(sum(a))");
    expect(solveTask(task, [1, 3, 4, -5, 6])).toBe(16 + 36);
  });
  test("an empty list has sum, maximum and last element 0", () => {
    for (const word of ["sum", "max", "min", "count", "spread", "first", "last"]) {
      expect(operation(word).apply([], 0)).toEqual([0]);
    }
  });
  test("remainders are Python's: never negative", () => {
    expect(operation("rest ").apply([-7, 7], 4)).toEqual([1, 3]);
    expect(operation("odd").apply([-3, -2], 0)).toEqual([-3]);
  });
  test("training holds neither problems for contests nor the neighbourhoods of held-out families", () => {
    const tasks = trainingTasks({ pairs: 2400, seed: 5 });
    expect(tasks.some(isForContests)).toBe(false);
    const neighbours = (family: string) => kindsOf(family).map((kind, at, all) => `${all[at - 1]}-${kind}`);
    const seen = new Set(trainedFamilies.flatMap(neighbours));
    for (const family of heldOutFamilies) expect(neighbours(family).some((pair) => !seen.has(pair))).toBe(true);
  });
  test("the tokenizer spells every pair as training does, and the longest one fits", () => {
    const tokenizer = coderTokenizer();
    for (const one of drawn) {
      const { tokens } = exampleOf(one);
      expect(tokenizer.encode(`<s>${statementOf(one)}${bodyOf(one)}</s>`)).toEqual(tokens);
      expect(tokenizer.decode(promptIds(one), { skipSpecial: true })).toBe(statementOf(one));
      expect(tokens.length).toBeLessThan(90);
    }
  });
});

const hasPython = (await findLanguage("python")) !== undefined;
suite.skipIf(!hasPython)("the judge and the world agree (needs python3)", () => {
  let judge: Judge;
  beforeAll(async () => {
    judge = await openJudge();
  });

  test("every operation's Python does what its function does", async () => {
    const tasks = Object.values(operationsByKind)
      .flat()
      .map((one): Task => {
        const step = { operation: one, digit: one.digits ? one.digits[1] : null };
        return one.kind === "answer" ? [step] : [step, { operation: operation("last"), digit: null }];
      });
    const verdicts = await judgePrograms(
      judge,
      tasks,
      tasks.map((one) => [bodyOf(one)]),
      { signal: new AbortController().signal },
    );
    const wrong = tasks.filter((_, index) => verdicts[index]![0] !== "OK").map(statementOf);
    expect(wrong).toEqual([]);
  });

  test.each([
    ["the operations in the order of the statement", "a=[x*x for x in a]\na=[x for x in a if x>3]\nprint(sum(a))"],
    ["an operation left out", "a=[x*x for x in a]\nprint(sum(a))"],
    ["a boundary missed", "a=[x for x in a if x>2]\na=[x*x for x in a]\nprint(sum(a))"],
  ])("%s is a wrong answer", async (_, body) => {
    expect((await judge.judge(problemOf(task), pythonProgramOf(body))).verdict).toBe("WRONG_ANSWER");
  });

  test("what is no Python does not compile", async () => {
    expect((await judge.judge(problemOf(task), pythonProgramOf("a=[x for"))).verdict).toBe("COMPILATION_ERROR");
  });
});
