/** `polymath worker`: takes part in the runs of a PostgreSQL that several machines share. */
import { z } from "zod";
import { defineCommand } from "../../core/command.ts";
import { UsageError } from "../../core/errors.ts";
import { createBudget, openLedger, readPrices } from "../../endpoint/index.ts";
import { openDatabase, runWorker } from "../../jobs/index.ts";
import { type OpenedPipeline, pipelines } from "./pipelines.ts";

export const workerCommand = defineCommand({
  name: "worker",
  summary: "Take part in the pipelines of a shared PostgreSQL, beside other machines",
  description:
    "Works on whatever runs there are in the database of POLYMATH_DATABASE_URL until Ctrl-C; what is under way is then " +
    "given back. Keys of model servers come from this machine's environment. What this process pays is in its own run.",
  examples: ["POLYMATH_DATABASE_URL=postgres://user@host/polymath polymath worker --concurrency 16"],
  options: z.object({
    concurrency: z.number().int().min(1).max(256).default(8).describe("items worked on at a time, per run"),
    maxTokensTotal: z
      .number()
      .int()
      .min(1)
      .optional()
      .describe("budget of this process; the run that would pass it is paused for all"),
    prices: z.string().optional().meta({ label: "file" }).describe("price table, to know what it costs"),
    cache: z
      .string()
      .optional()
      .meta({ label: "folder" })
      .describe("answers of models, best on a disk that all workers share; default the run's own"),
  }),
  journal: true,
  endsOnInterrupt: true,
  async run(_, { concurrency, maxTokensTotal, prices, cache }, { run, log, signal }) {
    if (!process.env.POLYMATH_DATABASE_URL) {
      throw new UsageError("There is no database to work on: POLYMATH_DATABASE_URL is not set", {
        hint: "Set it to the PostgreSQL of the run, e.g. postgres://user@host/polymath",
      });
    }
    const table = prices === undefined ? {} : await readPrices(prices);
    const database = await openDatabase({ dir: run.path("database") });
    const ledger = await openLedger(run.path("ledger.jsonl"), { prices: table });
    const limits = maxTokensTotal === undefined ? {} : { tokens: maxTokensTotal };
    const account = {
      ledger,
      budget: createBudget(limits, { prices: table, before: ledger.totals }),
      cache: { folder: cache ?? run.path("cache") },
      concurrency,
    };
    const opened: OpenedPipeline[] = [];
    try {
      log.info("worker-start", { database: database.place });
      await runWorker({
        database,
        concurrency,
        signal,
        log,
        async resolve(name, settings) {
          const open = Object.hasOwn(pipelines, name) ? pipelines[name] : undefined;
          if (!open) return undefined;
          const made = await open(settings, account);
          opened.push(made);
          return made.pipeline;
        },
      });
      return { runs: opened.length, calls: ledger.totals.paidCount };
    } finally {
      await Promise.all(opened.map(({ close }) => close()));
      ledger.close();
      await database.close();
    }
  },
  print: ({ runs, calls }) => `worked on ${runs} runs; ${calls} calls paid`,
});
