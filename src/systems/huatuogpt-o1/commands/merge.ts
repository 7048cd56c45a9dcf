/** `polymath huatuo merge`: accepted chains become one natural monologue and a reply. */
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { defaultLimits } from "../merge/check.ts";
import { writePublished } from "../pipelines/rows.ts";
import { runJob } from "../pipelines/run.ts";
import type { MergeSettings } from "../pipelines/settings.ts";
import { lookAt } from "./look-at.ts";
import { accountOptions, callOptions, callSettings, verifierOptions, verifierSettings } from "./options.ts";
import { describeEngine, type EngineResult, engineReport, engineResult } from "./report.ts";

export const mergeCommand = defineCommand({
  name: "huatuo merge",
  summary: "Rewrite accepted chains as natural thinking with a reply, and check both",
  description:
    "Takes searched.json of `polymath huatuo search`. Rows that speak of a key, name the answer before it is found, lose " +
    "turns or end elsewhere than the search go to rejected.jsonl. merged.json has Question, Complex_CoT and Response.",
  examples: [
    "polymath huatuo merge searched.json --endpoint http://127.0.0.1:8000/v1 --model Qwen2.5-72B-Instruct",
    "polymath huatuo merge searched.json --endpoint http://127.0.0.1:8000/v1 --verifier exact",
  ],
  args: z.tuple([z.string().meta({ label: "searched" }).describe("a file of rows with accepted chains")]),
  options: z.object({
    ...callOptions,
    ...verifierOptions,
    minShare: z.number().min(0).default(defaultLimits.minShare).describe("words of thinking per word of the chain"),
    maxShare: z.number().min(0).default(defaultLimits.maxShare).describe("the same, at most"),
    ...accountOptions,
  }),
  journal: true,
  async run([file], options, context): Promise<EngineResult | null> {
    const { log, run } = context;
    const { total, isMedical } = await lookAt(file, log, options.count);
    const settings: MergeSettings = {
      ...(await callSettings(options)),
      ...verifierSettings(options, options.apiKeyEnv),
      minShare: options.minShare,
      maxShare: options.maxShare,
    };
    const job = { name: "huatuo-merge", settings, file, account: options, limit: options.count, total } as const;
    return runJob<Record<string, unknown>, EngineResult>(job, context, async (outcome) => {
      const out = run.path("merged.json");
      const written = await writePublished(out, outcome.results());
      const result = engineResult(outcome, { dir: run.dir, written, out, isMedical });
      await run.finish(engineReport("Merged reasoning", result));
      return result;
    });
  },
  print: (result) => (result ? describeEngine(result) : ""),
});
