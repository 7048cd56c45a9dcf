import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, suite, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { PositiveKind, type PreferencePair } from "../schemas.ts";
import { checkText } from "../solve.ts";
import { sampleProblem, trueSum } from "../world/problem.ts";
import { completionTokens, teach } from "../world/teacher.ts";
import { EOS } from "../world/vocabulary.ts";
import { buildPairs, expectEnoughPairs, FEWEST_PAIRS } from "./build.ts";
import { describeMargin, exportPairs, hyperParameters, toRow } from "./export.ts";
import { pairFixtures, sampleOf, setOf, textOf } from "./pairs.fixtures.ts";
import { alignSolutions } from "./sample.ts";
import { sumsSampleSet } from "./sums.ts";
import { trim } from "./trim.ts";

suite("buildPairs", () => {
  test("there are twenty sample sets", () => expect(pairFixtures).toHaveLength(20));

  test.each(pairFixtures.map((fixture) => [fixture.name, fixture] as const))("%s", (_, fixture) => {
    for (const positive of PositiveKind.options) {
      const { pairs, dropped } = buildPairs([setOf(fixture)], { positive });
      const wanted = fixture.expected[positive];
      if (!wanted.includes("=")) {
        expect([positive, pairs, dropped]).toEqual([positive, [], { [wanted]: 1 }]);
        continue;
      }
      const rejected = positive === "silc" ? fixture.silcRejected! : fixture.rejected;
      expect(pairs, positive).toMatchObject([{ kind: positive, chosen: textOf(wanted), rejected: textOf(rejected) }]);
    }
  });

  test("the final answer of every trimmed positive is that of its last kept solution", () => {
    for (const fixture of pairFixtures) {
      for (const sample of fixture.samples.map(sampleOf).filter(({ correct }) => correct)) {
        for (const kind of ["fcs", "fcs-reflection", "gds", "fcs-plus-one"] as const) {
          const candidate = trim(sample, kind);
          if (typeof candidate !== "string") expect(candidate.solutions.at(-1)!.answer).toBe(sample.answer);
        }
      }
    }
  });

  test("gds may skip repeats and go on", () => {
    const candidate = trim(sampleOf("a7 b7 a7 c7 =7"), "gds", { repeats: "skip" });
    expect(candidate).toMatchObject({ text: textOf("a7 b7 c7 =7"), tokenCount: 32 });
  });

  test("the greedy sample as negative; without one, or shorter than the positive, there is no pair", () => {
    const set = setOf({ name: "s", samples: ["a7 b7 =7", "a7 a7 =7"] });
    const build = (greedy?: string) =>
      buildPairs([{ ...set, ...(greedy && { greedy: sampleOf(greedy) }) }], {
        positive: "fcs-reflection",
        negative: "greedy",
      });
    expect(build("a7 b7 c7 =7").pairs[0]!.rejected).toBe(textOf("a7 b7 c7 =7"));
    expect(build().dropped).toEqual({ "no-greedy": 1 });
    expect(build("a7 =7").dropped).toEqual({ "chosen-longer": 1 });
  });

  test("silc pairs come beside the others, up to their quota", () => {
    const sets = Array.from({ length: 5 }, (_, index) =>
      setOf({ name: `s${index}`, samples: ["a7 b7 =7", "a7 b7 a7 =7", "a6 =6"] }),
    );
    const { pairs, silcDropped } = buildPairs([...sets, setOf({ name: "x", samples: ["a7 =7", "a7 b7 =7"] })], {
      positive: "fcs",
      silcQuota: 3,
    });
    expect(pairs.map(({ kind }) => kind)).toEqual([..."ffffff"].map(() => "fcs").concat(["silc", "silc", "silc"]));
    expect(silcDropped).toEqual({});
  });

  test("too few pairs are refused with the reasons, unless forced", () => {
    const result = buildPairs(pairFixtures.map(setOf), { positive: "fcs" });
    expect(() => expectEnoughPairs(result)).toThrow(
      `${result.pairs.length} pairs, fewer than ${FEWEST_PAIRS} (dropped: `,
    );
    expect(() => expectEnoughPairs(result, { force: true })).not.toThrow();
  });

  test("where every answer takes one solution there is nothing to gain", () => {
    const result = buildPairs([setOf({ name: "s", samples: ["a7 =7", "a7*20 =7"] })], { positive: "shortest" });
    expect(result.nothingToGain).toBe(true);
    expect(() => expectEnoughPairs(result)).toThrow("there is nothing to gain");
  });

  test("traces of Sums: every positive is a well-formed response with the right answer", () => {
    const rng = new Random("pairs");
    for (let index = 0; index < 60; index++) {
      const problem = sampleProblem(rng, ((index % 5) + 1) as 1, "train");
      const solved = Array.from({ length: 6 }, () =>
        checkText(problem, completionTokens(teach(problem, rng)).join("").replace(EOS, "")),
      );
      for (const positive of ["shortest", "fcs", "fcs-reflection", "gds", "fcs-plus-one"] as const) {
        const { pairs } = buildPairs([sumsSampleSet(problem, solved)], { positive });
        for (const { chosen, chosenTokenCount, rejectedTokenCount } of pairs) {
          const checked = checkText(problem, chosen);
          expect(checked.answer).toBe(trueSum(problem));
          expect([checked.trace.faults, checked.trace.tokenCount]).toEqual([[], chosenTokenCount]);
          expect(chosenTokenCount).toBeLessThanOrEqual(rejectedTokenCount);
        }
      }
    }
  });
});

suite("exports", () => {
  const pair: PreferencePair = {
    id: "s",
    kind: "fcs",
    prompt: "3 + 4?",
    chosen: "short",
    rejected: "long",
    chosenTokenCount: 1,
    rejectedTokenCount: 2,
    chosenSolutionCount: 1,
    rejectedSolutionCount: 2,
  };

  test("TRL: text, or message lists", () => {
    expect(toRow(pair, { format: "trl", messages: false })).toEqual({
      prompt: "3 + 4?",
      chosen: "short",
      rejected: "long",
    });
    expect(toRow(pair, { format: "trl" })).toEqual({
      prompt: [{ role: "user", content: "3 + 4?" }],
      chosen: [{ role: "assistant", content: "short" }],
      rejected: [{ role: "assistant", content: "long" }],
    });
  });

  test("LLaMA-Factory: conversations, and the two answers", () => {
    expect(toRow(pair, { format: "llama-factory" })).toEqual({
      conversations: [{ from: "human", value: "3 + 4?" }],
      chosen: { from: "gpt", value: "short" },
      rejected: { from: "gpt", value: "long" },
    });
  });

  test("sft learns the chosen text alone", () => {
    expect(toRow(pair, { format: "trl", messages: false, method: "sft" })).toEqual({
      prompt: "3 + 4?",
      completion: "short",
    });
    expect(toRow(pair, { format: "llama-factory", method: "sft" })).toEqual({
      conversations: [
        { from: "human", value: "3 + 4?" },
        { from: "gpt", value: "short" },
      ],
    });
  });

  test.each([
    [
      "trl",
      "simpo",
      [
        'loss_type: "simpo"',
        "cpo_alpha: 0",
        "beta: 2",
        "simpo_gamma: 0.5",
        "learning_rate: 5.0e-7",
        "gradient_accumulation_steps: 96",
      ],
    ],
    [
      "llama-factory",
      "simpo",
      ['pref_loss: "simpo"', "pref_beta: 2", "simpo_gamma: 0.5", 'stage: "dpo"', 'dataset: "concise_reasoning"'],
    ],
    ["trl", "rpo", ["loss_weights: [1,1]", "beta: 0.1"]],
    ["llama-factory", "dpo", ['pref_loss: "sigmoid"', "pref_beta: 0.1"]],
  ] as const)("%s, %s: the configuration has the values of the specification", async (format, method, lines) => {
    const folder = await mkdtemp(join(tmpdir(), "polymath-pairs-"));
    const files = await exportPairs(folder, [pair], { format, hyperParameters: hyperParameters[method] });
    const config = await readFile(join(folder, `${method}.yaml`), "utf8");
    for (const line of lines) expect(config).toContain(`\n${line}`);
    expect(files.map((file) => file.slice(folder.length + 1)).sort()).toEqual(
      (format === "trl" ? ["pairs.jsonl"] : ["dataset_info.json", "pairs.jsonl"]).concat(`${method}.yaml`).sort(),
    );
    if (method === "simpo") expect(config).toContain("gamma 0.5 (gamma / beta 0.25)");
  });

  test("gamma and gamma / beta are both told", () => {
    expect(describeMargin({ ...hyperParameters.simpo, beta: 10, gamma: 3 })).toContain("gamma 3 (gamma / beta 0.3)");
  });
});

test("alignSolutions finds cuts again that lost the blanks between them", () => {
  const solution = (text: string) => ({ text, answer: null, correct: null, strategy: null, tokenCount: 0 });
  const aligned = alignSolutions("One.\n\nTwo.\n\n\nOne.", ["One.", "Two.", "One."].map(solution));
  expect(aligned.map(({ text }) => text)).toEqual(["One.\n\n", "Two.\n\n\n", "One."]);
  const lost = alignSolutions("One.", ["One.", "Other."].map(solution));
  expect(lost.map(({ text }) => text)).toEqual(["One.\n\n", "Other.\n\n"]);
});
