/**
 * Kattis problem packages: problem.yaml, data/sample and data/secret with .in and .ans, output_validators,
 * submissions. Source: the Kattis problem package format, legacy and 2023-07.
 */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { asMap, type YamlMap } from "../../../../core/yaml.ts";
import type { Checker, KnownProgram, Problem, TestCase, Verdict } from "../../schemas.ts";
import { checkProblem, listFiles, listFolders, readProgram } from "./common.ts";
import { readText } from "./folder.ts";
import { readYaml } from "./yaml.ts";

const expectedBy: Record<string, Verdict[]> = {
  accepted: ["OK"],
  wrong_answer: ["WRONG_ANSWER"],
  time_limit_exceeded: ["TIME_LIMIT_EXCEEDED"],
  run_time_error: ["RUNTIME_ERROR"],
  partially_accepted: ["WRONG_ANSWER"],
};

export async function readKattis(folder: string): Promise<Problem> {
  const file = join(folder, "problem.yaml");
  const yaml = await readYaml(folder, "problem.yaml");
  const limits = asMap(yaml.limits);
  const [validator, isInteractive, notes] = await readValidator(folder, yaml);
  const tests = [...(await readTests(folder, "data/sample", true)), ...(await readTests(folder, "data/secret", false))];
  const name = typeof yaml.name === "object" && yaml.name ? asMap(yaml.name).en : yaml.name;
  const seconds = Number(limits.time_limit ?? (await readTimeLimit(folder)) ?? 2);
  if (limits.time_limit === undefined && !existsSync(join(folder, ".timelimit"))) {
    notes.push("the package sets no time limit: 2 s");
  }
  return checkProblem(file, {
    id: basename(folder),
    title: String(name ?? basename(folder)),
    statement: await readStatement(folder),
    timeLimitMs: 1000 * seconds,
    memoryLimitMb: Number(limits.memory ?? 1024),
    outputLimitMb: Number(limits.output ?? 8),
    tests,
    checker: isInteractive ? undefined : validator,
    ...(isInteractive && validator.kind === "kattis"
      ? { interactor: { kind: "kattis", program: validator.program } }
      : {}),
    solutions: await readSubmissions(folder),
    notes,
  });
}

/** The default validator compares words; its flags make numbers tolerant or spaces count. */
async function readValidator(
  folder: string,
  yaml: YamlMap,
): Promise<[checker: Checker, isInteractive: boolean, notes: string[]]> {
  const flags = String(yaml.validator_flags ?? "")
    .split(/\s+/)
    .filter(Boolean);
  const words = `${yaml.validation ?? ""} ${[yaml.type].flat().join(" ")}`;
  const isInteractive = words.includes("interactive");
  const folders = (await listFolders(folder, "output_validators")).map((name) => `output_validators/${name}`);
  for (const place of [...folders, "output_validators", "output_validator"]) {
    const source = (await listFiles(folder, place)).find((name) => /\.(c|cpp|cc|cxx|py|java)$/.test(name));
    if (!source) continue;
    return [{ kind: "kattis", program: await readProgram(folder, `${place}/${source}`), flags }, isInteractive, []];
  }
  const value = (names: string[]) => {
    const at = flags.findIndex((flag) => names.includes(flag));
    return at === -1 ? undefined : Number(flags[at + 1]);
  };
  const both = value(["float_tolerance"]);
  const absolute = value(["float_absolute_tolerance"]) ?? both;
  const relative = value(["float_relative_tolerance"]) ?? both;
  const notes = words.includes("custom") ? ["the package names a validator and has none: words are compared"] : [];
  if (absolute !== undefined || relative !== undefined) {
    return [{ kind: "float", absolute: absolute ?? 0, relative: relative ?? 0 }, false, notes];
  }
  if (flags.includes("space_change_sensitive")) return [{ kind: "exact" }, false, notes];
  return [{ kind: "tokens", caseSensitive: flags.includes("case_sensitive") }, false, notes];
}

async function readTests(folder: string, path: string, isSample: boolean): Promise<TestCase[]> {
  const groups = await listFolders(folder, path);
  const inner = await Promise.all(groups.map((group) => readTests(folder, `${path}/${group}`, isSample)));
  const inputs = (await listFiles(folder, path)).filter((name) => name.endsWith(".in"));
  const own = inputs.map(async (name): Promise<TestCase> => {
    const stem = `${path}/${name.slice(0, -3)}`;
    const answer = existsSync(join(folder, `${stem}.ans`)) ? await readText(folder, `${stem}.ans`) : "";
    return {
      name: stem.slice("data/".length).replaceAll("/", "-"),
      input: await readText(folder, `${stem}.in`),
      answer,
      isSample,
    };
  });
  return [...(await Promise.all(own)), ...inner.flat()];
}

async function readTimeLimit(folder: string): Promise<string | undefined> {
  return existsSync(join(folder, ".timelimit")) ? (await readText(folder, ".timelimit")).trim() : undefined;
}

async function readStatement(folder: string): Promise<string> {
  for (const place of ["problem_statement", "statement"]) {
    const names = await listFiles(folder, place);
    const name = ["problem.en.md", "problem.md", "problem.en.tex", "problem.tex"].find((known) =>
      names.includes(known),
    );
    if (name) return readText(folder, `${place}/${name}`);
  }
  return "";
}

async function readSubmissions(folder: string): Promise<KnownProgram[]> {
  const solutions: KnownProgram[] = [];
  for (const [kind, expected] of Object.entries(expectedBy)) {
    for (const name of await listFiles(folder, `submissions/${kind}`)) {
      if (!/\.(c|cpp|cc|cxx|py|java|js)$/.test(name)) continue;
      solutions.push({
        name: `${kind}-${name}`,
        program: await readProgram(folder, `submissions/${kind}/${name}`),
        expected,
        fault: kind,
      });
    }
  }
  return solutions;
}
