/** Dataset Qwen/CodeElo: statements and examples; the hidden tests stay with the platform. */
import { z } from "zod";
import { Problem } from "../schemas.ts";
import { defineFormat, Example, namedTests, optionalNumber, optionalText, splitId } from "./format.ts";
import { missingParts, statementOf } from "./loaded-problem.ts";

export const codeElo = defineFormat(
  "CodeElo",
  "time_limit_ms",
  z.object({
    problem_id: z.union([z.string(), z.number()]).transform(String),
    title: z.string(),
    rating: optionalNumber,
    tags: z.array(z.string()).default([]),
    div: optionalText,
    time_limit_ms: z.number().positive(),
    memory_limit_mb: z.number().positive(),
    description: z.string(),
    input: optionalText,
    output: optionalText,
    interaction: optionalText,
    examples: z.array(Example).default([]),
    note: optionalText,
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
