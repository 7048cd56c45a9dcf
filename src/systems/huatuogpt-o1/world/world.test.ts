import { expect, suite, test } from "vitest";
import { Random } from "../../../core/random.ts";
import type { TokenExample } from "../../../language/train/index.ts";
import { createClinic, tellingFindings } from "./clinic.ts";
import { checkedCaseExample, factExample } from "./facts.ts";
import { mcqSet } from "./mcq.ts";
import { conditions, entityNames, findings } from "./names.ts";
import { assertedEntity, isRight } from "./oracle.ts";
import { drawQuestions, fitsAll, parseQuestion, sideOf, solve } from "./question.ts";
import { readChain } from "./read-chain.ts";
import { checkOf, say } from "./sentences.ts";
import { drawPairs, verifierTokenizer } from "./verifier-pairs.ts";
import { CONTEXT_LENGTH, clinicTokenizer, VOCABULARY } from "./vocabulary.ts";

const clinic = createClinic(1000);
const questions = drawQuestions(clinic, new Random("questions"), 400, "train");

suite("the world", () => {
  test("is a pure function of its seed, and another with another seed", () => {
    expect(createClinic(1000)).toEqual(clinic);
    expect(createClinic(1001).conditions).not.toEqual(clinic.conditions);
  });

  test("has the sizes of the plan", () => {
    expect([conditions.length, findings.length, new Set(entityNames).size]).toEqual([48, 40, 120]);
    expect(new Set([...conditions, ...findings, ...entityNames]).size).toBe(208);
    expect(VOCABULARY.length).toBeLessThan(270);
    for (const { typical, excluding } of clinic.conditions) {
      expect([new Set(typical).size, new Set(excluding).size]).toEqual([5, 3]);
      expect(excluding.some((finding) => typical.includes(finding))).toBe(false);
    }
    expect(clinic.conditions.reduce((sum, { prevalence }) => sum + prevalence, 0)).toBeCloseTo(1, 12);
  });

  test("a telling finding is one condition's alone, and every other has several candidates in order of prevalence", () => {
    for (const [finding, list] of clinic.byFinding.entries()) {
      if (tellingFindings.includes(finding)) expect(list).toHaveLength(1);
      else expect(list.length).toBeGreaterThan(2);
      const shares = list.map((id) => clinic.conditions[id]!.prevalence);
      expect(shares).toEqual(shares.toSorted((a, b) => b - a));
    }
  });

  test("complications are a circle: following them comes by every condition", () => {
    const seen = new Set<number>();
    for (let id = 0; !seen.has(id); id = clinic.conditions[id]!.complication) seen.add(id);
    expect(seen.size).toBe(conditions.length);
  });
});

suite("questions", () => {
  test("have exactly one solution, which is the answer's condition, and can be read back", () => {
    for (const { text, condition, present, absent, query } of questions) {
      expect(solve(clinic, { present, absent, query })).toEqual([condition]);
      expect(parseQuestion(text)).toEqual({ present, absent, query });
    }
    expect(parseQuestion("What is the capital of France?")).toBeNull();
  });

  test("in 45 % of them the most frequent candidate is wrong", () => {
    const traps = questions.filter(({ present, condition }) => clinic.byFinding[present[0]!]![0] !== condition);
    expect(traps.length / questions.length).toBeGreaterThan(0.38);
    expect(traps.length / questions.length).toBeLessThan(0.52);
  });

  test("of the test side share no two-hop pair of condition and relation with the train side", () => {
    const held = drawQuestions(clinic, new Random("test"), 400, "test");
    const pairOf = ({ condition, query }: (typeof held)[number]) => `${condition} ${query.relation}`;
    const twoHops = (from: typeof held) => new Set(from.filter(({ query }) => query.hops === 2).map(pairOf));
    const trained = twoHops(questions);
    expect(trained.size).toBeGreaterThan(50);
    expect([...twoHops(held)].filter((pair) => trained.has(pair))).toEqual([]);
    for (const question of held) expect(sideOf(question.condition, question)).toBe("test");
    // Never single facts: conditions and relations of the test are all trained on.
    expect(new Set(held.map(({ condition }) => condition)).size).toBeGreaterThan(20);
  });

  test("a check stops at the first statement that does not fit, and ends well only for the truth", () => {
    for (const question of questions.slice(0, 100)) {
      for (const { id } of clinic.conditions) {
        const check = checkOf(clinic, id, question, question.present[0]!);
        if (!clinic.byFinding[question.present[0]!]!.includes(id)) continue;
        expect(check.includes("against")).toBe(!fitsAll(clinic, id, question));
      }
    }
  });

  test("every text can be spelled, and facts are learned only where something determines them", () => {
    const tokenizer = clinicTokenizer();
    for (const { text, names } of questions.slice(0, 50)) {
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      for (const name of names) expect(tokenizer.encode(say.answer(name))).toHaveLength(3);
    }
    const { tokens, trained } = factExample(clinic, new Random(3), tokenizer);
    const known = trained.filter(Boolean).length;
    expect(tokens).toHaveLength(trained.length);
    expect(known).toBeGreaterThan(12);
    expect(known).toBeLessThan(tokens.length / 2);
  });
});

suite("what is read beforehand", () => {
  const tokenizer = clinicTokenizer();
  const knownOf = ({ tokens, trained }: TokenExample) => tokenizer.decode(tokens.filter((_, index) => trained[index]));

  test("every text fits the context and ends with an answer that says again what it concluded", () => {
    for (let index = 0; index < 2000; index++) {
      const { tokens } = factExample(clinic, new Random("facts").split(index), tokenizer);
      expect(tokens.length).toBeLessThanOrEqual(CONTEXT_LENGTH);
      const [, fact, concluded, answer] =
        / is ([^.\n]+)\.\nSo it is ([^.]+)\.\n\n## Final Response\n\nThe answer is ([^.]+)\.<\/s>$/.exec(
          tokenizer.decode(tokens),
        )!;
      expect([concluded, answer]).toEqual([fact, fact]);
    }
  });

  test("a checked case is checked as in a chain, and its query is never answered", () => {
    const verdicts = new Set<boolean>();
    for (let index = 0; index < 300; index++) {
      const example = checkedCaseExample(clinic, new Random("cases").split(index), tokenizer);
      const text = tokenizer.decode(example.tokens);
      const { lead, candidate } = readChain(text);
      const statement = parseQuestion(text)!;
      const check = checkOf(clinic, candidate, statement, lead);
      expect(knownOf(example)).toBe(`${check}</s>`);
      expect(clinic.conditions[candidate]!.typical).toContain(lead);
      expect(statement.present).toContain(lead);
      expect(text).not.toMatch(/So it is|answer is/);
      verdicts.add(check.includes("against"));
    }
    expect(verdicts.size).toBe(2);
  });
});

suite("reading", () => {
  test("a chain ends with its last candidate and what was concluded from it", () => {
    const text = [
      say.firstThought(0, 3),
      say.complication(3, 7),
      say.fact("drug", 7, "velol"),
      say.otherThought(5, 9),
      say.fact("drug", 9, "x y"),
    ].join("");
    expect(readChain(text)).toEqual({
      ...{ lead: 5, candidate: 9, subject: 9, name: "x y" },
      ofComplaint: { lead: 0, candidate: 3 },
      tried: new Set([3, 9]),
    });
  });

  test("the oracle takes every name of the answer, and none that is denied or one of two", () => {
    const { names, query } = questions.find(({ names }) => names.length === 3)!;
    const wrong = entityNames.find((name) => !names.includes(name))!;
    for (const name of names) {
      expect(isRight(say.answer(name), names[0]!)).toBe(true);
      expect(isRight(`It is not ${wrong} but ${name}.`, names[0]!)).toBe(true);
      expect(isRight(`It is ${wrong}, not ${name}.`, names[0]!)).toBe(false);
      expect(isRight(`It is either ${name} or ${wrong}.`, names[0]!)).toBe(false);
    }
    expect(assertedEntity(`The ${query.relation} is unknown.`)).toBeNull();
  });

  test("the oracle agrees with the verdict of every verifier pair, and the verifier can spell it", () => {
    const tokenizer = verifierTokenizer();
    for (const side of ["train", "test"] as const) {
      for (const { response, reference, label } of drawPairs(new Random("pairs"), 500, side)) {
        expect([response, reference, isRight(response, reference)]).toEqual([response, reference, label]);
        tokenizer.encode(` ${response}`);
      }
    }
  });
});

test("planted defects come in their shares, and sound rows have their key among different options", () => {
  const planned = mcqSet(clinic, 1500);
  const share = (wanted: string | null) => planned.filter(({ defect }) => defect === wanted).length / planned.length;
  expect(share("too-simple")).toBeGreaterThan(0.12);
  expect(share("negated")).toBeGreaterThan(0.055);
  expect(share("two-answers")).toBeGreaterThan(0.045);
  expect(share(null)).toBeGreaterThan(0.6);
  for (const { row } of planned) {
    const { options, answer_idx, answer } = row as {
      options: Record<string, string>;
      answer_idx: string;
      answer: string;
    };
    expect(options[answer_idx]).toBe(answer);
    expect(new Set(Object.values(options)).size).toBe(4);
  }
});
