/**
 * Rows of published data sets as problems: CodeElo, open-r1/codeforces, LiveCodeBench and CodeContests. Each format is
 * told by the fields that only it has.
 */
import { z } from "zod";
import { DataError } from "../../../core/errors.ts";
import { Checker, Problem } from "../schemas.ts";
import { type LoadedProblem, missingParts, statementOf } from "./loaded-problem.ts";
import { unpackString } from "./pickle-string.ts";

export interface Format {
  name: string;
  /** A field that only this format has. */
  sign: string;
  /** @throws DataError that names the field */
  read(row: unknown): LoadedProblem;
}

const text = z.string().nullish();
const numbers = z.number().nullish();

function defineFormat<Row>(
  name: string,
  sign: string,
  schema: z.ZodType<Row>,
  read: (row: Row) => LoadedProblem,
): Format {
  return {
    name,
    sign,
    read(row) {
      const result = schema.safeParse(row);
      if (result.success) return read(result.data);
      const { path, message } = result.error.issues[0]!;
      throw new DataError(`${path.join(".") || "row"}: ${message}`, { hint: `Expected a row of ${name}.` });
    },
  };
}

/** `{ input, output }` or `[input, output]`. */
const Example = z.union([
  z.object({ input: z.string(), output: z.string() }),
  z.tuple([z.string(), z.string()]).transform(([input, output]) => ({ input, output })),
]);

type Pair = { input: string; output: string };
const namedTests = (prefix: string, pairs: readonly Pair[], isSample = false) =>
  pairs.map(({ input, output }, index) => ({ name: `${prefix}-${index + 1}`, input, answer: output, isSample }));

/** Which contest and letter an id such as 2034B1 or 1984/C stands for. */
function splitId(id: string): { contestId?: string; index?: string } {
  const [, contestId, index] = /^(\d+)[/_]?([A-Z]\d*)$/.exec(id) ?? [];
  return contestId && index ? { contestId, index } : {};
}

/** Dataset Qwen/CodeElo: statements and examples; the hidden tests stay with the platform. */
export const codeElo = defineFormat(
  "CodeElo",
  "time_limit_ms",
  z.object({
    problem_id: z.union([z.string(), z.number()]).transform(String),
    title: z.string(),
    rating: numbers,
    tags: z.array(z.string()).default([]),
    div: text,
    time_limit_ms: z.number().positive(),
    memory_limit_mb: z.number().positive(),
    description: z.string(),
    input: text,
    output: text,
    interaction: text,
    examples: z.array(Example).default([]),
    note: text,
  }),
  (row) => {
    const statement = statementOf([
      ["", row.description],
      ["Input", row.input],
      ["Output", row.output],
      ["Interaction", row.interaction],
      ["Note", row.note],
    ]);
    const notes = [...missingParts(statement), "only the examples of the statement are here as tests"];
    if (row.interaction?.trim()) notes.push("interactive, and the interactor is missing");
    return {
      problem: Problem.parse({
        id: row.problem_id,
        title: row.title,
        statement,
        rating: row.rating ?? undefined,
        tags: row.tags,
        timeLimitMs: row.time_limit_ms,
        memoryLimitMb: row.memory_limit_mb,
        tests: namedTests("example", row.examples, true),
        notes,
      }),
      ...splitId(row.problem_id),
      ...(row.div ? { division: row.div } : {}),
      isComplete: false,
    };
  },
);

/** Dataset open-r1/codeforces: official tests (long ones cut by the site) and checkers in Python for many problems. */
export const openR1 = defineFormat(
  "open-r1/codeforces",
  "official_tests",
  z.object({
    id: z.string(),
    contest_id: text,
    contest_name: text,
    contest_start: numbers,
    index: text,
    title: z.string(),
    time_limit: numbers,
    memory_limit: numbers,
    description: z.string(),
    input_format: text,
    output_format: text,
    interaction_format: text,
    note: text,
    examples: z.array(Example).nullish(),
    rating: numbers,
    tags: z.array(z.string()).nullish(),
    official_tests: z.array(Example).nullish(),
    official_tests_complete: z.boolean().nullish(),
    input_mode: text,
    generated_checker: text,
  }),
  (row) => {
    const statement = statementOf([
      ["", row.description],
      ["Input", row.input_format],
      ["Output", row.output_format],
      ["Interaction", row.interaction_format],
      ["Note", row.note],
    ]);
    const notes = missingParts(statement);
    const isCut = ({ input, output }: Pair) => /\.\.\.\s*$/.test(input) || /\.\.\.\s*$/.test(output);
    const tests = row.official_tests ?? [];
    const cutCount = tests.filter(isCut).length;
    if (cutCount > 0) notes.push(`${cutCount} official tests were cut by the site and left out`);
    if (row.input_mode && row.input_mode !== "stdio") notes.push(`reads from a file (${row.input_mode})`);
    if (row.interaction_format?.trim()) notes.push("interactive, and the interactor is missing");
    return {
      problem: Problem.parse({
        id: row.id,
        title: row.title,
        statement,
        rating: row.rating ?? undefined,
        tags: row.tags ?? [],
        timeLimitMs: 1000 * (row.time_limit ?? 2),
        memoryLimitMb: row.memory_limit ?? 256,
        tests: [
          ...namedTests("example", row.examples ?? [], true),
          ...namedTests(
            "official",
            tests.filter((test) => !isCut(test)),
          ),
        ],
        ...(row.generated_checker?.trim() && { checker: fileChecker(row.generated_checker) }),
        notes,
      }),
      contestId: row.contest_id ?? splitId(row.id).contestId,
      index: row.index ?? splitId(row.id).index,
      ...(row.contest_start && { date: new Date(1000 * row.contest_start).toISOString() }),
      isComplete: row.official_tests_complete === true && cutCount === 0,
    };
  },
);

/**
 * The checkers of open-r1 are programs over three files (input, right output, output) that print a score: here they run
 * as a function, with the three texts written where the program looks for them.
 */
function fileChecker(source: string): Checker {
  const wrapped = `
import contextlib, io, os, sys, tempfile

_SOURCE = ${JSON.stringify(source)}

def check(input, output, answer):
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for name, text in (("input.txt", input), ("correct_output.txt", answer), ("solution_output.txt", output)):
            path = os.path.join(folder, name)
            with open(path, "w") as file:
                file.write(text)
            names.append(path)
        printed = io.StringIO()
        before = sys.argv
        sys.argv = ["checker.py"] + names
        try:
            with contextlib.redirect_stdout(printed):
                exec(compile(_SOURCE, "checker.py", "exec"), {"__name__": "__main__"})
        except SystemExit as end:
            if printed.getvalue().strip() == "":
                return not end.code
        finally:
            sys.argv = before
        words = printed.getvalue().split()
        if not words:
            return False
        try:
            return max(0.0, min(1.0, float(words[0]) / (100 if float(words[0]) > 1 else 1)))
        except ValueError:
            return words[0].lower() in ("true", "ok", "accepted", "yes")
`;
  return Checker.parse({ kind: "python", source: wrapped });
}

const LiveCodeTest = z.object({ input: z.string(), output: z.string(), testtype: z.string().default("stdin") });

/** LiveCodeBench: tests as JSON texts, the hidden ones packed; half of the problems want a function. */
export const liveCodeBench = defineFormat(
  "LiveCodeBench",
  "public_test_cases",
  z.object({
    question_id: z.string(),
    question_title: z.string(),
    question_content: z.string(),
    platform: text,
    contest_id: text,
    contest_date: text,
    difficulty: text,
    starter_code: text,
    public_test_cases: z.union([z.string(), z.array(z.unknown())]),
    private_test_cases: z.union([z.string(), z.array(z.unknown())]).nullish(),
    metadata: z.union([z.string(), z.record(z.string(), z.unknown())]).nullish(),
  }),
  (row) => {
    const shown = readTests("public_test_cases", row.public_test_cases);
    const hidden = row.private_test_cases ? readTests("private_test_cases", row.private_test_cases) : [];
    const metadata = typeof row.metadata === "string" ? JSON.parse(row.metadata || "{}") : (row.metadata ?? {});
    const isFunctional = [...shown, ...hidden].some(({ testtype }) => testtype === "functional");
    const entryPoint = isFunctional ? String(metadata.func_name ?? "") : "";
    if (isFunctional && !entryPoint) throw new DataError("metadata: func_name is missing for functional tests");
    return {
      problem: Problem.parse({
        id: row.question_id,
        title: row.question_title,
        statement: row.question_content,
        tags: row.difficulty ? [row.difficulty] : [],
        timeLimitMs: 6000, // as in its own harness
        memoryLimitMb: 1024,
        tests: [...namedTests("public", shown, true), ...namedTests("private", hidden)],
        ...(isFunctional && { checker: { kind: "python", source: jsonChecker } }),
        notes: isFunctional ? [`a Python function, Solution().${entryPoint}`] : [],
      }),
      ...(row.contest_id ? { contestId: row.contest_id } : {}),
      ...(row.contest_date ? { date: new Date(row.contest_date).toISOString() } : {}),
      ...(entryPoint ? { entryPoint } : {}),
      ...(row.starter_code ? { starterCode: row.starter_code } : {}),
      isComplete: hidden.length > 0,
    };
  },
);

/** Results of functions are compared as JSON values; a tuple is a list, as it is in JSON. */
const jsonChecker = `
import json

def check(input, output, answer):
    try:
        return json.loads(output) == json.loads(answer)
    except ValueError:
        return output.strip() == answer.strip()
`;

function readTests(field: string, value: string | unknown[]): z.output<typeof LiveCodeTest>[] {
  const list = typeof value === "string" ? parseTests(field, value) : value;
  const result = z.array(LiveCodeTest).safeParse(list);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new DataError(`${[field, ...path].join(".")}: ${message}`);
}

function parseTests(field: string, value: string): unknown {
  const isPlain = value.trimStart().startsWith("[");
  try {
    return JSON.parse(isPlain ? value : unpackString(value));
  } catch (error) {
    if (error instanceof DataError) throw new DataError(`${field}: ${error.message}`, { cause: error });
    throw new DataError(`${field}: neither JSON nor a packed text: ${(error as Error).message}`, { cause: error });
  }
}

const Columns = z
  .object({ input: z.array(z.string()), output: z.array(z.string()) })
  .nullish()
  .transform((columns) =>
    columns ? columns.input.map((input, i) => ({ input, output: columns.output[i] ?? "" })) : [],
  );

/** CodeContests as JSON lines: tests by column, the limit in seconds and nanoseconds. */
export const codeContests = defineFormat(
  "CodeContests",
  "generated_tests",
  z.object({
    name: z.string(),
    description: z.string(),
    public_tests: Columns,
    private_tests: Columns,
    generated_tests: Columns,
    cf_contest_id: numbers,
    cf_index: text,
    cf_rating: numbers,
    cf_tags: z.array(z.string()).nullish(),
    time_limit: z.object({ seconds: z.coerce.number().default(0), nanos: z.coerce.number().default(0) }).nullish(),
    memory_limit_bytes: z.coerce.number().nullish(),
  }),
  (row) => {
    const seconds = row.time_limit ? row.time_limit.seconds + row.time_limit.nanos / 1e9 : 0;
    return {
      problem: Problem.parse({
        id: row.name,
        title: row.name,
        statement: row.description,
        rating: row.cf_rating || undefined,
        tags: row.cf_tags ?? [],
        timeLimitMs: seconds > 0 ? 1000 * seconds : 2000,
        memoryLimitMb: row.memory_limit_bytes ? row.memory_limit_bytes / 2 ** 20 : 256,
        tests: [
          ...namedTests("public", row.public_tests, true),
          ...namedTests("private", row.private_tests),
          ...namedTests("generated", row.generated_tests),
        ],
        notes: missingParts(row.description),
      }),
      ...(row.cf_contest_id ? { contestId: String(row.cf_contest_id) } : {}),
      ...(row.cf_index ? { index: row.cf_index } : {}),
      isComplete: row.private_tests.length > 0,
    };
  },
);

export const formats: readonly Format[] = [openR1, liveCodeBench, codeContests, codeElo];
