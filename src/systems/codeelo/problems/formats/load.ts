/** A problem folder of any format known here. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DataError } from "../../../../core/errors.ts";
import type { Problem } from "../../schemas.ts";
import { readDmoj } from "./dmoj.ts";
import { readProblem } from "./folder.ts";
import { readKattis } from "./kattis.ts";
import { readPolygon } from "./polygon.ts";

const readers: Record<string, (folder: string) => Promise<Problem>> = {
  "problem.json": readProblem,
  "problem.yaml": readKattis,
  "init.yml": readDmoj,
  "problem.xml": readPolygon,
};

/** The format by the file that marks it. @throws DataError */
export async function loadProblem(folder: string): Promise<Problem> {
  const mark = Object.keys(readers).find((name) => existsSync(join(folder, name)));
  if (!mark) {
    throw new DataError(`${folder}: no problem is here`, {
      hint: `A problem folder holds ${Object.keys(readers).join(", ")} (ours, Kattis, DMOJ, Polygon).`,
    });
  }
  const problem = await readers[mark]!(folder);
  if (problem.tests.length === 0) throw new DataError(`${join(folder, mark)}: the problem has no tests`);
  return problem;
}
