/** Real programs on small problems; skipped, with the reason, where sandbox or language are missing. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, suite, test } from "vitest";
import { probeSandbox } from "../../../sandbox/index.ts";
import { openR1Checker } from "../datasets/open-r1-checker.ts";
import { buildProblem } from "../problems/build.ts";
import { families } from "../problems/catalog/index.ts";
import { cppProgram } from "../problems/mutants.ts";
import { stressProgram } from "../problems/stress.ts";
import { tellTruth } from "../problems/truth.ts";
import { LanguageId, Problem, type Verdict } from "../schemas.ts";
import { type Judge, openJudge } from "./judge.ts";
import { findLanguage, languageNames } from "./languages.ts";
import { auditNoise } from "./noise.ts";

const { report } = await probeSandbox();
const found = await Promise.all(
  LanguageId.options.map(async (id) => [id, report.ok && !!(await findLanguage(id))] as const),
);
const has = Object.fromEntries(found) as Record<LanguageId, boolean>;
const lacking = found.filter(([, there]) => !there).map(([id]) => languageNames[id]);
if (!report.ok) console.info(`judge: ${report.missing[0]!.what}, so the tests that judge are skipped`);
else if (lacking.length > 0) console.info(`judge: no ${lacking.join(", ")} here, so their tests are skipped`);

const folder = await mkdtemp(join(tmpdir(), "judge-"));
afterAll(() => rm(folder, { recursive: true }));
const judge = report.ok ? await openJudge({ cacheFolder: folder }) : (undefined as unknown as Judge);

const sum = Problem.parse({
  id: "sum",
  timeLimitMs: 400,
  memoryLimitMb: 64,
  outputLimitMb: 1,
  tests: [
    { name: "1", input: "1 2\n", answer: "3\n" },
    { name: "2", input: "-5 5\n", answer: "0\n" },
  ],
});
const program = (language: LanguageId, source: string) => ({ language, source, files: {} });

suite.skipIf(!report.ok)("verdicts", () => {
  const right: Record<LanguageId, string> = {
    c: '#include <stdio.h>\nint main() { int a, b; scanf("%d %d", &a, &b); printf("%d", a + b); }',
    cpp: "#include <iostream>\nint main() { int a, b; std::cin >> a >> b; std::cout << a + b; }",
    python: "print(sum(map(int, input().split())))",
    javascript:
      'const [a, b] = require("fs").readFileSync("/dev/stdin", "utf8").split(" ").map(Number); console.log(a + b);',
    java: "import java.util.*; class Sum { public static void main(String[] args) { Scanner s = new Scanner(System.in); System.out.println(s.nextInt() + s.nextInt()); } }",
  };
  test.each(LanguageId.options.filter((id) => has[id]))("OK in %s, with the tool's version", async (id) => {
    const generous = { ...sum, timeLimitMs: 5000 }; // a busy machine slows the start of a virtual machine
    const judgement = await judge.judge(generous, program(id, right[id]));
    expect(judgement).toMatchObject({ verdict: "OK", failedTest: null, points: 1 });
    expect(judgement.stamp.version).toMatch(/\d+\.\d+/);
  });
  test.skipIf(!has.python).each<[string, Verdict, string]>([
    ["a wrong sum", "WRONG_ANSWER", "a, b = map(int, input().split()); print(abs(a) + b)"],
    ["an exception", "RUNTIME_ERROR", "input(); print(1 // 0)"],
    ["a syntax error", "COMPILATION_ERROR", "print((1)"],
    ["an endless loop", "TIME_LIMIT_EXCEEDED", "while True: pass"],
    ["a sleeper", "IDLENESS_LIMIT_EXCEEDED", "import time; time.sleep(100)"],
    ["a hog", "MEMORY_LIMIT_EXCEEDED", "a = []\nwhile True: a.append(b'x' * 1000000)"],
    ["a flood", "OUTPUT_LIMIT", "while True: print('x' * 100000)"],
    [
      "an attack",
      "SECURITY_VIOLATED",
      "import ctypes, os; ctypes.CDLL(None).syscall(169 if os.uname().machine == 'x86_64' else 142, 1, 2, 3, 0)",
    ],
  ])("%s: %s", async (_, verdict, source) => {
    expect((await judge.judge(sum, program("python", source))).verdict).toBe(verdict);
  });
  test.skipIf(!has.python)("after the first failure tests are skipped, unless all are asked for", async () => {
    const wrong = program("python", "print(7)");
    expect((await judge.judge(sum, wrong)).tests.map(({ verdict }) => verdict)).toEqual(["WRONG_ANSWER", "SKIPPED"]);
    const all = await judge.judge(sum, wrong, { allTests: true });
    expect(all.tests.map(({ verdict }) => verdict)).toEqual(["WRONG_ANSWER", "WRONG_ANSWER"]);
  });
  test.skipIf(!has.python)("a judgement comes from the cache, also in another judge", async () => {
    const first = await judge.judge(sum, program("python", right.python));
    const again = await (await openJudge({ sandbox: judge.sandbox, cacheFolder: folder })).judge(
      sum,
      program("python", right.python),
    );
    expect(again).toEqual(first); // times included: nothing was run
    expect((await readdir(join(folder, "verdicts"))).length).toBeGreaterThan(0);
  });
  test.skipIf(!has.python)(
    "a program that is being judged is not judged beside itself, unless asked for afresh",
    async () => {
      const same = program("python", `${right.python} # twice`);
      const ended: string[] = [];
      const call = { onTest: ({ test }: { test: string }) => void ended.push(test) };
      const all = await Promise.all([1, 2, 3].map(() => judge.judge(sum, same, call)));
      expect(ended).toEqual(["1", "2"]);
      expect(all).toEqual([all[0], all[0], all[0]]);
      await Promise.all([1, 2].map(() => judge.judge(sum, same, { ...call, fresh: true })));
      expect(ended.length).toBe(6);
    },
  );
  test.skipIf(!has.python)("who waits for a judgement that another's signal stops, judges it himself", async () => {
    const same = program("python", `import time; time.sleep(0.2); ${right.python}`);
    const stop = new AbortController();
    const stopped = judge.judge(sum, same, { signal: stop.signal, onTest: () => stop.abort(new Error("stop")) });
    const waiting = judge.judge(sum, same);
    await expect(stopped).rejects.toThrow("stop");
    expect((await waiting).verdict).toBe("OK");
  });
  test.skipIf(!has.python)("a checker of open-r1's convention runs in the sandbox", async () => {
    const source = "import sys\nprint(int(sorted(open(sys.argv[2]).read()) == sorted(open(sys.argv[3]).read())))";
    const backwards = { ...sum, id: "open-r1", tests: [{ ...sum.tests[0]!, answer: "12\n" }] };
    const verdictOf = async (output: string) => {
      const problem = { ...backwards, checker: openR1Checker(source) };
      return (await judge.judge(problem, program("python", `print(${output})`))).verdict;
    };
    expect([await verdictOf("21"), await verdictOf("22")]).toEqual(["OK", "WRONG_ANSWER"]);
  });
  test.skipIf(!has.python)("a checker that breaks is our fault, and is not kept", async () => {
    const broken = {
      ...sum,
      id: "broken",
      checker: { kind: "python" as const, source: "def check(i, o, a): return 1 / 0" },
    };
    const judgement = await judge.judge(broken, program("python", right.python));
    expect(judgement.verdict).toBe("FAILED");
    expect(judgement.tests[0]!.message).toContain("ZeroDivisionError");
    const missing = { ...broken, checker: { kind: "python" as const, source: "def check(: pass" } };
    expect((await judge.judge(missing, program("python", right.python))).tests[0]!.message).toContain(
      "the checker does not compile",
    );
  });
  test.skipIf(!has.python)("files in place of standard input and output", async () => {
    const withFiles = { ...sum, id: "files", ioFiles: { input: "sum.in", output: "sum.out" } };
    const solve = "a, b = map(int, open('sum.in').read().split())\nopen('sum.out', 'w').write(str(a + b))";
    const verdictOf = async (source: string) => (await judge.judge(withFiles, program("python", source))).verdict;
    expect(await verdictOf(solve)).toBe("OK");
    expect(await verdictOf(solve.replace("a + b", "a - b"))).toBe("WRONG_ANSWER");
    expect(await verdictOf(solve.replace("sum.out", "other"))).toBe("WRONG_ANSWER");
    expect(await verdictOf(right.python)).toBe("RUNTIME_ERROR"); // there is nothing on standard input
  });
  test.skipIf(!has.python)("the audit counts verdicts that flip", async () => {
    const coin = program(
      "python",
      "import random, sys\na, b = map(int, input().split())\nprint(a + b + (random.random() < 0.5 if a > 0 else 0))",
    );
    const { flipped, testCount } = await auditNoise(judge, sum, coin, { repeatCount: 12 });
    expect([flipped.map(({ test }) => test), testCount]).toEqual([["1"], 2]);
  });
});

suite.skipIf(!has.python || !has.cpp)("families", () => {
  const family = (name: string) => families.find((each) => each.name === name)!;
  test.each(["some-order", "guess-number"])("%s: some known programs of each kind get right verdicts", async (name) => {
    const problem = await buildProblem(judge, family(name), 1, 1);
    const kinds = ["reference", "off-by-one", "wrong-order", "crash", "does-not-compile"]; // the truth suites judge all
    const solutions = problem.solutions.filter(({ fault }) => kinds.includes(fault));
    const { pairs, falseAccepts, falseRejects, misnamed } = await tellTruth(judge, [{ ...problem, solutions }]);
    expect([falseAccepts, falseRejects, misnamed]).toEqual([[], [], []]);
    expect(pairs.length).toBeGreaterThan(4);
  });
  test("an interactive talk is kept, and a deadlock is idleness", async () => {
    const problem = await buildProblem(judge, family("guess-number"), 1, 1);
    const deaf = problem.solutions.find(({ name }) => name.startsWith("wrong-format"))!;
    const judgement = await judge.judge(problem, deaf.program);
    expect(judgement).toMatchObject({ verdict: "IDLENESS_LIMIT_EXCEEDED" });
    const first = judgement.tests.find(({ verdict }) => verdict !== "OK")!;
    expect(first.transcript?.[0]).toMatchObject({ from: "interactor" });
  });
  test("stress finds a small input", async () => {
    const wrong = cppProgram(family("longest-run").cpp.replace("run > best", "run >= best"));
    const { difference } = await stressProgram(judge, family("longest-run"), wrong, { count: 40, seed: 2 });
    expect(difference!.input.length).toBeLessThan(20);
    expect(difference!.message).toContain("expected");
    expect(
      (await stressProgram(judge, family("longest-run"), cppProgram(family("longest-run").cpp), { count: 6 }))
        .difference,
    ).toBeNull();
    await expect(stressProgram(judge, family("longest-run"), program("python", "print(("))).rejects.toThrow(
      "the program does not compile",
    );
  });
});

test("in WebAssembly verdicts are the same, and marked as not comparable", async () => {
  const wasm = await openJudge({ wasm: true, workers: 1 });
  const right = "const [a, b] = readline().split(' ').map(Number); console.log(a + b);";
  const judgement = await wasm.judge(sum, program("javascript", right));
  expect(judgement).toMatchObject({ verdict: "OK", stamp: { sandbox: "wasm", isComparable: false } });
  expect((await wasm.judge(sum, program("javascript", "console.log(7)"))).verdict).toBe("WRONG_ANSWER");
  await expect(wasm.judge(sum, program("cpp", "int main() {}"))).rejects.toThrow("not C++");
});
