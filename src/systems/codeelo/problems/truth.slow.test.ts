/**
 * The judge held to the truth on the whole catalogue: 45 families at three levels, every known program, with two
 * workers and then with one. About ten minutes on two idle cores.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, suite, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { probeSandbox } from "../../../sandbox/index.ts";
import { checkByProgram, checkerProgram } from "../checkers/program-checker.ts";
import { openJudge } from "../judge/judge.ts";
import { findLanguage } from "../judge/languages.ts";
import { buildProblem } from "./build.ts";
import { families } from "./catalog/index.ts";
import type { Level } from "./family.ts";
import { parseFormat, validateInput } from "./format.ts";
import { tellTruth } from "./truth.ts";

const { report } = await probeSandbox();
const isReady = report.ok && !!(await findLanguage("cpp")) && !!(await findLanguage("python"));
if (!isReady) console.info("truth suite: it needs the sandbox, g++ and Python 3, so it is skipped");

const folder = await mkdtemp(join(tmpdir(), "truth-"));
afterAll(() => rm(folder, { recursive: true }));

suite.skipIf(!isReady)("the truth suite", () => {
  test("no false accept, no false reject, and the kinds of faults by name", async () => {
    const judge = await openJudge({ workers: 2, cacheFolder: folder });
    const problems = [];
    for (const family of families) {
      for (const level of [1, 2, 3] as Level[]) problems.push(await buildProblem(judge, family, level, 1));
    }
    const truth = await tellTruth(judge, problems);
    console.info(
      `truth suite: ${truth.pairs.length} pairs, ${(100 * truth.resourceShare).toFixed(1)} % of time and memory faults by name`,
    );
    console.table(truth.confusion);
    expect(truth.pairs.length).toBeGreaterThanOrEqual(1000);
    expect(truth.falseAccepts).toEqual([]);
    expect(truth.falseRejects).toEqual([]);
    expect(truth.resourceShare).toBeGreaterThanOrEqual(0.99);

    // Compiled programs are kept; verdicts are found anew, by one worker.
    const alone = await openJudge({ workers: 1, cacheFolder: folder });
    const sample = problems.filter((_, index) => index % 5 === 0);
    const again = await tellTruth(alone, sample, { fresh: true });
    const verdictOf = new Map(truth.pairs.map(({ problem, program, verdict }) => [`${problem} ${program}`, verdict]));
    const changed = again.pairs.filter(
      ({ problem, program, verdict }) => verdictOf.get(`${problem} ${program}`) !== verdict,
    );
    expect(changed).toEqual([]);
  });

  test("validators as programs agree with ours, on right inputs and damaged ones", async () => {
    const judge = await openJudge({ cacheFolder: folder });
    const random = new Random(5);
    for (const family of families) {
      const problem = await buildProblem(judge, family, 1, 2);
      const { executable } = await judge.compile(problem.validator!);
      const inputs = problem.tests.slice(0, 3).map(({ input }) => input);
      const damaged = inputs.map((input) => {
        const at = random.int(0, input.length - 1);
        return `${input.slice(0, at)}${random.choice(["9", " ", "\n", "-"])}${input.slice(at + random.int(0, 1))}`;
      });
      for (const input of [...inputs, ...damaged]) {
        const ours = validateInput(parseFormat(family.format), constantsFor(family), input, family.pattern);
        const { exitCode } = await executable!.run({ stdin: input, memoryBytes: 256 * 2 ** 20 });
        expect([family.name, input, exitCode === 0]).toEqual([family.name, input, ours === undefined]);
      }
    }
  });

  test("a testlib-style binary and a Python checker agree on 200 outputs", async () => {
    const judge = await openJudge({ cacheFolder: folder });
    const family = families.find(({ name }) => name === "some-order")!;
    const binary = family.checker as Extract<NonNullable<typeof family.checker>, { kind: "testlib" }>;
    const python = { kind: "python" as const, source: orderInPython };
    const [one, two] = await Promise.all(
      [binary, python].map(async (checker) => (await judge.compile(checkerProgram(checker))).executable!),
    );
    const input = "4 3\n1 2\n1 3\n3 4\n";
    const random = new Random(9);
    const tallies: Record<string, number> = {};
    for (let index = 0; index < 200; index++) {
      const order = random.shuffle(["1", "2", "3", "4"]);
      if (random.bool(0.2)) order[random.int(0, 3)] = random.choice(["0", "5", "1", "-1", "x"]);
      if (random.bool(0.1)) order.push("1");
      const texts = { input, output: order.join(random.bool() ? " " : "\n"), answer: "1 2 3 4" };
      const [a, b] = await Promise.all([checkByProgram(binary, one!, texts), checkByProgram(python, two!, texts)]);
      expect([texts.output, a.verdict]).toEqual([texts.output, b.verdict]);
      tallies[a.verdict] = (tallies[a.verdict] ?? 0) + 1;
    }
    expect(tallies.OK).toBeGreaterThan(5); // different right answers
    expect(tallies.WRONG_ANSWER).toBeGreaterThan(50);
  });
});

const constantsFor = (family: (typeof families)[number]) => family.levels?.[0] ?? { N: 8, V: 20 };

const orderInPython = `def check(input, output, answer):
    rows = [list(map(int, line.split())) for line in input.strip().split("\\n")]
    n = rows[0][0]; words = output.split()
    if sorted(words) != sorted(map(str, range(1, n + 1))): return False, "not every task once"
    place = {int(w): i for i, w in enumerate(words)}
    return all(place[u] < place[v] for u, v in rows[1:])`;
