/**
 * DMOJ problem folders: init.yml with test cases, batches and a checker. Cases inside a zip archive are unpacked by the
 * user first. Source: DMOJ's problem format documentation.
 */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { DataError } from "../../../../core/errors.ts";
import { asMap, type YamlValue } from "../../../../core/yaml.ts";
import type { Checker, Problem, Subtask, TestCase } from "../../schemas.ts";
import { checkProblem, readProgram } from "./common.ts";
import { readText } from "./folder.ts";
import { readYaml } from "./yaml.ts";

export async function readDmoj(folder: string): Promise<Problem> {
  const file = join(folder, "init.yml");
  const init = await readYaml(folder, "init.yml");
  const cases = Array.isArray(init.test_cases) ? init.test_cases : [];
  if (cases.length === 0) throw new DataError(`${file}: test_cases: missing, expected a list`);
  const first = asMap(cases[0]);
  const sample = String(first.in ?? asMap(Array.isArray(first.batched) ? first.batched[0] : null).in ?? "");
  if (init.archive && !existsSync(join(folder, sample))) {
    throw new DataError(`${file}: the tests are packed in ${init.archive}`, {
      hint: `Unpack it there: unzip ${init.archive}`,
    });
  }
  const [tests, subtasks] = await readCases(folder, file, cases);
  const grader = asMap(init.custom_judge ? { custom: init.custom_judge } : (init.interactive ?? null));
  const notes = Object.keys(grader).length ? ["the folder has a grader of its own, which is not read"] : [];
  if (init.time_limit === undefined) notes.push("the folder sets no limits: 2 s, 256 MB");
  const [checker, checkerNote] = await readChecker(folder, init.checker ?? null);
  return checkProblem(file, {
    id: basename(folder),
    title: basename(folder),
    statement: existsSync(join(folder, "statement.md")) ? await readText(folder, "statement.md") : "",
    timeLimitMs: 1000 * Number(init.time_limit ?? 2),
    memoryLimitMb: Math.max(1, Number(init.memory_limit ?? 262144) / 1024),
    tests,
    subtasks,
    checker,
    notes: [...notes, ...checkerNote],
  });
}

/** A case alone is a subtask of one test; a batch gives its points for all or nothing. */
async function readCases(folder: string, file: string, cases: YamlValue[]): Promise<[TestCase[], Subtask[]]> {
  const tests: TestCase[] = [];
  const subtasks: Subtask[] = [];
  for (const [index, value] of cases.entries()) {
    const group = asMap(value);
    const name = `${index + 1}`;
    const points = Number(group.points ?? 0);
    const requires = [group.dependencies ?? []].flat().map(String);
    subtasks.push({ name, points, scoring: "all", requires });
    const batch = Array.isArray(group.batched) ? group.batched.map(asMap) : [group];
    for (const [place, { in: input, out: answer }] of batch.entries()) {
      if (typeof input !== "string")
        throw new DataError(`${file}: test_cases[${index}]: in: missing, expected a file name`);
      tests.push({
        name: batch.length > 1 || group.batched ? `${name}.${place + 1}` : name,
        input: await readText(folder, input),
        answer: typeof answer === "string" ? await readText(folder, answer) : "",
        isSample: points === 0,
        subtask: name,
      });
    }
  }
  return [tests, subtasks];
}

async function readChecker(folder: string, value: YamlValue): Promise<[Checker, string[]]> {
  const name = typeof value === "string" ? value : String(asMap(value).name ?? "standard");
  const args = asMap(asMap(value).args);
  const precision = 10 ** -Number(args.precision ?? 6);
  switch (name) {
    case "standard":
      return [{ kind: "tokens", caseSensitive: true }, []];
    case "easy":
      return [{ kind: "tokens", caseSensitive: false }, []];
    case "identical":
      return [{ kind: "exact" }, []];
    case "linecount":
    case "rstripped":
      return [{ kind: "lines" }, []];
    case "floats":
    case "floatsabs":
    case "floatsrel": {
      const mode =
        args.error_mode ?? (name === "floatsabs" ? "absolute" : name === "floatsrel" ? "relative" : "default");
      const absolute = mode === "relative" ? 0 : precision;
      return [{ kind: "float", absolute, relative: mode === "absolute" ? 0 : precision }, []];
    }
    case "bridged": {
      const files = [args.files ?? []].flat().map(String);
      const main = files.find((path) => !path.endsWith(".h")) ?? "checker.cpp";
      const program = await readProgram(folder, main);
      return args.type === "testlib" || !args.type
        ? [{ kind: "testlib", program }, []]
        : [
            { kind: "kattis", program, flags: [] },
            [`the checker is of type ${args.type}; it is run as a Kattis validator`],
          ];
    }
    default:
      // A Python file with check(process_output, judge_output, **kwargs).
      if (name.endsWith(".py") && existsSync(join(folder, name))) {
        const bridge =
          "def _theirs_to_ours(f):\n    def g(input, output, answer):\n        r = f(output.encode(), answer.encode(), judge_input=input.encode(), point_value=1)\n        return (r.passed, getattr(r, 'feedback', '') or '') if hasattr(r, 'passed') else bool(r)\n    return g\ncheck = _theirs_to_ours(check)\n";
        return [{ kind: "python", source: `${await readText(folder, name)}\n${bridge}` }, []];
      }
      return [{ kind: "tokens", caseSensitive: true }, [`the checker "${name}" is not known here: words are compared`]];
  }
}
