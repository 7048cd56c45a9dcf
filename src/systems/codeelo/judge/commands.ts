/** `polymath codeelo judge`: one program, one problem, one verdict. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { UsageError } from "../../../core/errors.ts";
import { cacheFolder, type EscapeResult, openSandbox, runEscapeSuite } from "../../../sandbox/index.ts";
import { loadProblem } from "../problems/formats/load.ts";
import { type Judgement, LanguageId, type Program } from "../schemas.ts";
import { describeJudgement, describeNoise } from "./describe.ts";
import { type Judge, openJudge } from "./judge.ts";
import { languageOfFile } from "./languages.ts";
import { auditNoise, type NoiseReport } from "./noise.ts";

export const judgeOptions = z.object({
  workers: z.int().positive().optional().describe("tests at once; default one per core"),
  sandbox: z
    .enum(["native", "wasm"])
    .optional()
    .describe("wasm: Python and JavaScript without namespaces, times not comparable; default native"),
  cache: z.boolean().default(true).describe("keep verdicts and compiled programs between calls"),
});

/** The judge as commands want it; what it keeps lies in the user's cache folder. */
export function openCommandJudge({ workers, cache, sandbox }: z.output<typeof judgeOptions>): Promise<Judge> {
  return openJudge({
    wasm: sandbox === "wasm",
    ...(workers ? { workers } : {}),
    ...(cache ? { cacheFolder: judgeCache() } : {}),
  });
}

function judgeCache(): string {
  return join(cacheFolder(), "judge");
}

export const judgeCommand = defineCommand({
  name: "codeelo judge",
  summary: "Judge a program on a problem: sandboxed, by CPU time, with special checkers",
  description:
    "The problem is a folder of ours (see `polymath codeelo problems`), of Kattis, DMOJ or Polygon. Exit code 0 for OK, 1 for any other verdict.",
  examples: [
    "polymath codeelo judge solution.cpp --problem problems/best-segment-1",
    "polymath codeelo judge solution.py --problem problems/best-segment-3 --audit 5",
  ],
  args: z.tuple([z.string().meta({ label: "file" }).describe("the program")]),
  options: judgeOptions.extend({
    problem: z.string().describe("folder of the problem"),
    language: LanguageId.optional().describe("default: by the file's name"),
    allTests: z.boolean().default(false).describe("run all tests, whatever the first ones give"),
    audit: z.int().min(2).optional().describe("judge so many times and report verdicts that flip"),
  }),
  async run([file], { problem: folder, language, allTests, audit, ...options }, { signal, progress }) {
    const problem = await loadProblem(folder);
    const program = await readProgramFile(file, language);
    const judge = await openCommandJudge(options);
    if (audit) return { audit: await auditNoise(judge, problem, program, { repeatCount: audit, signal }) };
    const bar = progress({ label: problem.id, total: problem.tests.length, unit: "tests" });
    const judgement = await judge.judge(problem, program, {
      ...(allTests ? { allTests } : {}),
      signal,
      onTest: (_, index) => bar.update(index + 1),
    });
    bar.stop(judgement.verdict);
    return judgement;
  },
  print: (result) => ("audit" in result ? describeNoise(result.audit) : describeJudgement(result)),
  exitCode: (result: Judgement | { audit: NoiseReport }) => ("audit" in result || result.verdict === "OK" ? 0 : 1),
});

/** @throws UsageError where nothing tells the language */
export async function readProgramFile(file: string, given?: LanguageId): Promise<Program> {
  const language = given ?? languageOfFile(file);
  if (!language) {
    throw new UsageError(`${file}: the name does not tell the language`, { hint: "Name it: --language cpp" });
  }
  const source = await readFile(file, "utf8").catch((cause) => {
    throw new UsageError(`${file}: ${cause.code === "ENOENT" ? "no such file" : cause.message}`, { cause });
  });
  return { language, source, files: {} };
}

interface SelfTest {
  sandbox: string;
  uid: number;
  results: EscapeResult[];
}

export const selfTestCommand = defineCommand({
  name: "codeelo self-test",
  summary: "Let forty programs try to break out of the sandbox, and say of each whether it was held",
  description: "Network, bombs, links, /proc, signals, privileges and more. Exit code 1 when one got anything.",
  examples: ["polymath codeelo self-test", "polymath codeelo self-test --launcher unshare --json"],
  options: z.object({
    launcher: z.enum(["bubblewrap", "unshare"]).optional().describe("default: the first that works"),
  }),
  async run(_, { launcher }): Promise<SelfTest> {
    const sandbox = await openSandbox(launcher ? { launcher } : {});
    return { sandbox: sandbox.description, uid: sandbox.report.uid, results: await runEscapeSuite(sandbox) };
  },
  print: ({ sandbox, uid, results }) => {
    const rows = results.map(
      ({ name, contained, status, detail }) =>
        `${contained ? "held   " : "ESCAPED"} ${name.padEnd(20)} ${status}${detail ? `: ${detail}` : ""}`,
    );
    const held = results.filter(({ contained }) => contained).length;
    return [...rows, "", `${held} of ${results.length} held by ${sandbox}, programs as user ${uid}`].join("\n");
  },
  exitCode: ({ results }) => (results.every(({ contained }) => contained) ? 0 : 1),
});
