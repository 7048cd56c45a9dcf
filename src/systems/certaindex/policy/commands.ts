/** `polymath certaindex value`, `calibrate` and `replay`. */
import { resolve } from "node:path";
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { lexicalEmbedder, openAiEmbedder } from "../embedders.ts";
import { PolicyAlgorithm, SignalName } from "../schemas.ts";
import { disclaimer } from "../signals.ts";
import { calibrateInDetail } from "./calibrate.ts";
import { renderCalibration } from "./calibration-report.ts";
import { describePolicy } from "./describe.ts";
import { writePolicy } from "./policy-file.ts";
import { replaySource } from "./replay-source.ts";
import { describeReplay } from "./replay-text.ts";
import { readRecordings } from "./sources.ts";
import { describeValue, valueAnswers } from "./value.ts";

const numbers = z.array(z.coerce.number());

export const valueCommand = defineCommand({
  name: "certaindex value",
  summary: "Say how settled a handful of answers is, as a number from 0 to 1",
  description:
    "1 where all agree, 0 where all differ, nothing for a single answer. Answers are compared as numbers, formulas or " +
    'choices, or with --similar by their spelling or by a server\'s embeddings. An empty answer ("") counts as a ' +
    "different one. The number says how settled the answer is, not how likely it is to be right.",
  examples: [
    "polymath certaindex value a a a a b --json",
    "polymath certaindex value 1/2 0.5 50% 3",
    'polymath certaindex value --similar "It is even." "it is even" "It is odd"',
  ],
  args: z.array(z.string()).min(1).meta({ label: "answers" }).describe("the answers of one question's paths"),
  options: z.object({
    similar: z.boolean().default(false).describe("group by likeness of texts instead of equality"),
    cosine: z.number().min(0).max(1).default(0.9).describe("with --similar: likeness from which two answers are one"),
    embeddings: z
      .url()
      .optional()
      .meta({ label: "url" })
      .describe("with --similar: a server with OpenAI's /embeddings"),
    model: z.string().optional().meta({ label: "name" }).describe("of that server's embedding model"),
    apiKeyEnv: z
      .string()
      .optional()
      .meta({ label: "variable" })
      .describe("environment variable with that server's key"),
    values: z.boolean().default(false).describe("also list every value that so many answers can have"),
  }),
  run: (answers, { similar, cosine, embeddings, model = "text-embedding-3-small", apiKeyEnv, values }) => {
    const server = embeddings && openAiEmbedder({ url: embeddings, model, ...(apiKeyEnv && { apiKeyEnv }) });
    const embed = server ?? (similar ? lexicalEmbedder() : undefined);
    return valueAnswers(answers, { ...(embed && { embed }), cosine, listsValues: values });
  },
  print: describeValue,
});

export const calibrateCommand = defineCommand({
  name: "certaindex calibrate",
  summary: "Find the policy that saves most and provably loses little, from runs to the cap with known answers",
  description:
    "Recordings come from `polymath certaindex solve --record`. A loss is a question that the full budget has right " +
    "and the policy wrong. With fewer questions than the promise needs (299 for 1 % at 95 %) it refuses and says how " +
    "many there must be. Writes the policy, and a report with the curve of tokens against accuracy.",
  examples: [
    "polymath certaindex calibrate runs/2026-01-31T10-00-00-certaindex-solve-abc234 --out policy.json",
    "polymath certaindex calibrate recordings.jsonl --algorithms static single-step --delta 0.02",
    "polymath certaindex calibrate chains.jsonl --windows 4 8 16 --floors 0 256",
  ],
  args: z.tuple([
    z.string().meta({ label: "recordings" }).describe("JSON lines of recordings, or the folder of a run"),
  ]),
  options: z.object({
    out: z.string().default("policy.json").meta({ label: "file" }).describe("where the policy goes"),
    dataset: z
      .string()
      .optional()
      .meta({ label: "name" })
      .describe("of the questions, for --strict; default what the run called it, or the file's name"),
    delta: z.number().gt(0).lt(1).default(0.01).describe("share of questions that may be lost"),
    confidence: z.number().gt(0).lt(1).default(0.95).describe("share of calibrations whose promise holds"),
    mode: z
      .enum(["guarantee", "no-loss"])
      .default("guarantee")
      .describe("no-loss is the paper's way: the boldest rule that lost no question here; it promises nothing"),
    algorithms: z.array(PolicyAlgorithm).min(1).optional().describe("to try; each further one needs more questions"),
    signals: z.array(SignalName).min(1).optional().describe("that must all be met; default the published ones"),
    detectAt: z.int().min(1).optional().describe("units before the first decision; default the published ones"),
    every: z.int().min(1).default(5).describe("units between the decisions of k-step"),
    minTokens: z.int().min(0).default(0).describe("no stop before so many generated tokens"),
    windows: numbers.optional().describe("chain-of-thought: numbers of probes that must agree, to try"),
    multiples: numbers.optional().describe("chain-of-thought: multiples of the recorded interval to try; default 1"),
    floors: numbers.optional().describe("chain-of-thought: least tokens before the first probe, to try; default 0"),
  }),
  journal: true,
  async run([source], { out, windows, multiples, floors, dataset, ...options }, { run, log }) {
    const { recordings, dataset: named } = await readRecordings(source);
    const details = calibrateInDetail(recordings, {
      ...options,
      dataset: dataset ?? named,
      ...((windows || multiples || floors) && { windows: { window: windows, every: multiples, minTokens: floors } }),
    });
    const file = resolve(out);
    await writePolicy(file, details.policy);
    await writePolicy(run.path("policy.json"), details.policy);
    if (details.policy.calibration.saved <= 0)
      log.warn("this policy saves nothing", { saved: details.policy.calibration.saved });
    await run.finish(renderCalibration(details, recordings));
    return { out: file, report: run.path("report.html"), ...details, note: disclaimer };
  },
  print: ({ out, report, policy, note }) =>
    [
      describePolicy(policy),
      `Saves ${(100 * policy.calibration.saved).toFixed(1)} % of the generated tokens on these questions.`,
      `policy  ${out}`,
      `report  ${report}`,
      note,
    ].join("\n"),
});

export const replayCommand = defineCommand({
  name: "certaindex replay",
  summary: "Say what any policy would have saved and lost on recorded runs, without a model",
  description:
    "Exact: a policy sees nothing but what was recorded. On the folder of a run, or a trace, the policy that ran gives " +
    "the live figures again, and they are compared. Tokens of probes count as spent; prompt tokens are shown with and " +
    "without a prefix cache.",
  examples: [
    "polymath certaindex replay runs/2026-01-31T10-00-00-certaindex-solve-abc234",
    "polymath certaindex replay recordings.jsonl --policy static:0.4@5",
    "polymath certaindex replay recordings.jsonl --policy policy.json --results --json",
  ],
  args: z.tuple([z.string().meta({ label: "source" }).describe("recordings, a trace, or the folder of a run")]),
  options: z.object({
    policy: z.string().optional().describe("a policy file or a short form such as static:0.7@5; default the run's own"),
    cap: z.int().min(1).optional().describe("units at most; default the policy's, or the recordings'"),
    results: z.boolean().default(false).describe("with --json: also one result per question"),
  }),
  run: ([source], { policy, cap, results }) => replaySource(source, { policy, cap, withResults: results }),
  print: describeReplay,
});
