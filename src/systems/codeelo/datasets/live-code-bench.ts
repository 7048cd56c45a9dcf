/** LiveCodeBench: tests as JSON texts, the hidden ones packed; half of the problems want a function. */
import { z } from "zod";
import { DataError } from "../../../core/errors.ts";
import { Problem } from "../schemas.ts";
import { defineFormat, namedTests, optionalText } from "./format.ts";
import { unpackString } from "./pickle-string.ts";

const LiveCodeTest = z.object({ input: z.string(), output: z.string(), testtype: z.string().default("stdin") });

export const liveCodeBench = defineFormat(
  "LiveCodeBench",
  "public_test_cases",
  z.object({
    question_id: z.string(),
    question_title: z.string(),
    question_content: z.string(),
    platform: optionalText,
    contest_id: optionalText,
    contest_date: optionalText,
    difficulty: optionalText,
    starter_code: optionalText,
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
