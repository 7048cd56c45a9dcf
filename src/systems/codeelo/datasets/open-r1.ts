/**
 * Dataset open-r1/codeforces: official tests (long ones cut by the site) and checkers in Python for many problems.
 * Problems without a checker are compared as its own runner does: word by word, YES and NO in any case.
 */
import { z } from "zod";
import { Problem } from "../schemas.ts";
import { defineFormat, Example, namedTests, optionalNumber, optionalText, splitId } from "./format.ts";
import { missingParts, statementOf } from "./loaded-problem.ts";
import { openR1Checker } from "./open-r1-checker.ts";

export const openR1 = defineFormat(
  "open-r1/codeforces",
  "official_tests",
  z.object({
    id: z.string(),
    contest_id: optionalText,
    contest_name: optionalText,
    contest_start: optionalNumber,
    index: optionalText,
    title: z.string(),
    time_limit: optionalNumber,
    memory_limit: optionalNumber,
    description: z.string(),
    input_format: optionalText,
    output_format: optionalText,
    interaction_format: optionalText,
    note: optionalText,
    examples: z.array(Example).nullish(),
    rating: optionalNumber,
    tags: z.array(z.string()).nullish(),
    official_tests: z.array(Example).nullish(),
    official_tests_complete: z.boolean().nullish(),
    input_mode: optionalText,
    generated_checker: optionalText,
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
    const all = row.official_tests ?? [];
    const uncut = all.filter(({ input, output }) => !endsInDots(input) && !endsInDots(output));
    const cutCount = all.length - uncut.length;
    if (cutCount > 0) notes.push(`${cutCount} official tests were cut by the site and left out`);
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
        tests: [...namedTests("example", row.examples ?? [], true), ...namedTests("official", uncut)],
        checker: row.generated_checker?.trim() ? openR1Checker(row.generated_checker) : { kind: "yesno" },
        ...(row.input_mode === "file" && { ioFiles: { input: "input.txt", output: "output.txt" } }),
        notes,
      }),
      contestId: row.contest_id ?? splitId(row.id).contestId,
      index: row.index ?? splitId(row.id).index,
      ...(row.contest_start && { date: new Date(1000 * row.contest_start).toISOString() }),
      isComplete: row.official_tests_complete === true && cutCount === 0,
    };
  },
);

/** What the site shows of a long test. */
const endsInDots = (text: string) => /\.\.\.\s*$/.test(text);
