/** `polymath codeelo run`: a model attempts problems, the judge judges, tables and a rating come out. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { DataError, UsageError } from "../../../core/errors.ts";
import { openJournal } from "../../../core/journal.ts";
import { readJson } from "../../../core/json.ts";
import { readJsonLines, writeJsonLines } from "../../../core/jsonl.ts";
import { createBudget, openLedger, readPrices } from "../../../endpoint/index.ts";
import { endpointOptions, openEndpoint } from "../../../language/endpoint-options.ts";
import { loadProblems } from "../datasets/load.ts";
import type { LoadedProblem } from "../datasets/loaded-problem.ts";
import { openJudge } from "../judge/judge.ts";
import { needLanguage } from "../judge/languages.ts";
import type { Protocol } from "../rating/protocol.ts";
import { type Rating, rateContests } from "../rating/rate.ts";
import type { JudgedContest } from "../rating/schemas.ts";
import { Contest } from "../rating/standings.ts";
import { LanguageId } from "../schemas.ts";
import { promptVersion } from "./prompt.ts";
import { describeRun, type RunResult, runReport } from "./report.ts";
import { type AttemptSampling, publishedSampling, runModel } from "./run-model.ts";
import { Attempt, attemptKey } from "./schemas.ts";
import { summarizeRun } from "./tables.ts";

export const runCommand = defineCommand({
  name: "codeelo run",
  summary: "Let a model attempt problems, judge its programs, and rate it beside people",
  description:
    "Problems come from CodeElo, open-r1/codeforces, LiveCodeBench or CodeContests files (JSON lines or Parquet). With " +
    "--contests, a folder of <contest id>.json files with standings and rating changes, the model is rated as well. " +
    "Killed anywhere, `polymath resume` goes on without asking or judging anything twice.",
  examples: [
    "polymath codeelo run problems.jsonl --endpoint http://127.0.0.1:8000/v1 --model Qwen2.5-Coder-7B-Instruct",
    "polymath codeelo run open-r1.parquet --contests standings/ --endpoint http://127.0.0.1:8000/v1 --after 2024-05-01",
  ],
  args: z.tuple([z.string().meta({ label: "problems" }).describe("a file of problems")]),
  options: z.object({
    ...endpointOptions,
    contests: z.string().optional().meta({ label: "folder" }).describe("standings by contest id, for a rating"),
    tests: z.string().optional().meta({ label: "folder" }).describe("generated tests of open-r1/codeforces"),
    attempts: z.number().int().min(1).max(64).default(8).describe("per problem"),
    language: LanguageId.default("cpp").describe("of the programs asked for"),
    untilAccepted: z.boolean().default(false).describe("leave a problem once it is solved"),
    count: z.number().int().min(1).optional().describe("take only the first so many problems"),
    after: z.iso.date().optional().describe("take only problems published since this day, against contamination"),
    before: z.iso.date().optional().describe("take only problems published before this day"),
    temperature: z.number().min(0).default(publishedSampling.temperature).describe("as in the published code"),
    maxTokens: z.number().int().min(16).default(publishedSampling.maxTokens).describe("per answer"),
    concurrency: z.number().int().min(1).default(8).describe("problems under way at a time"),
    maxTokensTotal: z.number().int().min(1).optional().describe("budget of the whole run"),
    prices: z.string().optional().meta({ label: "file" }).describe("price table, to know what it costs"),
  }),
  journal: true,
  async run([file], options, { run, log, progress, signal }): Promise<RunResult | null> {
    await needLanguage(options.language);
    const { problems, badCount } = await readProblems(file, options, (message) => log.warn(message));
    const contests = options.contests ? await readContests(options.contests, problems) : [];
    await writeJsonLines(run.path("problems.jsonl"), problems.map(withoutTests)); // what the studio shows beside attempts
    const attemptsFile = run.path("attempts.jsonl");
    const journal = openJournal(attemptsFile); // drops a line that a kill cut short
    const known = new Map<string, Attempt>();
    for await (const attempt of readJsonLines(attemptsFile, Attempt)) known.set(attemptKey(attempt), attempt);
    const ledger = await openLedger(run.path("ledger.jsonl"), {
      prices: options.prices === undefined ? {} : await readPrices(options.prices),
    });
    const endpoint = await openEndpoint(options, {
      ledger,
      budget: createBudget(
        { ...(options.maxTokensTotal !== undefined && { tokens: options.maxTokensTotal }) },
        { before: ledger.totals },
      ),
      cache: { folder: run.path("cache") },
      concurrency: options.concurrency,
    });
    const judge = await openJudge({ cacheFolder: run.path("judge") });
    const sampling: AttemptSampling = {
      ...publishedSampling,
      temperature: options.temperature,
      maxTokens: options.maxTokens,
    };
    const total = problems.length * options.attempts;
    const bar = progress({ label: "attempt problems", total, unit: "attempts", start: known.size });
    let [done, accepted] = [known.size, [...known.values()].filter((one) => one.accepted).length];
    try {
      const attempts = await runModel({
        problems,
        endpoint,
        judge,
        sampling,
        known,
        signal,
        attempts: options.attempts,
        language: options.language,
        untilAccepted: options.untilAccepted,
        concurrency: options.concurrency,
        onAttempt(attempt) {
          journal.append(attempt);
          if (attempt.accepted) accepted++;
          bar.update(++done, { accepted: `${Math.round((100 * accepted) / done)} %` });
        },
      });
      bar.stop();
      const protocol: Protocol = {
        contests: contests.map(({ contest }) => contest.id).sort(),
        attempts: options.attempts,
        submits: options.untilAccepted ? "until-accepted" : "all",
        language: options.language,
        judge: judge.sandbox.description,
        sampling: { ...sampling, prompt: promptVersion },
        scoring: "minute-0",
        ties: "mid",
        newcomerRating: "as is",
      };
      const rating = await rate(contests, problems, attempts, protocol, run.path("judged.jsonl"));
      const result: RunResult = {
        model: endpoint.model,
        summary: summarizeRun(problems, attempts),
        badRows: badCount,
        money: options.prices === undefined ? null : ledger.totals.money,
        ...(rating && { rating }),
      };
      await run.finish(runReport(result, attempts));
      return result;
    } catch (error) {
      if (signal.aborted) return null; // `polymath resume` goes on
      throw error;
    } finally {
      await endpoint.close();
      ledger.close();
      journal.close();
    }
  },
  print: (result) => (result ? describeRun(result) : ""),
});

/** Statements, ratings and tags: tests may take gigabytes, and the one that failed stands beside its attempt. */
const withoutTests = (loaded: LoadedProblem): LoadedProblem => ({
  ...loaded,
  problem: { ...loaded.problem, tests: [], solutions: [] },
});

/** Which problems of the file, and whose tests besides. */
type Selection = Partial<Record<"after" | "before" | "tests", string | undefined> & { count: number | undefined }>;

async function readProblems(file: string, { count, after, before, tests }: Selection, warn: (message: string) => void) {
  const problems: LoadedProblem[] = [];
  let badCount = 0;
  const onBadRow = ({ row, message }: { row: number; message: string }) => {
    badCount++;
    if (badCount <= 5) warn(`${file} row ${row}: ${message}; it is left out`);
  };
  const keep = ({ date }: LoadedProblem) =>
    (!after || (date !== undefined && date >= after)) && (!before || (date !== undefined && date < before));
  for await (const loaded of loadProblems(file, { onBadRow, keep, testsFolder: tests })) {
    problems.push(loaded);
    if (problems.length === count) break;
  }
  if (problems.length === 0)
    throw new UsageError(`${file} has no problem to attempt`, { hint: "Look at --after and --before." });
  const twice = problems.find(
    ({ problem }, index) => problems.findIndex((one) => one.problem.id === problem.id) !== index,
  );
  if (twice) throw new DataError(`${file}: problem ${twice.problem.id} is there twice`);
  return { problems, badCount };
}

/** The contests of the problems at hand. @throws UsageError when the folder has none of them */
async function readContests(folder: string, problems: readonly LoadedProblem[]): Promise<Contest[]> {
  const wanted = new Set(problems.flatMap(({ contestId }) => contestId ?? []));
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json") && wanted.has(name.slice(0, -5)));
  if (names.length === 0) {
    throw new UsageError(`${folder} has none of the ${wanted.size} contests of these problems`, {
      hint: "Name the files by contest: 1984.json holds { contest, problems, rows, ratingChanges } of the public API.",
    });
  }
  return Promise.all(names.sort().map((name) => readJson(join(folder, name), Contest)));
}

async function rate(
  contests: readonly Contest[],
  problems: readonly LoadedProblem[],
  attempts: readonly Attempt[],
  protocol: Protocol,
  file: string,
): Promise<Rating | undefined> {
  if (contests.length === 0) return undefined;
  const byProblem = Map.groupBy(attempts, ({ problem }) => problem);
  const judged = contests.map((contest): JudgedContest => {
    const own = problems.filter(({ contestId, index }) => contestId === contest.contest.id && index !== undefined);
    const entries = own.map(({ problem, index }) => [
      index!,
      (byProblem.get(problem.id) ?? []).map(({ accepted, verdict, completionTokens }) => ({
        accepted,
        ...(verdict && { verdict }),
        tokens: completionTokens,
      })),
    ]);
    return { contest, attempts: Object.fromEntries(entries), protocol };
  });
  await writeJsonLines(file, judged);
  return rateContests(judged, protocol);
}
