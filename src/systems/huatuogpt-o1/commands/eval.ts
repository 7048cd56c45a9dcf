/** `polymath huatuo eval`: how many questions a model answers right, by one rule that was chosen beforehand. */
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { formatNumber } from "../../../core/format.ts";
import { writeJsonLines } from "../../../core/jsonl.ts";
import type { Report } from "../../../core/report.ts";
import { createBudget, openLedger, readPrices } from "../../../endpoint/index.ts";
import { endpointOptions, openEndpoint } from "../../../language/endpoint-options.ts";
import { readEvalFile } from "../eval/files.ts";
import { tiers } from "../eval/match-choice.ts";
import { answerItems, type BenchmarkScore, scoreBenchmarks } from "../eval/run.ts";
import { looksMedical, medicalNotice } from "../medical-notice.ts";
import { type OpenedVerifier, openVerifier } from "../rl/open-verifier.ts";
import { showPercent } from "../verifier/calibrate.ts";
import { accountOptions } from "./options.ts";

export const evalCommand = defineCommand({
  name: "huatuo eval",
  summary: "Evaluate a model on exam questions, with or without options, by one declared rule",
  description:
    "Questions with options are scored by the last option that the answer settles on, and it is said by which of four " +
    "tiers. The published scorer takes the better of first and last match after the fact: --legacy-max shows its figure " +
    "beside ours. Questions without options are judged by a verifier. The file is the published " +
    '{"benchmark": [...]}, or rows in JSON, JSON lines, CSV or Parquet.',
  examples: [
    "polymath huatuo eval eval_data.json --endpoint http://127.0.0.1:8000/v1 --strict",
    "polymath huatuo eval problems.json --endpoint local:./thinker --verifier my-verifier",
  ],
  args: z.tuple([z.string().meta({ label: "questions" }).describe("a file of questions with their answers")]),
  options: z.object({
    ...endpointOptions,
    strict: z.boolean().default(false).describe("ask for 'The answer is A.'"),
    legacyMax: z.boolean().default(false).describe("show what the published scorer would report"),
    verifier: z
      .string()
      .default("exact")
      .describe("who judges answers to questions without options: exact, llm (with --judge), or a verifier's folder"),
    judge: z.string().optional().meta({ label: "model" }).describe("for --verifier llm, as NAME@URL or local:DIR"),
    temperature: z.number().min(0).default(0.5),
    topP: z.number().min(0).max(1).default(0.9),
    maxTokens: z.number().int().min(1).default(2000).describe("per answer"),
    repeats: z
      .number()
      .int()
      .min(1)
      .default(1)
      .describe("times each question is asked; the paper asks GPQA's five times"),
    seed: z.number().int().nonnegative().default(0),
    ...accountOptions,
    concurrency: z.number().int().min(1).max(256).default(8).describe("questions under way at a time"),
  }),
  journal: true,
  async run([file], options, context) {
    const { run, log, signal, progress } = context;
    const items = await readEvalFile(file);
    const isMedical = looksMedical(items.slice(0, 200).map((item) => JSON.stringify(item)));
    if (isMedical) log.warn(medicalNotice);
    const prices = options.prices === undefined ? {} : await readPrices(options.prices);
    const ledger = await openLedger(run.path("ledger.jsonl"), { prices });
    const limits = options.maxTokensTotal === undefined ? {} : { tokens: options.maxTokensTotal };
    const account = {
      ledger,
      budget: createBudget(limits, { prices, before: ledger.totals }),
      cache: { folder: options.cache ?? run.path("cache") },
      concurrency: options.concurrency,
    };
    const endpoint = await openEndpoint(options, account);
    const bar = progress({ label: "answer", total: items.length * options.repeats, unit: "answers" });
    let judge: OpenedVerifier | undefined;
    try {
      judge = await openVerifier(options.verifier, { ...options, maxTokens: 512, account });
      const answers = await answerItems(items, {
        ...options,
        endpoint,
        verifier: judge.verifier,
        signal,
        onAnswer: (done) => bar.update(done),
      });
      await writeJsonLines(run.path("answers.jsonl"), answers);
      const scores = scoreBenchmarks(answers);
      await run.finish(reportOf(scores, options.legacyMax));
      return { dir: run.dir, legacyMax: options.legacyMax, isMedical, scores };
    } catch (error) {
      if (signal.aborted) return null; // interrupted: `polymath resume` goes on, answers given are in the cache
      throw error;
    } finally {
      bar.stop();
      await Promise.all([endpoint.close(), judge?.close()]);
      ledger.close();
    }
  },
  print: (result) => (result ? describeScores(result) : ""),
});

function describeScores({
  scores,
  legacyMax,
  dir,
}: {
  scores: BenchmarkScore[];
  legacyMax: boolean;
  dir: string;
}): string {
  const lines = scores.flatMap(({ benchmark, mcq, open, hasForm }) => {
    if (open) {
      return [
        `${benchmark}: ${showPercent(open.accuracy)} of ${open.count} right${open.unclear > 0 ? `, ${open.unclear} unclear` : ""}`,
        `  thinks first: ${showPercent(hasForm)}`,
      ];
    }
    const { accuracy, count, tiers: found, legacyMax: published } = mcq!;
    return [
      `${benchmark}: ${showPercent(accuracy)} of ${count} right, by the last match`,
      `  settled by: ${tiers.map((tier) => `${tier} ${found[tier].count} (${found[tier].right} right)`).join(", ")}`,
      ...(legacyMax
        ? [`  published scorer, better of first and last: ${formatNumber(Number((100 * published).toFixed(1)))}%`]
        : []),
      `  thinks first: ${showPercent(hasForm)}`,
    ];
  });
  return [...lines, dir].join("\n");
}

function reportOf(scores: readonly BenchmarkScore[], legacyMax: boolean): Report {
  return {
    title: "Evaluation",
    summary: "Of questions with options the last match counts; intervals are those of Clopper and Pearson.",
    sections: [
      {
        kind: "table",
        title: "Accuracy",
        columns: [
          "benchmark",
          "answers",
          "right",
          ...tiers,
          ...(legacyMax ? ["published scorer, %"] : []),
          "thinks first",
        ],
        rows: scores.map(({ benchmark, mcq, open, hasForm }) => [
          benchmark,
          (mcq ?? open)!.count,
          showPercent((mcq ?? open)!.accuracy),
          ...tiers.map((tier) => mcq?.tiers[tier].count ?? null),
          ...(legacyMax ? [mcq ? Number((100 * mcq.legacyMax).toFixed(1)) : null] : []),
          showPercent(hasForm),
        ]),
      },
    ],
  };
}
