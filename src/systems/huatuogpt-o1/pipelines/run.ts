/** A pipeline over the rows of a file, with what a command needs around it: account, database, progress, rejects. */
import type { CommandContext } from "../../../core/command.ts";
import { PolymathError, UsageError } from "../../../core/errors.ts";
import { writeJsonLines } from "../../../core/jsonl.ts";
import { createBudget, type LedgerTotals, openLedger, type PriceTable, readPrices } from "../../../endpoint/index.ts";
import {
  type Database,
  openDatabase,
  type Pipeline,
  type PipelineState,
  pipelineRejects,
  pipelineResults,
  poisonItems,
  type Reject,
  runPipeline,
} from "../../../jobs/index.ts";
import type { AccountOptions } from "../commands/options.ts";
import { openPipeline, type PipelineName } from "./open.ts";
import { numberedRows } from "./rows.ts";

export interface PipelineJob {
  name: PipelineName;
  settings: unknown;
  file: string;
  account: AccountOptions;
  /** Rows to take at most. */
  limit?: number | undefined;
  /** How many rows there are, for the progress. */
  total: number;
}

export interface PipelineOutcome<Row> {
  /** Of each stage, in order. */
  stages: StageFigures[];
  /** Set aside because their stage failed each time. */
  failedCount: number;
  totals: Readonly<LedgerTotals>;
  hasPrices: boolean;
  results(): AsyncIterable<Row>;
  rejects(stage: string): AsyncIterable<Reject>;
}

export interface StageFigures {
  name: string;
  /** Rows that went on. */
  kept: number;
  /** Rows that ended here, by label. */
  rejected: Record<string, number>;
  failed: number;
}

/** The run stands still until somebody mends what stopped it. */
class PausedError extends PolymathError {
  constructor(reason: string, run: string) {
    super("PAUSED", `The run stands still: ${reason}`, {
      hint:
        `Mend it, then: polymath resume ${run}. For a larger budget begin a new run with --cache of this one: what ` +
        "was paid for is not asked again.",
    });
  }
}

/**
 * Runs to the end, then lets `use` read the results; writes `rejected.jsonl`.
 * @returns null when interrupted: `polymath resume` goes on
 * @throws UsageError when nobody would do the work; PausedError when the budget is spent, or no call can succeed
 */
export async function runJob<Row, Result>(
  job: PipelineJob,
  context: CommandContext,
  use: (outcome: PipelineOutcome<Row>) => Promise<Result>,
): Promise<Result | null> {
  const { run, signal } = context;
  const { account } = job;
  if (account.concurrency === 0 && !process.env.POLYMATH_DATABASE_URL) {
    throw new UsageError(
      "--concurrency 0 leaves the work to workers, and without POLYMATH_DATABASE_URL there are none",
      {
        hint: "Set it to a PostgreSQL that the workers reach, or leave --concurrency out.",
      },
    );
  }
  const prices: PriceTable = account.prices === undefined ? {} : await readPrices(account.prices);
  const ledger = await openLedger(run.path("ledger.jsonl"), { prices });
  const limits = account.maxTokensTotal === undefined ? {} : { tokens: account.maxTokensTotal };
  let opened: Awaited<ReturnType<typeof openPipeline>> | undefined;
  let database: Database | undefined;
  try {
    opened = await openPipeline(job.name, job.settings, {
      ledger,
      budget: createBudget(limits, { prices, before: ledger.totals }),
      cache: { folder: account.cache ?? run.path("cache") },
      concurrency: Math.max(1, account.concurrency),
    });
    database = await openDatabase({ dir: run.path("database") });
    const state = await work(job, opened.pipeline, database, context);
    if (state.status === "paused") throw new PausedError(state.reason ?? "paused", run.id);
    const outcome = await settle<Row>(opened.pipeline, database, state, context);
    return await use({ ...outcome, totals: ledger.totals, hasPrices: account.prices !== undefined });
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  } finally {
    await opened?.close();
    await database?.close();
    ledger.close();
  }
}

async function work(
  { name, settings, file, account, limit, total }: PipelineJob,
  pipeline: Pipeline,
  database: Database,
  { run, progress, signal }: CommandContext,
): Promise<PipelineState> {
  const bar = progress({ label: name.replace("-", " "), total, unit: "rows" });
  try {
    return await runPipeline({
      database,
      pipeline,
      id: run.id,
      settings,
      input: numberedRows(file, limit),
      concurrency: account.concurrency,
      signal,
      onProgress({ stages }) {
        const ended = stages.reduce((sum, { rejected, poison }) => sum + rejected + poison, stages.at(-1)!.done);
        bar.update(ended, { kept: stages.at(-1)!.done });
      },
    });
  } finally {
    bar.stop();
  }
}

async function settle<Row>(pipeline: Pipeline, database: Database, { stages }: PipelineState, { run }: CommandContext) {
  const figures: StageFigures[] = stages.map(({ name, done, poison }) => ({
    name,
    kept: done,
    rejected: {},
    failed: poison,
  }));
  const rejectsOf = (stage: string) => pipelineRejects(database, pipeline, run.id, stage);
  const failed = await poisonItems(database, run.id);
  async function* rejected() {
    for (const { name, rejected: counts } of figures) {
      for await (const { place, item, reject, detail } of rejectsOf(name)) {
        counts[reject] = (counts[reject] ?? 0) + 1;
        yield { row: rowOf(place), stage: name, label: reject, detail: detail ?? null, item };
      }
    }
    for (const { place, stage, item, error } of failed) {
      yield { row: rowOf(place), stage: figures[stage]!.name, label: "failed", detail: error, item };
    }
  }
  await writeJsonLines(run.path("rejected.jsonl"), rejected());
  return {
    stages: figures,
    failedCount: failed.length,
    results: () => pipelineResults<Row>(database, pipeline, run.id),
    rejects: rejectsOf,
  };
}

/** The row of the file, from 1: places count from 0. */
const rowOf = (place: string): number => Number(place) + 1;
