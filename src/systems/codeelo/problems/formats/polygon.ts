/**
 * Polygon packages (the full kind, with tests written out): problem.xml, tests/NN and NN.a, files/ with checker,
 * interactor and testlib.h, solutions/. Source: packages exported by Polygon.
 */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { DataError } from "../../../../core/errors.ts";
import { languageOfFile } from "../../judge/languages.ts";
import type { Checker, KnownProgram, Problem, Verdict } from "../../schemas.ts";
import { checkProblem, readProgram } from "./common.ts";
import { readText } from "./folder.ts";

const expectedByTag: Record<string, Verdict[]> = {
  main: ["OK"],
  accepted: ["OK"],
  "wrong-answer": ["WRONG_ANSWER"],
  "presentation-error": ["PRESENTATION_ERROR", "WRONG_ANSWER"],
  "time-limit-exceeded": ["TIME_LIMIT_EXCEEDED"],
  "time-limit-exceeded-or-accepted": ["TIME_LIMIT_EXCEEDED", "OK"],
  "time-limit-exceeded-or-memory-limit-exceeded": ["TIME_LIMIT_EXCEEDED", "MEMORY_LIMIT_EXCEEDED"],
  "memory-limit-exceeded": ["MEMORY_LIMIT_EXCEEDED"],
  rejected: ["WRONG_ANSWER", "TIME_LIMIT_EXCEEDED", "MEMORY_LIMIT_EXCEEDED", "RUNTIME_ERROR", "PRESENTATION_ERROR"],
};

export async function readPolygon(folder: string): Promise<Problem> {
  const file = join(folder, "problem.xml");
  const xml = await readText(folder, "problem.xml");
  const testset =
    elements(xml, "testset").find(({ attributes }) => attributes.name === "tests") ?? elements(xml, "testset")[0];
  if (!testset) throw new DataError(`${file}: it has no testset`);
  const number = (name: string) => Number(elements(testset.inner, name)[0]?.inner ?? Number.NaN);
  const [inputPattern = "tests/%02d", answerPattern = "tests/%02d.a"] = [
    "input-path-pattern",
    "answer-path-pattern",
  ].map((name) => elements(testset.inner, name)[0]?.inner);
  const listed = elements(elements(testset.inner, "tests")[0]?.inner ?? "", "test");
  const tests = await Promise.all(
    listed.map(async ({ attributes }, index) => {
      const place = fill(inputPattern, index + 1);
      if (!existsSync(join(folder, place))) {
        throw new DataError(`${join(folder, place)}: no such file; the package has no written tests`, {
          hint: "Export the full package, or run its doall.sh.",
        });
      }
      const answer = fill(answerPattern, index + 1);
      return {
        name: `${index + 1}`.padStart(2, "0"),
        input: await readText(folder, place),
        answer: existsSync(join(folder, answer)) ? await readText(folder, answer) : "",
        isSample: attributes.sample === "true",
        ...(attributes.group ? { subtask: attributes.group } : {}),
      };
    }),
  );
  const notes: string[] = [];
  const interactor = sourceOf(elements(xml, "interactor")[0]?.inner);
  const groups = elements(testset.inner, "group").map(({ attributes, inner }) => ({
    name: attributes.name ?? "",
    points: Number(attributes.points ?? 0),
    scoring: attributes["points-policy"] === "each-test" ? "sum" : "all",
    requires: elements(inner, "dependency").map((dependency) => dependency.attributes.group ?? ""),
  }));
  const { "input-file": inputFile, "output-file": outputFile } = elements(xml, "judging")[0]?.attributes ?? {};
  return checkProblem(file, {
    id: elements(xml, "problem")[0]?.attributes["short-name"] ?? basename(folder),
    title: elements(xml, "name")[0]?.attributes.value ?? basename(folder),
    timeLimitMs: number("time-limit") || 2000,
    memoryLimitMb: (number("memory-limit") || 268435456) / 2 ** 20,
    tags: elements(xml, "tag").flatMap(({ attributes }) => attributes.value ?? []),
    tests,
    subtasks: groups,
    ...(inputFile && outputFile ? { ioFiles: { input: inputFile, output: outputFile } } : {}),
    checker: await readChecker(folder, xml, notes),
    ...(interactor
      ? { interactor: { kind: "testlib", program: await readProgram(folder, interactor), checkTranscript: true } }
      : {}),
    solutions: await readSolutions(folder, xml, notes),
    notes,
  });
}

async function readChecker(folder: string, xml: string, notes: string[]): Promise<Checker> {
  const checker = elements(xml, "checker")[0];
  const path = sourceOf(checker?.inner);
  // The standard ones need no compiler.
  const standard = checker?.attributes.name?.replace("std::", "").replace(".cpp", "");
  switch (standard) {
    case "fcmp":
    case "lcmp":
      return { kind: "lines" };
    case "wcmp":
    case "ncmp":
    case "icmp":
    case "hcmp":
      return { kind: "tokens", caseSensitive: true };
    case "yesno":
    case "nyesno":
      return { kind: "yesno" };
    case "rcmp4":
    case "rcmp6":
    case "rcmp9": {
      const tolerance = 10 ** -Number(standard.slice(4));
      return { kind: "float", absolute: tolerance, relative: tolerance };
    }
    default:
      if (path) return { kind: "testlib", program: await readProgram(folder, path) };
      notes.push("the package names no checker: words are compared");
      return { kind: "tokens", caseSensitive: true };
  }
}

async function readSolutions(folder: string, xml: string, notes: string[]): Promise<KnownProgram[]> {
  const solutions: KnownProgram[] = [];
  for (const { attributes, inner } of elements(xml, "solution")) {
    const path = sourceOf(inner);
    const expected = expectedByTag[attributes.tag ?? ""];
    if (!path || !expected) continue;
    if (!languageOfFile(path)) notes.push(`${path}: a solution in a language that the judge does not know`);
    else
      solutions.push({
        name: basename(path),
        program: await readProgram(folder, path),
        expected,
        fault: attributes.tag!,
      });
  }
  return solutions;
}

function sourceOf(inner: string | undefined): string | undefined {
  return elements(inner ?? "", "source")[0]?.attributes.path;
}

/** `%02d` of C. */
function fill(pattern: string, index: number): string {
  return pattern.replace(/%(0?)(\d*)d/, (_, zero, width) => `${index}`.padStart(Number(width || 0), zero || " "));
}

interface Element {
  attributes: Record<string, string | undefined>;
  inner: string;
}

/** Elements of a name, outermost first. Polygon's files nest no element in one of its own name but `problem`. */
function elements(xml: string, name: string): Element[] {
  const pattern = new RegExp(`<${name}(\\s[^>]*?)?(?:/>|>([\\s\\S]*?)</${name}>)`, "g");
  return [...xml.matchAll(pattern)].map(([, attributes = "", inner = ""]) => ({
    attributes: Object.fromEntries(
      [...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key, value]) => [key!, unescapeXml(value!)]),
    ),
    inner: unescapeXml(inner.includes("<") ? inner : inner.trim(), inner.includes("<")),
  }));
}

function unescapeXml(text: string, isMarkup = false): string {
  if (isMarkup) return text;
  return text.replace(
    /&(lt|gt|quot|apos|amp);/g,
    (_, name) => ({ lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" })[name as "lt"]!,
  );
}
