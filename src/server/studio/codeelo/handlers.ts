/** The calls about CodeElo. */
import { DataError } from "../../../core/errors.ts";
import { protocolDifferences } from "../../../systems/codeelo/index.ts";
import type { Handlers } from "../contract.ts";
import type { IndexedRun, RunIndex } from "../runs/run-index.ts";
import { createJudgeBench } from "./bench.ts";
import type { AttemptRow, codeeloCalls, ModelRun, TagRow } from "./contract.ts";
import { createModelRunReader, type ModelRunFiles } from "./model-run.ts";

const maxRuns = 40;

export function createCodeeloHandlers(index: RunIndex): Handlers<keyof typeof codeeloCalls> {
  const readModelRun = createModelRunReader();
  const bench = createJudgeBench();
  const need = async (key: string): Promise<ModelRunFiles> => {
    const files = await readModelRun(await index.find(key));
    if (files) return files;
    throw new DataError(`Run ${key} has no attempts`, { hint: "Choose a run of `polymath codeelo run`." });
  };
  return {
    async "codeelo.board"() {
      const own = (await index.all()).filter(({ info }) => info?.command === "codeelo run").slice(0, maxRuns);
      const read = await Promise.all(own.map(async (run) => ({ run, files: await readModelRun(run) })));
      const whole = read.filter((one): one is { run: IndexedRun; files: ModelRunFiles } => one.files !== null);
      const sorted = whole.sort((a, b) => ratingOf(b.files) - ratingOf(a.files));
      const first = sorted.find(({ files }) => files.rating)?.files.rating?.protocol;
      const runs = sorted.map(({ run, files }): ModelRun => {
        const { rating, summary, problems, attempts } = files;
        return {
          run: run.key,
          model: modelOf(run),
          started: run.started,
          isRunning: run.status === "running",
          language: String(run.info?.options.language ?? ""),
          problemCount: problems.size,
          attemptCount: attempts.length,
          pass1: summary.all.pass[0]?.value ?? null,
          rating: rating && { mean: rating.mean, percentile: rating.percentile, contestCount: rating.contests.length },
          differsIn: rating && first ? protocolDifferences(first, rating.protocol).map(({ field }) => field) : [],
        };
      });
      return { runs, tags: tagTable(sorted) };
    },
    "codeelo.rating": async ({ run }) => ({ rating: (await need(run)).rating }),
    async "codeelo.attempts"({ run, verdict, search, offset, limit }) {
      const { attempts, problems, summary } = await need(run);
      const words = search.toLowerCase();
      const rows = attempts.map(
        ({ problem: id, attempt, accepted, verdict: given, reason, failedTest, language }): AttemptRow => {
          const { problem } = problems.get(id) ?? {};
          const { title = "", rating = null, tags = [] } = problem ?? {};
          return { problem: id, attempt, accepted, verdict: given, reason, failedTest, language, title, rating, tags };
        },
      );
      const matching = rows.filter(
        (row) =>
          (verdict === undefined || nameOf(row) === verdict) &&
          `${row.problem} ${row.title} ${row.tags.join(" ")}`.toLowerCase().includes(words),
      );
      return {
        total: matching.length,
        verdicts: summary.verdicts,
        offset,
        rows: matching.slice(offset, offset + limit),
      };
    },
    async "codeelo.attempt"({ run, problem: id, attempt: number }) {
      const { attempts, problems } = await need(run);
      const attempt = attempts.find((one) => one.problem === id && one.attempt === number);
      if (!attempt) throw new DataError(`Run ${run} has no attempt ${number + 1} at ${id}`);
      const { title = id, statement = "" } = problems.get(id)?.problem ?? {};
      return { attempt, title, statement };
    },
    "codeelo.catalog": async () => ({ problems: bench.catalog(), languages: await bench.languages() }),
    async "codeelo.statement"({ name, level }) {
      const { id, statement, rating = null, timeLimitMs, memoryLimitMb, tests } = await bench.problem(name, level);
      return { id, statement, rating, timeLimitMs, memoryLimitMb, testCount: tests.length };
    },
    "codeelo.judge": async ({ name, level, language, source }, signal) =>
      bench.judge(await bench.problem(name, level), language, source, signal),
  };
}

/** As `summarizeRun` counts them. */
const nameOf = ({ verdict, accepted }: AttemptRow) => verdict ?? (accepted === null ? "missing" : "no code");

const ratingOf = ({ rating, summary }: ModelRunFiles) =>
  rating?.mean.value ?? (summary.all.pass[0]?.value?.value ?? -1) - 10_000;

function modelOf({ info }: IndexedRun): string {
  const { model, endpoint } = info?.options ?? {};
  return String(model ?? endpoint ?? "reasoner");
}

function tagTable(runs: readonly { run: IndexedRun; files: ModelRunFiles }[]): TagRow[] {
  const rows = new Map<string, TagRow>();
  for (const { run, files } of runs) {
    for (const { group, problems, pass } of files.summary.tags) {
      const row = rows.get(group) ?? { tag: group, problemCount: 0, shares: {} };
      row.problemCount = Math.max(row.problemCount, problems);
      row.shares[run.key] = pass[0]?.value?.value ?? null;
      rows.set(group, row);
    }
  }
  return [...rows.values()].sort((a, b) => b.problemCount - a.problemCount || (a.tag < b.tag ? -1 : 1));
}
