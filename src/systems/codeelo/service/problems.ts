/**
 * Problems as the submission service of CodeElo gives them: by contest, each with its statement cut into sections.
 * Source: the published client (QwenLM/CodeElo), which sets a title and, but for the first, a heading before each section.
 */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "../../../core/errors.ts";
import { loadProblems } from "../datasets/load.ts";
import type { LoadedProblem } from "../datasets/loaded-problem.ts";
import { loadProblem } from "../problems/formats/load.ts";
import type { Problem } from "../schemas.ts";

/** One problem of the service. */
export interface ServedProblem {
  /** "1980A": contest and letter where it has them. */
  prob: string;
  /** Those of no contest are contest 0's. */
  contestId: string;
  problem: Problem;
}

/** The statement in the service's shape; it travels as JSON within JSON. */
export interface ServedStatement {
  meta: { title: string };
  statement: { content: { sections: { title: string; value: { content: string } }[] } };
}

/**
 * From a file of a published data set, a problem folder, or a folder of problem folders.
 * @param testsFolder generated tests of open-r1/codeforces, for a file of it
 * @param onBadRow told of rows that could not be read, or that ask for a function and not a program
 * @throws DataError when there is no problem, or one is there twice
 */
export async function readServedProblems(
  path: string,
  { onBadRow, testsFolder }: { onBadRow(message: string): void; testsFolder?: string | undefined },
): Promise<ServedProblem[]> {
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory();
  const served = isFolder ? await readFolder(path) : await readFile(path, onBadRow, testsFolder);
  if (served.length === 0) throw new DataError(`${path}: there is no problem to serve`);
  const seen = new Set<string>();
  for (const { prob } of served) {
    if (seen.has(prob)) throw new DataError(`${path}: problem ${prob} is there twice`);
    seen.add(prob);
  }
  return served;
}

async function readFile(
  file: string,
  onBadRow: (message: string) => void,
  testsFolder: string | undefined,
): Promise<ServedProblem[]> {
  const served: ServedProblem[] = [];
  for await (const loaded of loadProblems(file, {
    testsFolder,
    onBadRow: ({ row, message }) => onBadRow(`row ${row}: ${message}`),
  })) {
    if (loaded.entryPoint !== undefined) onBadRow(`${loaded.problem.id}: it asks for a function, not for a program`);
    else if (loaded.problem.tests.length === 0) onBadRow(`${loaded.problem.id}: it has no tests`);
    else served.push(servedFrom(loaded));
  }
  return served;
}

function servedFrom({ problem, contestId, index }: LoadedProblem): ServedProblem {
  if (contestId === undefined || index === undefined) return { prob: problem.id, contestId: contestId ?? "0", problem };
  return { prob: `${contestId}${index}`, contestId, problem };
}

async function readFolder(folder: string): Promise<ServedProblem[]> {
  const own = await loadProblem(folder).catch((error) => {
    if (error instanceof DataError && error.message.endsWith("no problem is here")) return undefined;
    throw error;
  });
  if (own) return [{ prob: own.id, contestId: "0", problem: own }];
  const names = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const problems = await Promise.all(names.map(({ name }) => loadProblem(join(folder, name))));
  return problems.map((problem) => ({ prob: problem.id, contestId: "0", problem }));
}

/** The statement's Markdown, cut at its headings; samples that it does not show come last. */
export function servedStatement({ prob, problem }: ServedProblem): ServedStatement {
  const [first = "", ...rest] = problem.statement.split(/^#{1,3} +/m);
  const sections = rest.map((part) => {
    const [title = "", ...lines] = part.split("\n");
    return section(title.trim(), lines.join("\n"));
  });
  const samples = problem.tests.filter(
    ({ isSample, input }) => isSample && !problem.statement.includes(input.trimEnd()),
  );
  const shown = samples.map(
    ({ input, answer }) => `Input:\n\`\`\`\n${input.trimEnd()}\n\`\`\`\nOutput:\n\`\`\`\n${answer.trimEnd()}\n\`\`\``,
  );
  const { timeLimitMs, memoryLimitMb, ioFiles } = problem;
  const files = ioFiles ? ` Input: ${ioFiles.input}. Output: ${ioFiles.output}.` : "";
  const limits = `Time limit: ${timeLimitMs / 1000} s. Memory limit: ${Math.round(memoryLimitMb)} MB.${files}`;
  return {
    meta: { title: problem.title || prob },
    statement: {
      content: {
        // The client shows no heading for the first one.
        sections: [
          section("Legend", `${limits}\n\n${first}`),
          ...sections,
          ...(shown.length > 0 ? [section("Examples", shown.join("\n\n"))] : []),
        ],
      },
    },
  };
}

const section = (title: string, content: string) => ({ title, value: { content: content.trim() } });
