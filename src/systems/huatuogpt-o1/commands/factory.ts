/** `polymath huatuo factory`: exam questions with keys become problems with one checkable answer. */
import { resolve } from "node:path";
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { writePublished } from "../pipelines/rows.ts";
import { runJob } from "../pipelines/run.ts";
import { type FactorySettings, parseModelPlace } from "../pipelines/settings.ts";
import { contaminationIndex, readEvaluationFiles } from "../stages/decontaminate.ts";
import { lookAt } from "./look-at.ts";
import { accountOptions, callOptions, callSettings } from "./options.ts";
import { describeEngine, type EngineResult, engineReport, engineResult } from "./report.ts";

export const factoryCommand = defineCommand({
  name: "huatuo factory",
  summary: "Turn exam questions with keys into open problems with one checkable answer",
  description:
    "Rows have question, options, answer_idx and answer, in JSON, JSON lines, CSV or Parquet. Rows that cannot be used " +
    "go to rejected.jsonl with stage, label and reason. Killed anywhere, `polymath resume` goes on without paying twice; " +
    "with POLYMATH_DATABASE_URL, `polymath worker` on other machines takes part.",
  examples: [
    "polymath huatuo factory questions.json --endpoint http://127.0.0.1:8000/v1 --model Qwen2.5-72B-Instruct",
    "polymath huatuo factory questions.jsonl --endpoint http://127.0.0.1:8000/v1 --weak Qwen2.5-7B@http://127.0.0.1:8001/v1 local:./Llama-3.2-1B --decontaminate eval.json",
  ],
  args: z.tuple([z.string().meta({ label: "questions" }).describe("a file of multiple-choice questions")]),
  options: z.object({
    ...callOptions,
    weak: z
      .array(z.string())
      .default([])
      .meta({ label: "model..." })
      .describe("weak models, as NAME@URL, local:DIR or embedded:NAME; what all of them know is dropped"),
    minWords: z.number().int().min(0).default(15).describe("shorter questions are dropped"),
    decontaminate: z
      .array(z.string())
      .default([])
      .meta({ label: "file..." })
      .describe("evaluation data; what shares a run of 64 characters with it is dropped"),
    ...accountOptions,
  }),
  journal: true,
  async run([file], options, context): Promise<EngineResult | null> {
    const { log, run } = context;
    const { total, isMedical } = await lookAt(file, log, options.count);
    const evaluationFiles = options.decontaminate.map((path) => resolve(path));
    const settings: FactorySettings = {
      ...(await callSettings(options)),
      weak: options.weak.map((text) => parseModelPlace(text, options.apiKeyEnv)),
      minWords: options.minWords,
      evaluationFiles,
      evaluationHash:
        evaluationFiles.length > 0 ? contaminationIndex(await readEvaluationFiles(evaluationFiles)).hash : "",
    };
    const job = { name: "huatuo-factory", settings, file, account: options, limit: options.count, total } as const;
    return runJob<Record<string, unknown>, EngineResult>(job, context, async (outcome) => {
      const out = run.path("problems.json");
      const written = await writePublished(out, outcome.results());
      const result = engineResult(outcome, { dir: run.dir, written, out, isMedical });
      await run.finish(engineReport("Verifiable problems", result));
      return result;
    });
  },
  print: (result) => (result ? describeEngine(result) : ""),
});
