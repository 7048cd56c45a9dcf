/** CodeContests as JSON lines: tests by column, the limit in seconds and nanoseconds. */
import { z } from "zod";
import { Problem } from "../schemas.ts";
import { defineFormat, namedTests, optionalNumber, optionalText } from "./format.ts";
import { missingParts } from "./loaded-problem.ts";

const Columns = z
  .object({ input: z.array(z.string()), output: z.array(z.string()) })
  .nullish()
  .transform((columns) =>
    columns ? columns.input.map((input, i) => ({ input, output: columns.output[i] ?? "" })) : [],
  );

export const codeContests = defineFormat(
  "CodeContests",
  "generated_tests",
  z.object({
    name: z.string(),
    description: z.string(),
    public_tests: Columns,
    private_tests: Columns,
    generated_tests: Columns,
    cf_contest_id: optionalNumber,
    cf_index: optionalText,
    cf_rating: optionalNumber,
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
