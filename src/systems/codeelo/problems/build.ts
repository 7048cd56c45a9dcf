/**
 * A problem out of a family: inputs by its format, each held to the validator, answers by its reference.
 * The same family, level and seed give the same problem on every machine.
 */
import { MissingError } from "../../../core/errors.ts";
import { Random } from "../../../core/random.ts";
import type { Executable } from "../judge/compile.ts";
import type { Judge } from "../judge/judge.ts";
import type { Problem, TestCase } from "../schemas.ts";
import { constantsOf, type Family, type Level } from "./family.ts";
import { generateInput, parseFormat, type Shape, validateInput } from "./format.ts";
import { cppProgram, describeLevel, knownPrograms, pythonProgram } from "./mutants.ts";
import { validatorProgram } from "./validator.ts";

/** Every size meets every kind of value that breaks programs there. */
const shapes: Shape[] = [
  { size: "small", values: "any" },
  { size: "least", values: "low" },
  { size: "least", values: "high" },
  { size: "small", values: "narrow" },
  { size: "small", values: "edges" },
  { size: "most", values: "any" },
  { size: "most", values: "low" },
  { size: "most", values: "high" },
  { size: "most", values: "narrow" },
  { size: "most", values: "edges" },
];

/** Codeforces's scale, roughly: the same idea gets harder with the size. */
const ratings: Record<Level, number> = { 1: 800, 2: 1100, 3: 1500 };
const timeLimitMs = 1000;
const memoryLimitMb = 128;

/** Inputs of a family's level, the first of which is the sample. @throws Error for one that breaks its own format */
export function makeInputs(family: Family, level: Level, seed: number): string[] {
  const random = new Random(seed).split(family.name).split(level);
  const constants = constantsOf(family, level);
  const format = parseFormat(family.format);
  const generated = family.pattern
    ? []
    : shapes.map((shape, index) => generateInput(format, constants, shape, random.split(index)));
  const inputs = [...generated, ...(family.cases?.(random.split("cases"), constants) ?? [])];
  // Cases are made for all levels: what is too large for this one is left out.
  const valid = inputs.filter((input, index) => {
    const fault = validateInput(format, constants, input, family.pattern);
    if (fault && index < generated.length) throw new Error(`${family.name}: a generated input is wrong: ${fault}`);
    return !fault;
  });
  return [...new Set(valid)];
}

/** @throws Error when the reference fails on an input */
export async function buildProblem(judge: Judge, family: Family, level: Level, seed: number): Promise<Problem> {
  const inputs = makeInputs(family, level, seed);
  const answers = family.interactor ? inputs.map(() => "") : await answer(judge, family, inputs);
  const tests = inputs.map((input, index): TestCase => {
    return {
      name: `${index + 1}`.padStart(2, "0"),
      input,
      answer: answers[index]!,
      isSample: index === 0 && !family.interactor,
    };
  });
  return {
    id: `${family.name}-${level}`,
    title: family.title,
    statement: statementOf(family, level, tests[0]!),
    rating: ratings[level],
    tags: family.tags,
    timeLimitMs,
    memoryLimitMb,
    outputLimitMb: 8,
    tests,
    checker: family.checker ?? { kind: "tokens", caseSensitive: true },
    ...(family.interactor
      ? {
          interactor: {
            kind: "testlib",
            program: { language: "python", source: family.interactor, files: {} },
            checkTranscript: false,
          },
        }
      : {}),
    subtasks: [],
    validator: validatorProgram(parseFormat(family.format), constantsOf(family, level), family.pattern),
    solutions: knownPrograms(family, level),
    notes: [],
  };
}

async function answer(judge: Judge, family: Family, inputs: string[]): Promise<string[]> {
  const executable = await compileReference(judge, family);
  return Promise.all(
    inputs.map(async (input) => {
      const outcome = await judge.slots.run(() =>
        executable.run({ stdin: input, limits: { cpuMs: 10_000 }, memoryBytes: 512 * 2 ** 20 }),
      );
      if (outcome.status === "exited" && outcome.exitCode === 0) return outcome.stdout.toString();
      throw new Error(
        `${family.name}: the reference ends with ${outcome.signal ?? outcome.exitCode ?? outcome.status}`,
      );
    }),
  );
}

/** C++ where it is, else Python: the truth suite shows that both give the same. */
async function compileReference(judge: Judge, family: Family): Promise<Executable> {
  for (const program of [cppProgram(family.cpp), pythonProgram(family.python)]) {
    const compiled = await judge.compile(program).catch(() => undefined); // no compiler here
    if (compiled?.executable) return compiled.executable;
    if (compiled) throw new Error(`${family.name}: the reference does not compile: ${compiled.log}`);
  }
  throw new MissingError(`${family.name}: this machine has neither g++ nor Python`, {
    hint: "apt install g++ python3",
  });
}

function statementOf(family: Family, level: Level, sample: TestCase): string {
  const parts = [`# ${family.title}`, family.statement, `Limits: ${describeLevel(family, level)}.`];
  if (family.format) parts.push(`Form of the input:\n\n\`\`\`\n${family.format}\n\`\`\``);
  if (!family.interactor) {
    parts.push(`Example:\n\n\`\`\`\n${sample.input}\`\`\`\n\nAnswer:\n\n\`\`\`\n${sample.answer}\`\`\``);
  }
  return `${parts.join("\n\n")}\n`;
}
