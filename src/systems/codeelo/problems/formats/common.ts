/** What the readers of foreign problem folders share. */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "../../../../core/errors.ts";
import { validate } from "../../../../core/schema.ts";
import { languageOfFile } from "../../judge/languages.ts";
import { Problem, type Program } from "../../schemas.ts";
import { readText } from "./folder.ts";

/** A program by its path; `language` where the name does not tell. Headers beside it come along. */
export async function readProgram(folder: string, path: string): Promise<Program> {
  const language = languageOfFile(path);
  if (!language) {
    throw new DataError(`${join(folder, path)}: the judge knows no language of this name`, {
      hint: "It reads .c, .cpp, .cc, .py, .js and .java.",
    });
  }
  const source = await readText(folder, path);
  return { language, source, files: await readHeaders(folder, path, source) };
}

/** Headers that it includes by quotes, from its own folder or the package's: testlib.h, mostly. */
async function readHeaders(folder: string, path: string, source: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const [, name] of source.matchAll(/^\s*#\s*include\s+"([\w.-]+)"/gm)) {
    const beside = path.includes("/") ? path.slice(0, path.lastIndexOf("/") + 1) : "";
    const found = [`${beside}${name}`, name!, `files/${name}`].find((file) => existsSync(join(folder, file)));
    if (found) files[name!] = await readText(folder, found);
  }
  return files;
}

/** Names of the files of a folder inside the problem, in order; none where it is missing. */
export async function listFiles(folder: string, path: string): Promise<string[]> {
  const entries = await readdir(join(folder, path), { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  return names.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
}

export async function listFolders(folder: string, path: string): Promise<string[]> {
  const entries = await readdir(join(folder, path), { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** @throws DataError naming the file */
export function checkProblem(file: string, value: unknown): Problem {
  const result = validate(Problem, value);
  if ("problem" in result) throw new DataError(`${file}: ${result.problem.message}`, { hint: result.problem.hint });
  return result.value;
}
