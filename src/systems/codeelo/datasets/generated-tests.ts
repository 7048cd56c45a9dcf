/**
 * Generated tests of open-r1/codeforces, which lie beside the data set: test_cases_1984.parquet holds those of contest
 * 1984, with columns problem_id, input and output. Official tests are cut where they are long; these are not.
 * Source: cf_scoring.py of huggingface/open-r1, which reads the same files.
 */
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { UsageError } from "../../../core/errors.ts";
import { readRows } from "../../../core/rows.ts";
import { namedTests } from "./format.ts";
import type { LoadedProblem } from "./loaded-problem.ts";

const Row = z.object({ problem_id: z.string(), input: z.string(), output: z.string() });
type Row = z.output<typeof Row>;

/**
 * A function that adds the generated tests to a problem, where there are any. One contest is held in memory.
 * @throws UsageError where the folder is missing
 */
export async function openGeneratedTests(folder: string): Promise<(loaded: LoadedProblem) => Promise<LoadedProblem>> {
  if (!(await stat(folder).catch(() => undefined))?.isDirectory()) {
    throw new UsageError(`${folder}: no such folder`, {
      hint: "Download the folder generated_tests of open-r1/codeforces and name it here.",
    });
  }
  let held: { contestId: string; rows: Row[] } | undefined;
  return async (loaded) => {
    const { problem, contestId } = loaded;
    if (contestId === undefined) return loaded;
    if (held?.contestId !== contestId) held = { contestId, rows: await readContest(folder, contestId) };
    const own = held.rows.filter(({ problem_id }) => problem_id === problem.id);
    if (own.length === 0) return loaded;
    return { ...loaded, problem: { ...problem, tests: [...problem.tests, ...namedTests("generated", own)] } };
  };
}

async function readContest(folder: string, contestId: string): Promise<Row[]> {
  const file = join(folder, `test_cases_${contestId.padStart(4, "0")}.parquet`);
  return existsSync(file) ? Array.fromAsync(readRows(file, Row)) : [];
}
