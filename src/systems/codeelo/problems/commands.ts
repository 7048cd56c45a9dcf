/** `polymath codeelo problems` and `polymath codeelo stress`: the archive that ships as a catalogue, and hunting bugs with it. */
import { join, resolve } from "node:path";
import { z } from "zod";
import { type CommandContext, defineCommand } from "../../../core/command.ts";
import { UsageError } from "../../../core/errors.ts";
import { closest } from "../../../core/schema.ts";
import { judgeOptions, openCommandJudge, readProgramFile } from "../judge/commands.ts";
import type { Judge } from "../judge/judge.ts";
import { LanguageId, type Problem } from "../schemas.ts";
import { buildProblem, makeInputs } from "./build.ts";
import { families } from "./catalog/index.ts";
import { type Family, type Level, levels } from "./family.ts";
import { writeProblem } from "./formats/folder.ts";
import { knownPrograms } from "./mutants.ts";
import { type StressResult, stressProgram } from "./stress.ts";
import { type TruthPair, tellTruth } from "./truth.ts";

interface ProblemRow {
  problem: string;
  title: string;
  tags: string[];
  testCount: number;
  programCount: number;
  folder: string | null;
}

/** What judging the known programs gave. */
interface Check {
  pairCount: number;
  falseAccepts: TruthPair[];
  falseRejects: TruthPair[];
  misnamed: TruthPair[];
}

export const problemsCommand = defineCommand({
  name: "codeelo problems",
  summary: "List the problem families, or write them as an archive with tests, checkers and known programs",
  description:
    "Without --out it lists. The same seed gives the same archive on every machine. --check judges every known program of each problem and says where the verdict is not the right one.",
  examples: [
    "polymath codeelo problems",
    "polymath codeelo problems --out problems --seed 7",
    "polymath codeelo problems --out problems --families knapsack,maze --check",
  ],
  options: judgeOptions.extend({
    out: z.string().optional().describe("folder for the archive"),
    families: z.string().optional().describe("names, with commas; default all"),
    seed: z.int().nonnegative().default(0).describe("seed of the tests"),
    check: z.boolean().default(false).describe("judge the known programs too"),
  }),
  async run(_, { out, families: names, seed, check, ...options }, { progress, signal }) {
    const chosen = chooseFamilies(names);
    if (!out && !check)
      return { rows: chosen.flatMap((family) => levels.map((level) => listProblem(family, level, seed))) };
    const judge = await openCommandJudge(options);
    const bar = progress({ label: "make problems", total: chosen.length * levels.length, unit: "problems" });
    const rows: ProblemRow[] = [];
    const problems: Problem[] = [];
    for (const family of chosen) {
      for (const level of levels) {
        signal.throwIfAborted();
        const problem = await buildProblem(judge, family, level, seed);
        const folder = out ? resolve(join(out, problem.id)) : null;
        if (folder) await writeProblem(folder, problem);
        problems.push(problem);
        rows.push({ ...listProblem(family, level, seed), folder });
        bar.update(rows.length);
      }
    }
    bar.stop();
    return check ? { rows, check: await checkProblems(judge, problems, { progress, signal }) } : { rows };
  },
  print: ({ rows, check }: ProblemList) => {
    const lines = rows.map(({ problem, title, testCount, programCount }) =>
      [problem.padEnd(24), title.padEnd(34), `${testCount} tests, ${programCount} known programs`].join(" "),
    );
    return check ? [...lines, "", ...describeCheck(check)].join("\n") : lines.join("\n");
  },
  exitCode: ({ check }: ProblemList) => (check && wrongPairs(check).length > 0 ? 1 : 0),
});

interface ProblemList {
  rows: ProblemRow[];
  check?: Check;
}

const wrongPairs = ({ falseAccepts, falseRejects, misnamed }: Check) => [...falseAccepts, ...falseRejects, ...misnamed];

/** All in one call: programs that sleep wait beside each other and not after each other. */
async function checkProblems(
  judge: Judge,
  problems: readonly Problem[],
  { progress, signal }: Pick<CommandContext, "progress" | "signal">,
): Promise<Check> {
  const total = problems.reduce((sum, { solutions }) => sum + solutions.length, 0);
  const bar = progress({ label: "judge known programs", total, unit: "programs" });
  let done = 0;
  const truth = await tellTruth(judge, problems, { signal, onPair: () => bar.update(++done) });
  bar.stop();
  const { falseAccepts, falseRejects, misnamed } = truth;
  return { pairCount: truth.pairs.length, falseAccepts, falseRejects, misnamed };
}

function describeCheck(check: Check): string[] {
  const { pairCount, falseAccepts, falseRejects, misnamed } = check;
  return [
    `${pairCount.toLocaleString("en")} known programs judged: ${falseAccepts.length} wrong ones accepted, ` +
      `${falseRejects.length} right ones rejected, ${misnamed.length} rejected for a reason that is not theirs`,
    ...wrongPairs(check).map(({ problem, program, verdict, message }) =>
      `  ${problem}: ${program}: ${verdict} ${message}`.trimEnd(),
    ),
  ];
}

function listProblem(family: Family, level: Level, seed: number): ProblemRow {
  return {
    problem: `${family.name}-${level}`,
    title: family.title,
    tags: family.tags,
    testCount: makeInputs(family, level, seed).length,
    programCount: knownPrograms(family, level).length,
    folder: null,
  };
}

function chooseFamilies(names: string | undefined): readonly Family[] {
  return names ? names.split(",").map(findFamily) : families;
}

/** @throws UsageError naming the nearest family */
export function findFamily(name: string): Family {
  const family = families.find((each) => each.name === name.trim());
  if (family) return family;
  const meant = closest(
    name,
    families.map((each) => each.name),
  );
  throw new UsageError(`No family "${name}"`, {
    hint: meant ? `Did you mean "${meant}"?` : "`polymath codeelo problems` lists them.",
  });
}

export const stressCommand = defineCommand({
  name: "codeelo stress",
  summary: "Hunt for a small input on which a program and a slow but right one disagree",
  examples: [
    "polymath codeelo stress solution.cpp --family longest-run",
    "polymath codeelo stress solution.py --family knapsack --count 1000",
  ],
  args: z.tuple([z.string().meta({ label: "file" }).describe("the program")]),
  options: judgeOptions.extend({
    family: z.string().describe("family whose inputs and brute force are used"),
    language: LanguageId.optional().describe("default: by the file's name"),
    count: z.int().positive().default(200).describe("inputs to try"),
    seed: z.int().nonnegative().default(0).describe("seed of the inputs"),
  }),
  async run([file], { family: name, language, count, seed, ...options }, { signal }) {
    const family = findFamily(name);
    if (family.interactor) throw new UsageError(`"${name}" is interactive: there is no output to compare`);
    const program = await readProgramFile(file, language);
    return stressProgram(await openCommandJudge(options), family, program, { count, seed, signal });
  },
  print: ({ inputCount, difference }: StressResult) =>
    difference
      ? `They differ: ${difference.message}\n\nInput:\n${difference.input}\nOutput:\n${difference.output}\nAnswer:\n${difference.answer}`
      : `No difference on ${inputCount} different inputs`,
  exitCode: ({ difference }: StressResult) => (difference ? 1 : 0),
});
