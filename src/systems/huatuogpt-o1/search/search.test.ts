import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { validate } from "../../../core/schema.ts";
import { openAiEndpoint } from "../../../endpoint/index.ts";
import { type MockRequest, startMockServer } from "../../../endpoint/testing/index.ts";
import { defaultPrompts } from "../prompts/defaults.ts";
import { withOverrides } from "../prompts/prompts.ts";
import { answerField, questionField } from "../schemas.ts";
import { inventedRows, scriptedTeacher } from "../teacher.fixtures.ts";
import { InitReply, RefinementReply, renderChain } from "./chain.ts";
import { type SearchLog, type SearchOptions, search } from "./search.ts";
import { ownStrategies, pickStrategy, Strategies, Strategy } from "./strategies.ts";
import { exactMatch, exactMatchVerifier, functionVerifier, llmVerifier, parseVerdict } from "./verifiers.ts";

const strategies = ownStrategies(defaultPrompts);
const rows = inventedRows(40);

/** A search of each problem against a scripted teacher. */
async function searchAll(
  script: Parameters<typeof scriptedTeacher>[0],
  change: Partial<SearchOptions> = {},
): Promise<{ logs: SearchLog[]; served: number }> {
  const server = await startMockServer({ ...scriptedTeacher(script), faults: undefined });
  const endpoint = openAiEndpoint({ url: server.url, model: "mock" });
  const teacher = { endpoint, prompts: defaultPrompts, maxTokens: 4096 };
  const options: SearchOptions = {
    ...{ teacher, verifier: exactMatchVerifier, strategies, depth: 3, attempts: 3, revealLabel: false, seed: 1 },
    ...change,
  };
  try {
    const logs = await Promise.all(
      script.rows.map((row) => search(String(row[questionField]), String(row[answerField]), options)),
    );
    return { logs, served: server.counts.servedCount };
  } finally {
    await endpoint.close();
    await server.close();
  }
}

suite("pickStrategy", () => {
  test("3,000 draws are uniform at each depth (chi-square, p > 0.01), without Backtracking at the first", () => {
    const random = new Random(7);
    for (const [depth, names, limit] of [
      [1, ["Exploring New Paths", "Verification", "Correction"], 9.21], // 0.99 quantile of chi-square, 2 degrees
      [2, strategies.map(({ name }) => name), 11.345], // 3 degrees
    ] as const) {
      const counts = new Map<string, number>(names.map((name) => [name, 0]));
      for (let draw = 0; draw < 3000; draw++) {
        const { name } = pickStrategy(strategies, depth, random.split(`${depth} ${draw}`));
        expect(names).toContain(name);
        counts.set(name, counts.get(name)! + 1);
      }
      const expected = 3000 / names.length;
      const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
      console.info(`depth ${depth}: chi-square ${chiSquare.toFixed(2)} (limit ${limit})`);
      expect(chiSquare).toBeLessThan(limit);
    }
  });
});

suite("search", () => {
  test("keeps to N and T, begins no attempt with Backtracking, and stops at the first right conclusion", async () => {
    const { logs } = await searchAll({ rows, isUnruly: true, skill: 0.3 });
    for (const { attempts, found } of logs) {
      expect(attempts.length).toBeLessThanOrEqual(3);
      for (const [index, { steps, chain, end }] of attempts.entries()) {
        expect(steps.length).toBeLessThanOrEqual(1 + 3);
        expect(steps[0]!.type).toBe("Init_CoT");
        expect(steps[1]?.type).not.toBe("Re_CoT_Backtracking");
        expect(steps.slice(0, -1).every(({ verdict }) => verdict === false)).toBe(true);
        expect(end === "accepted").toBe(found && index === attempts.length - 1);
        expect(end === "exhausted").toBe(steps.length === 4 && steps[3]!.verdict === false);
        // What was given up is followed by the next reply's own Verification, once.
        const usable = steps.filter(({ actions }) => actions.length > 0);
        const length = usable.reduce((sum, { actions }) => sum + actions.length, 0) - (usable.length - 1);
        expect(chain.length).toBe(usable.length === 0 ? 0 : length);
        const names = chain.map(({ action }) => action);
        expect(names.some((name, at) => name === "Verification" && names[at + 1] === "Verification")).toBe(false);
      }
    }
    const ends = new Set(logs.flatMap(({ attempts }) => attempts.map(({ end }) => end)));
    expect(ends).toEqual(new Set(["accepted", "exhausted", "parse_error", "refused"]));
  });

  test("the same seed gives the same log, another seed another one", async () => {
    const [first, again, other] = await Promise.all([
      searchAll({ rows, isUnruly: true }),
      searchAll({ rows, isUnruly: true }),
      searchAll({ rows, isUnruly: true }, { seed: 2 }),
    ]);
    expect(again.logs).toEqual(first.logs);
    expect(other.logs).not.toEqual(first.logs);
  });

  test("a teacher that is always wrong is given up after T (N + 1) replies; told the answer, it is flagged", async () => {
    const [row] = rows as [(typeof rows)[number]];
    const silent = await searchAll({ rows: [row], skill: 0 });
    expect(silent.served).toBe(3 * 4);
    expect(silent.logs[0]).toMatchObject({ found: false, labelRevealed: false });
    const told = await searchAll({ rows: [row], skill: 0 }, { revealLabel: true });
    expect(told.logs[0]).toMatchObject({ found: true, labelRevealed: true });
    expect(told.logs[0]!.attempts[3]!.steps).toMatchObject([{ type: "Label_CoT", verdict: true }]);
    const doubted = functionVerifier("never", () => false);
    const refused = await searchAll({ rows: [row], skill: 0 }, { revealLabel: true, verifier: doubted });
    expect(refused.logs[0]).toMatchObject({ found: false, labelRevealed: false }); // told, and still verified
  });

  test("a strategy of one's own is drawn and named", async () => {
    const prompt = defaultPrompts["strategy-correction"];
    const own = Strategies.parse([{ name: "Ask a colleague", prompt }]);
    const { logs } = await searchAll({ rows: rows.slice(0, 3), skill: 0 }, { strategies: own, attempts: 1 });
    expect(logs[0]!.attempts[0]!.steps.map(({ type }) => type)).toEqual([
      "Init_CoT",
      ...Array(3).fill("Re_CoT_Ask a colleague"),
    ]);
    const problem = (value: unknown) =>
      (validate(Strategies, value) as { problem: { message: string } }).problem.message;
    expect(problem([{ name: "a", fromDepth: 2, prompt }])).toContain("none has fromDepth 1");
    expect(problem([Strategy.parse({ name: "a", prompt }), Strategy.parse({ name: "a", prompt })])).toContain("twice");
  });
});

suite("replies of the teacher", () => {
  const thinking = { action: "Inner Thinking", title: "t", content: "c" };
  const conclusion = { action: "Final Conclusion", content: "c" };
  const verification = { action: "Verification", content: "c" };
  const problemOf = (schema: typeof InitReply, CoT: unknown[]) => {
    const result = validate(schema, { CoT });
    return "problem" in result ? result.problem.message : null;
  };
  test("the last three actions have their order, and a refinement begins with its Verification", () => {
    expect(problemOf(InitReply, [thinking, conclusion, verification])).toBeNull();
    expect(problemOf(InitReply, [verification, conclusion, thinking])).toContain("in this order, got Verification");
    expect(problemOf(InitReply, [conclusion, verification])).toContain("the last three actions must be");
    expect(problemOf(InitReply, [thinking, { ...conclusion, content: " " }, verification])).toContain(
      "must not be empty",
    );
    expect(problemOf(RefinementReply, [verification, thinking, conclusion, verification])).toBeNull();
    expect(problemOf(RefinementReply, [thinking, thinking, conclusion, verification])).toContain("first action");
    expect(problemOf(RefinementReply, [verification, conclusion, verification])).toContain("must be new reasoning");
  });
  test("a chain is rendered with a heading per action", () => {
    expect(renderChain([thinking, conclusion, verification] as never)).toBe(
      "### t\nc\n\n### Conclusion\nc\n\n### Verification\nc",
    );
  });
});

suite("verifiers", () => {
  test("only a first word True or False counts", () => {
    for (const reply of ["True", "true.", " **True**", "True: it names the same thing"]) {
      expect(parseVerdict(reply), reply).toEqual({ value: true });
    }
    expect(parseVerdict("False, it is broader")).toEqual({ value: false });
    for (const reply of [
      "does not pass",
      "untrue",
      "It is true",
      "not true",
      "True or False?",
      "True/False",
      "Truest",
      "",
    ])
      expect(parseVerdict(reply), reply).toMatchObject({ problem: expect.any(String) });
    fc.assert(
      fc.property(fc.string(), (text) => {
        const result = parseVerdict(text);
        if ("value" in result) expect(text.toLowerCase()).toMatch(result.value ? /^[^a-z]*true/ : /^[^a-z]*false/);
      }),
    );
  });

  test("exact match wants whole words, whatever stands in the reference", () => {
    expect(exactMatch("It is Gold.", "gold")).toBe(true);
    expect(exactMatch("a goldfish", "gold")).toBe(false);
    expect(exactMatch("2 mg/kg\n(iv)", "2 mg/kg (iv)")).toBe(true);
    expect(exactMatch("anything", " ")).toBe(false);
    expect(exactMatch("a+b", "a+b") && !exactMatch("aab", "a+b")).toBe(true);
  });

  test.each([
    [["Hm, untrue.", "True"], true, 2],
    [["It is true.", "Untrue."], null, 2],
    [["False"], false, 1],
  ] as const)("a model that says %j: %s after %i calls", async (replies, verdict, calls) => {
    let asked = 0;
    const server = await startMockServer({ answer: (_: MockRequest) => replies[asked++]! });
    const endpoint = openAiEndpoint({ url: server.url, model: "mock" });
    const verifier = llmVerifier({ endpoint, prompts: defaultPrompts, maxTokens: 64 });
    expect(await verifier.verify("It is gold {{reference}}.", "gold")).toBe(verdict);
    expect(asked).toBe(calls);
    expect(String(server.bodies[0]!.messages![0]!.content)).toContain("It is gold {{reference}}.");
    await endpoint.close();
    await server.close();
  });
});

test("prompts of the user's: unknown names and lost placeholders are named", () => {
  expect(withOverrides({ init: "Solve {{question}}" }).init).toBe("Solve {{question}}");
  expect(() => withOverrides({ innit: "x" }, "my-prompts")).toThrow('my-prompts: there is no prompt "innit"');
  expect(() => withOverrides({ init: "Solve it" }, "my-prompts")).toThrow("my-prompts: init: {{question}} is missing");
  expect(() => withOverrides({ init: "{{question}} {{key}}" })).toThrow("nothing fills {{key}}");
});
