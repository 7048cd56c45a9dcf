/**
 * Our own problem folder, which people can read and edit:
 *   problem.json    everything but the texts below; programs are named by their files
 *   statement.md
 *   tests/NAME.in, tests/NAME.ans
 *   checker.*, interactor.*, validator.*, generator.*, solutions/NAME.*
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeFileAtomic, writeJsonAtomic } from "../../../../core/atomic.ts";
import { DataError } from "../../../../core/errors.ts";
import { readJson } from "../../../../core/json.ts";
import { validate } from "../../../../core/schema.ts";
import { type Checker, type LanguageId, Problem, type Program } from "../../schemas.ts";

const extensions: Record<LanguageId, string> = { c: "c", cpp: "cpp", python: "py", javascript: "js", java: "java" };

/** A program by its file: what stands in problem.json in place of a source. */
type FileProgram = Omit<Program, "source"> & { file: string };

export async function writeProblem(folder: string, problem: Problem): Promise<void> {
  const texts: [path: string, text: string][] = [["statement.md", problem.statement]];
  const save = (name: string, program: Program): FileProgram => {
    const { source, ...rest } = program;
    const file = `${name}.${extensions[program.language]}`;
    texts.push([file, source]);
    return { ...rest, file };
  };
  const { statement: _, tests, checker, interactor, validator, generator, solutions, ...rest } = problem;
  for (const { name, input, answer } of tests) texts.push([`tests/${name}.in`, input], [`tests/${name}.ans`, answer]);
  const manifest = {
    ...rest,
    checker: saveChecker(checker, save),
    ...(interactor ? { interactor: { ...interactor, program: save("interactor", interactor.program) } } : {}),
    ...(validator ? { validator: save("validator", validator) } : {}),
    ...(generator ? { generator: save("generator", generator) } : {}),
    solutions: solutions.map((known) => ({ ...known, program: save(`solutions/${known.name}`, known.program) })),
    tests: tests.map(({ input: _input, answer: _answer, ...test }) => test),
  };
  for (const [path, text] of texts) await writeFileAtomic(join(folder, path), text);
  await writeJsonAtomic(join(folder, "problem.json"), manifest); // last: a folder with it is whole
}

function saveChecker(checker: Checker, save: (name: string, program: Program) => FileProgram): unknown {
  if (checker.kind === "testlib" || checker.kind === "kattis") {
    return { ...checker, program: save("checker", checker.program) };
  }
  if (checker.kind === "python" || checker.kind === "javascript") {
    return {
      kind: checker.kind,
      file: save("checker", { language: checker.kind, source: checker.source, files: {} }).file,
    };
  }
  return checker;
}

const Manifest = z.looseObject({ tests: z.array(z.looseObject({ name: z.string() })) });

/** @throws DataError naming the file and the field, or the file that is missing */
export async function readProblem(folder: string): Promise<Problem> {
  const file = join(folder, "problem.json");
  const manifest = (await withSources(folder, await readJson(file, Manifest))) as z.output<typeof Manifest>;
  const statement = existsSync(join(folder, "statement.md")) ? await readText(folder, "statement.md") : "";
  const tests = await Promise.all(
    manifest.tests.map(async (test) => ({
      input: await readText(folder, `tests/${test.name}.in`),
      answer: await readText(folder, `tests/${test.name}.ans`),
      ...test,
    })),
  );
  const result = validate(Problem, { ...manifest, statement, tests });
  if ("problem" in result) throw new DataError(`${file}: ${result.problem.message}`, { hint: result.problem.hint });
  return result.value;
}

/** Puts sources in the place of `file`, wherever it stands. */
async function withSources(folder: string, value: unknown): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((item) => withSources(folder, item)));
  if (typeof value !== "object" || value === null) return value;
  const entries = await Promise.all(
    Object.entries(value).map(
      async ([name, inner]): Promise<[string, unknown]> =>
        name === "file" && typeof inner === "string"
          ? ["source", await readText(folder, inner)]
          : [name, await withSources(folder, inner)],
    ),
  );
  return Object.fromEntries(entries);
}

/** A text file of the folder; nothing outside of it. @throws DataError */
export async function readText(folder: string, path: string): Promise<string> {
  if (path.startsWith("/") || path.split("/").includes("..")) {
    throw new DataError(`${folder}: the file "${path}" lies outside the problem's folder`);
  }
  return readFile(join(folder, path), "utf8").catch((cause) => {
    throw new DataError(`${join(folder, path)}: ${cause.code === "ENOENT" ? "no such file" : cause.message}`, {
      cause,
    });
  });
}
