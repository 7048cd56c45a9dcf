/**
 * Stress: small inputs by the thousand, until a program and a slow but right one disagree. What is found is made as
 * small as the generator makes it, and shown.
 */
import { DataError } from "../../../core/errors.ts";
import { Random } from "../../../core/random.ts";
import { openCheck } from "../checkers/open-check.ts";
import type { Executable } from "../judge/compile.ts";
import type { Judge } from "../judge/judge.ts";
import type { Program } from "../schemas.ts";
import { constantsOf, type Family } from "./family.ts";
import { generateInput, parseFormat, type Shape, validateInput } from "./format.ts";
import { pythonProgram } from "./mutants.ts";

export interface StressResult {
  inputCount: number;
  /** The smallest input on which they differ. */
  difference: { input: string; output: string; answer: string; message: string } | null;
}

/**
 * Runs a program beside the family's brute force on random inputs of level 1.
 * @throws DataError when one does not compile; Error when the brute force fails
 */
export async function stressProgram(
  judge: Judge,
  family: Family,
  program: Program,
  { count = 200, seed = 0, signal }: { count?: number; seed?: number; signal?: AbortSignal } = {},
): Promise<StressResult> {
  const [tried, brute] = await Promise.all([
    ready(judge, program, "the program"),
    ready(judge, pythonProgram(family.brute), "the brute force"),
  ]);
  const checker = family.checker ?? { kind: "tokens", caseSensitive: true };
  const check = await openCheck(checker, judge.slots, (source) => ready(judge, source, "the checker"));
  const found: StressResult["difference"][] = [];
  const inputs = stressInputs(family, count, seed);
  for (const input of inputs) {
    signal?.throwIfAborted();
    const [mine, theirs] = await Promise.all([runOn(judge, tried, input), runOn(judge, brute, input)]);
    if (theirs.fault)
      throw new Error(`${family.name}: the brute force ends with ${theirs.fault} on ${JSON.stringify(input)}`);
    const texts = { input, output: mine.output, answer: theirs.output };
    const checked = mine.fault ? undefined : await check(texts);
    if (checked?.verdict === "OK") continue;
    const message = mine.fault ?? (checked!.message || checked!.verdict);
    found.push({ input, output: mine.output, answer: theirs.output, message });
    if (found.length >= 3) break; // the smallest of a few is small enough
  }
  found.sort((a, b) => a!.input.length - b!.input.length);
  return { inputCount: inputs.length, difference: found[0] ?? null };
}

/** Inputs as the family's format makes them, smallest first. */
export function stressInputs(family: Family, count: number, seed: number): string[] {
  const constants = constantsOf(family, 1);
  const format = parseFormat(family.format);
  const values: Shape["values"][] = ["any", "narrow", "edges"];
  const sizes: Shape["size"][] = ["small", "most"];
  const random = new Random(seed).split("stress").split(family.name);
  const inputs = Array.from({ length: count }, (_, index) => {
    const shape = { size: sizes[index % 2]!, values: values[index % 3]! };
    if (family.pattern) return random.choice(family.cases!(random.split(index), constants));
    return generateInput(format, constants, shape, random.split(index));
  });
  const valid = [...new Set(inputs)].filter((input) => !validateInput(format, constants, input, family.pattern));
  return valid.sort((a, b) => a.length - b.length);
}

async function ready(judge: Judge, program: Program, role: string): Promise<Executable> {
  const { executable, log } = await judge.compile(program);
  if (!executable) throw new DataError(`${role} does not compile: ${log.trim()}`);
  return executable;
}

async function runOn(judge: Judge, executable: Executable, input: string) {
  const options = { stdin: input, limits: { cpuMs: 2000 }, memoryBytes: 256 * 2 ** 20 };
  const { status, exitCode, signal, stdout } = await judge.slots.run(() => executable.run(options));
  const fault =
    status === "exited" && exitCode === 0
      ? undefined
      : (signal ?? (status === "exited" ? `exit code ${exitCode}` : status));
  return { output: stdout.toString(), fault };
}
