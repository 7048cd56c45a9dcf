/** `polymath overthinking analyze`: the stages by a model, resumable and never paid twice, then the metrics. */
import { join } from "node:path";
import { z } from "zod";
import { createAtomicFile } from "../../../core/atomic.ts";
import { defineCommand } from "../../../core/command.ts";
import { stringifyRow } from "../../../core/jsonl.ts";
import { createBudget, openLedger, readPrices } from "../../../endpoint/index.ts";
import { openEndpoint } from "../../../language/endpoint-options.ts";
import { checkersOf, endpointChecker } from "../judge/checkers.ts";
import { openCounter } from "../measure/count-tokens.ts";
import { toPublished } from "../traces/published.ts";
import { finishCalls } from "./finish-calls.ts";
import { describeMeasured, measureFile } from "./measure.ts";
import { fileArgument, fileOptions, measureOptions, optionalEndpoint } from "./options.ts";

export const analyzeCommand = defineCommand({
  name: "overthinking analyze",
  summary: "Cut, judge and cluster a file of responses by a model, save the result, and measure it",
  description:
    "With --endpoint or --model, a model cuts each reasoning in three stages, has the last word on answers that the " +
    "rules find different, and groups the solutions by strategy; without, rules do it. The result is analysed.jsonl in " +
    "the run's folder, in the published form. A stopped run goes on with `polymath resume` and repeats no paid call.",
  examples: [
    "polymath overthinking analyze traces.jsonl --endpoint http://127.0.0.1:8000/v1 --tokenizer ./Qwen2.5-7B",
    "polymath overthinking analyze traces.jsonl --out analysed.jsonl",
  ],
  args: fileArgument,
  options: z.object({
    ...fileOptions,
    ...measureOptions,
    ...optionalEndpoint,
    judge: z.boolean().default(true).describe("only rules decide whether an answer is right"),
    out: z
      .string()
      .optional()
      .meta({ label: "file" })
      .describe("where the analysed rows go; default: the run's folder"),
    cache: z
      .string()
      .optional()
      .meta({ label: "folder" })
      .describe("of answers already paid for, shared by runs; default: the run's"),
    prices: z
      .string()
      .optional()
      .meta({ label: "file" })
      .describe("JSON with prices per million tokens by model, for the ledger"),
    budget: z.number().positive().optional().describe("the most this run may spend on the endpoint, by --prices"),
    concurrency: z.int().min(1).default(8).describe("calls of the endpoint at once"),
  }),
  journal: true,
  async run([file], options, context) {
    const { tokenizer, checker, tokens, repoCompat, price, unlabelled, recut, concurrency } = options;
    const { run } = context;
    const usesModel = options.endpoint !== undefined || options.model !== undefined;
    const ledger = usesModel
      ? await openLedger(run.path("ledger.jsonl"), options.prices ? { prices: await readPrices(options.prices) } : {})
      : undefined;
    const paid =
      ledger &&
      (await openEndpoint(options, {
        ledger,
        concurrency,
        cache: { folder: options.cache ?? run.path("cache") },
        ...(options.budget !== undefined && {
          budget: createBudget({ money: options.budget }, { prices: ledger.prices, before: ledger.totals }),
        }),
      }));
    const endpoint = paid && finishCalls(paid, { concurrency, signal: context.signal });
    const out = options.out ?? join(run.dir, "analysed.jsonl");
    const rows = await createAtomicFile(out);
    try {
      const { measured, report } = await measureFile(
        file,
        {
          unlabelled,
          recut,
          price,
          basis: tokens,
          weighting: repoCompat ? "solutions" : "formula",
          counter: await openCounter(tokenizer),
          checkers: checkersOf(checker, endpoint && options.judge ? endpointChecker(endpoint) : undefined),
          ...(endpoint && { endpoint, concurrency }),
          async onTrace(trace, copies) {
            const { length } = trace.solutions;
            const row = `${stringifyRow(toPublished(trace), out)}\n`;
            await rows.write(row.repeat(copies % length === 0 ? copies / length : copies)); // once per record
          },
        },
        context,
      );
      await rows.commit();
      await run.finish(report);
      return { ...measured, out, calls: ledger?.totals ?? null };
    } finally {
      await rows.abort(); // harmless after the commit
      await endpoint?.close();
      ledger?.close();
    }
  },
  print: ({ out, calls, ...measured }) =>
    [
      describeMeasured(measured),
      `Analysed rows: ${out}`,
      ...(calls
        ? [`Calls: ${calls.paidCount} paid, ${calls.replayedCount} replayed, ${calls.failedCount} failed`]
        : []),
    ].join("\n"),
});
