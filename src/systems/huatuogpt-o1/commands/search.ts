/** `polymath huatuo search`: a teacher searches for the answer of each problem until the verifier finds it right. */
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { formatInterval } from "../../../core/format.ts";
import { readJson } from "../../../core/json.ts";
import type { ReportSection } from "../../../core/report.ts";
import { clopperPearson } from "../../../core/statistics/index.ts";
import { writePublished } from "../pipelines/rows.ts";
import { runJob } from "../pipelines/run.ts";
import type { SearchSettings } from "../pipelines/settings.ts";
import type { SearchedRow } from "../schemas.ts";
import type { Attempt } from "../search/search.ts";
import { createStatistics, type SearchStatistics, type Tried, unparsedLimit } from "../search/statistics.ts";
import { checkStrategies, Strategies } from "../search/strategies.ts";
import { lookAt } from "./look-at.ts";
import { accountOptions, callOptions, callSettings, verifierOptions, verifierSettings } from "./options.ts";
import { describeEngine, type EngineResult, engineReport, engineResult } from "./report.ts";

export type SearchResult = EngineResult & { search: SearchStatistics };

/** The published code's values. */
const fast = { depth: 2, attempts: 1 };
const usual = { depth: 3, attempts: 3 };

/** How far the search of one problem goes. */
export function searchLimits(given: {
  depth?: number | undefined;
  attempts?: number | undefined;
  fast: boolean;
}): typeof usual {
  const { depth, attempts } = given.fast ? fast : usual;
  return { depth: given.depth ?? depth, attempts: given.attempts ?? attempts };
}

export const searchCommand = defineCommand({
  name: "huatuo search",
  summary: "Let a model search for the answers of problems until a verifier finds them right",
  description:
    "Rows have Open-ended Verifiable Question and Ground-True Answer: the factory's problems.json, or the published " +
    "files. A chain that ends wrong goes on by a strategy drawn at random: Exploring New Paths, Backtracking, Verification " +
    "or Correction. searched.json holds the accepted chains with all that was tried; rejected.jsonl the rest.",
  examples: [
    "polymath huatuo search problems.json --endpoint http://127.0.0.1:8000/v1 --model Qwen2.5-72B-Instruct",
    "polymath huatuo search problems.json --endpoint http://127.0.0.1:8000/v1 --judge Qwen2.5-7B@http://127.0.0.1:8001/v1 --fast",
  ],
  args: z.tuple([z.string().meta({ label: "problems" }).describe("a file of verifiable problems")]),
  options: z.object({
    ...callOptions,
    ...verifierOptions,
    depth: z.number().int().min(0).max(20).optional().describe("refinements per attempt; default 3"),
    attempts: z.number().int().min(1).max(20).optional().describe("default 3"),
    fast: z.boolean().default(false).describe("the published code's values: 2 refinements, 1 attempt"),
    strategies: z
      .string()
      .optional()
      .meta({ label: "file" })
      .describe("JSON list of { name, fromDepth, prompt } in place of the four strategies"),
    revealLabel: z
      .boolean()
      .default(false)
      .describe("at the end, tell the teacher the answer; such chains are flagged, and verified all the same"),
    seed: z.number().int().default(0).describe("the same seed and the same answers give the same search"),
    ...accountOptions,
  }),
  journal: true,
  async run([file], options, context): Promise<SearchResult | null> {
    const { log, run } = context;
    const strategies = options.strategies === undefined ? undefined : await readJson(options.strategies, Strategies);
    if (strategies) checkStrategies(strategies, options.strategies!);
    const { total, isMedical } = await lookAt(file, log, options.count);
    const settings: SearchSettings = {
      ...(await callSettings(options)),
      ...verifierSettings(options, options.apiKeyEnv),
      strategies,
      ...searchLimits(options),
      revealLabel: options.revealLabel,
      seed: options.seed,
    };
    const job = { name: "huatuo-search", settings, file, account: options, limit: options.count, total } as const;
    return runJob<SearchedRow, SearchResult>(job, context, async (outcome) => {
      const statistics = createStatistics();
      async function* found() {
        for await (const row of outcome.results()) {
          statistics.addFound(row);
          yield row;
        }
      }
      const out = run.path("searched.json");
      const written = await writePublished(out, found());
      for await (const { detail } of outcome.rejects("search")) {
        statistics.addNotFound((detail as { attempts: Attempt[] }).attempts);
      }
      const { verdicts, unparsed } = statistics.result;
      if (unparsed > unparsedLimit * verdicts) {
        log.warn(`The verifier said neither True nor False ${unparsed} of ${verdicts} times: is it the right model?`);
      }
      const result = {
        ...engineResult(outcome, { dir: run.dir, written, out, isMedical }),
        search: statistics.result,
      };
      await run.finish(engineReport("Verifier-guided search", result, sectionsOf(result.search)));
      return result;
    });
  },
  print: (result) => (result ? `${describeSearch(result.search)}\n${describeEngine(result)}` : ""),
});

const percent = ({ accepted, tried }: Tried): string => {
  const { value, low, high } = clopperPearson(accepted, tried);
  return formatInterval(100 * value, [100 * low, 100 * high], "%");
};

function describeSearch(statistics: SearchStatistics): string {
  const { problems, found, byType, labelRevealed, unparsed, verdicts, faults } = statistics;
  const types = Object.entries(byType).map(
    ([type, tried]) => `  ${type}: ${tried.accepted} of ${tried.tried} accepted (${percent(tried)})`,
  );
  return [
    `${found} of ${problems} problems found${labelRevealed > 0 ? `, ${labelRevealed} of them with the answer revealed` : ""}`,
    ...types,
    `  ${unparsed} of ${verdicts} verdicts unclear; attempts ended by unreadable replies ${faults.parse_error}, by refusals ${faults.refused}`,
  ].join("\n");
}

function sectionsOf({ byType, byAttempt, byDepth }: SearchStatistics): ReportSection[] {
  return [
    {
      kind: "table",
      title: "Success by kind of reply",
      note: "with 95 % intervals by Clopper and Pearson",
      columns: ["kind", "judged", "accepted", "share"],
      rows: Object.entries(byType).map(([type, tried]) => [type, tried.tried, tried.accepted, percent(tried)]),
    },
    {
      kind: "table",
      title: "Found in attempt",
      columns: ["attempt", "problems"],
      rows: byAttempt.map((count, index) => [index + 1, count]),
    },
    {
      kind: "table",
      title: "Found after refinements",
      columns: ["refinements", "problems"],
      rows: byDepth.map((count, index) => [index, count]),
    },
  ];
}
