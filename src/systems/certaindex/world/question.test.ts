import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { simulateEven } from "./oracle.fixtures.ts";
import {
  answerChances,
  CLASSES,
  classOf,
  isIdle,
  type Operation,
  plateauLength,
  type Question,
  questionKey,
  sampleMixed,
  sampleQuestion,
  sampleQuestions,
  splitOf,
  trueAnswer,
  trueStates,
} from "./question.ts";

const chain = (start: number, ...words: string[]): Question => ({
  start,
  operations: words.map((word) => ({ operator: word[0], digit: Number(word[1]) }) as Operation),
});
const anyRandom = fc.integer().map((seed) => new Random(seed));

suite("truth", () => {
  test("is arithmetic modulo 10; ! is plus, and ? is its digit made even", () => {
    const question = chain(3, "+9", "*7", "-8", "?5", "!6");
    expect(trueStates(question)).toEqual([2, 4, 6, 4, 0]); // 12, 14, 4 - 8 = -4, 5 down to 4, 10
    expect(trueAnswer(question)).toBe("0");
  });
  test("what the teacher answers: always right, 45 : 30 : 25, never right", () => {
    expect(answerChances(chain(3, "+9", "*7"))[4]).toBe(1);
    const noisy = answerChances(chain(8, "?3", "+2")); // 3 down to 2, then 1 or 5 above, and 2 more
    expect([noisy[4], noisy[5], noisy[9]]).toEqual([0.45, 0.3, 0.25]);
    expect(answerChances(chain(8, "!3"))[5]).toBe(1); // 8 - 3, where 1 is true
  });
  test("a plateau is the longest run that changes nothing", () => {
    expect(plateauLength(chain(1, "+0", "*1", "+2", "*1", "-0", "+0", "*0"))).toBe(3);
  });
});

suite("sampleQuestion", () => {
  test.each(CLASSES)("%s questions keep what their class promises", (one) => {
    fc.assert(
      fc.property(anyRandom, (rng) => {
        const question = sampleQuestion(rng, { class: one, split: "test" });
        const chances = answerChances(question);
        const right = chances[Number(trueAnswer(question))]!;
        expect(classOf(question)).toBe(one);
        expect(right).toBeCloseTo({ clean: 1, noisy: 0.45, broken: 0 }[one], 12);
        expect(chances.filter((chance) => chance > 0)).toHaveLength(one === "noisy" ? 3 : 1);
      }),
      { numRuns: 60 },
    );
  });
  test("plateaus show another digit than the answer for 6 steps or more, and fit 12 steps", () => {
    fc.assert(
      fc.property(anyRandom, (rng) => {
        const question = sampleQuestion(rng, { class: "clean", plateau: true, split: "train" });
        const states = trueStates(question).map(String);
        const first = question.operations.findIndex(
          (_, at) => question.operations.slice(at, at + 6).filter(isIdle).length === 6,
        );
        expect(new Set(states.slice(first, first + 6)).size).toBe(1);
        expect(states[first]).not.toBe(trueAnswer(question));
        expect(question.operations.length).toBeLessThanOrEqual(12);
      }),
      { numRuns: 60 },
    );
  });
  test("splits share no question, and have their shares", () => {
    const rng = new Random("splits");
    const drawn = Array.from({ length: 300 }, () => sampleQuestion(rng, { class: "clean", split: "test" }));
    expect(drawn.every((question) => splitOf(question) === "test")).toBe(true);
    const all = Array.from({ length: 5000 }, (_, index) => splitOf(chain(index % 10, ...numbered(index))));
    const share = (split: string) => all.filter((one) => one === split).length / all.length;
    expect(share("test")).toBeCloseTo(0.08, 1);
    expect(share("train")).toBeCloseTo(0.8, 1);
  });
  test("a list has no repeats and is a function of its seed", () => {
    const draw = () => sampleQuestions(new Random(5), 100, (rng) => sampleMixed(rng, "calibration"));
    expect(new Set(draw().map(questionKey)).size).toBe(100);
    expect(draw()).toEqual(draw());
  });
});

/** An oracle that answers as the teacher does: what the best trained model could show. */
test("the mix has something to allocate: 20 answers beat 8 by 3 points and more", () => {
  const right = simulateEven(new Random("oracle"), 2000);
  expect(right[20]! - right[8]!).toBeGreaterThan(0.03);
  expect(right[20]! - right[10]!).toBeGreaterThan(0.02);
  expect(right[1]!).toBeCloseTo(0.45 + 0.45 * 0.45, 1);
});

const numbered = (index: number) => [
  `+${index % 7}`,
  `*${Math.floor(index / 7) % 10}`,
  `-${Math.floor(index / 70) % 10}`,
  `+${Math.floor(index / 700)}`,
];
