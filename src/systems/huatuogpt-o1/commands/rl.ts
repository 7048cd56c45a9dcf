/** `polymath huatuo rl`: a policy learns from a verifier's word; `huatuo rl-config`: the same at full scale, elsewhere. */
import { existsSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { writeFileAtomic } from "../../../core/atomic.ts";
import { type CommandContext, defineCommand } from "../../../core/command.ts";
import { DataError, UsageError } from "../../../core/errors.ts";
import { createBudget, type LedgerOptions, openLedger, readPrices } from "../../../endpoint/index.ts";
import { loadModel, saveModel } from "../../../language/hugging-face.ts";
import { ChatTemplate, loadTokenizer } from "../../../language/tokenizers/index.ts";
import {
  type PolicySettings,
  type SampledPairSettings,
  tinyPairs,
  tinySettings,
} from "../../../language/train/index.ts";
import { medicalNotice } from "../medical-notice.ts";
import { fullScaleConfig, fullScaleTargets } from "../rl/full-scale.ts";
import { openVerifier } from "../rl/open-verifier.ts";
import { encodeProblems, holdOut, readProblems } from "../rl/problems.ts";
import { describeRl, type RlSummary, rlReport } from "../rl/report.ts";
import { isUnclear } from "../rl/reward.ts";
import { type RlOptions, rlMethods, trainOnVerifier } from "../rl/train.ts";
import { lookAt } from "./look-at.ts";
import { accountOptions } from "./options.ts";

const whole = () => z.number().int().min(1).optional();
const positive = () => z.number().positive().optional();
const share = () => z.number().min(0).max(1).optional();

const options = z.object({
  model: z.string().meta({ label: "folder" }).describe("the policy before training, and its frozen reference"),
  out: z.string().meta({ label: "folder" }).describe("where the trained policy goes"),
  method: z.enum(rlMethods).default("ppo").describe("how it learns; all from the same reward"),
  verifier: z.string().default("exact").describe("exact, llm (with --judge), or the folder of a trained verifier"),
  judge: z
    .string()
    .optional()
    .meta({ label: "model" })
    .describe("model for llm, as NAME@URL, local:DIR or embedded:NAME"),
  second: z
    .string()
    .optional()
    .meta({ label: "verifier" })
    .describe("a second verifier, which stops the training when the first pays for what it finds wrong"),
  secondJudge: z.string().optional().meta({ label: "model" }).describe("model for --second llm"),
  monitorEvery: z.number().int().min(1).default(5).describe("updates between looks of the second verifier"),
  apiKeyEnv: z.string().optional().meta({ label: "variable" }).describe("environment variable with the judges' key"),
  valueModel: z
    .string()
    .optional()
    .meta({ label: "folder" })
    .describe("what PPO's value net begins as; default the policy"),
  updates: whole().describe(`rounds of sampling and learning; default ${tinySettings.ppo.updates}`),
  prompts: whole().describe(`problems per update; default so many that there are ${tinySettings.ppo.prompts} rollouts`),
  groupSize: whole().describe("rollouts of each problem; default 1 for ppo, 2 for rloo, 8 for grpo"),
  maxTokens: whole().describe(`per answer; default ${tinySettings.ppo.maxTokens}, the paper's 1300`),
  temperature: positive().describe(`default ${tinySettings.ppo.temperature}, the paper's 0.5`),
  beta: z
    .number()
    .min(0)
    .optional()
    .describe(`weight of the KL divergence; default ${tinySettings.ppo.beta}, for dpo ${tinyPairs.beta}`),
  learningRate: positive().describe(`default ${tinySettings.ppo.learningRate} for tiny models, the paper's 5e-7`),
  epochs: whole().describe("passes over the rollouts of an update"),
  minibatches: whole().describe("steps per pass; default 1"),
  clip: positive().describe(`default ${tinySettings.ppo.clip}`),
  lambda: share().describe(`of advantage estimation, ppo; default ${tinySettings.ppo.lambda}`),
  valueWeight: z.number().min(0).optional().describe(`ppo; default ${tinySettings.ppo.valueWeight}, the paper's 1`),
  valueRate: positive().describe(
    `ppo: the value net learns so many times as fast; default ${tinySettings.ppo.valueRate}`,
  ),
  missingEosPenalty: z.number().min(0).optional().describe("taken off the reward of an answer that does not end"),
  samples: whole().describe(`dpo: answers to each problem; default ${tinyPairs.samples}`),
  rounds: whole().describe(`dpo: times to sample and to learn; default ${tinyPairs.rounds}, offline`),
  batchSize: whole().describe(`dpo: pairs per step; default ${tinyPairs.batchSize}`),
  klLimit: positive().describe("alarm above so many nats per token; default 0.5"),
  entropyLimit: share().describe("alarm below this share of the first entropy; default 0.1, 0 for none"),
  checkpointEvery: z.number().int().min(1).default(20).describe("updates between checkpoints"),
  evaluateEvery: z.number().int().min(1).default(20).describe("updates between looks at held-out problems"),
  count: whole().describe("take only the first so many problems"),
  seed: z.number().int().default(0).describe("the same seed and the same verdicts give the same policy"),
  ...accountOptions,
});
type Options = z.output<typeof options>;

export const rlCommand = defineCommand({
  name: "huatuo rl",
  summary: "Train a model on a verifier's word: PPO, RLOO, GRPO or DPO from its own answers",
  description:
    "Rows have Open-ended Verifiable Question and Ground-True Answer. An answer is paid 1 when it is right and in the form " +
    "(## Thinking, ## Final Response), 0.1 when it is wrong, 0 without the form. A tenth of the problems, 200 at most, is " +
    "held out. Named alarms (kl, entropy, equal rewards, not a number, reward hack) stop it and keep the last good policy. " +
    "Defaults are for tiny models; for billions of parameters see `polymath huatuo rl-config`.",
  examples: [
    "polymath huatuo rl problems.json --model my-sft --out my-rl --verifier my-verifier --second exact",
    "polymath huatuo rl problems.json --model my-sft --out my-rl --method rloo --verifier llm --judge Qwen2.5-7B@http://127.0.0.1:8001/v1",
  ],
  args: z.tuple([z.string().meta({ label: "problems" }).describe("a file of verifiable problems")]),
  options,
  journal: true,
  async run([file], given, context): Promise<RlSummary | null> {
    const { log, run, signal, progress } = context;
    const folder = resolve(given.model);
    if (!existsSync(join(folder, "config.json"))) {
      throw new UsageError(`--model ${given.model} is no model folder: it has no config.json`, {
        hint: "`polymath huatuo sft` writes one; any Llama or Qwen folder in Hugging Face format will do.",
      });
    }
    const { isMedical } = await lookAt(file, log, given.count);
    const [model, tokenizer, template] = await Promise.all([
      loadModel(folder),
      loadTokenizer(folder),
      ChatTemplate.load(folder),
    ]);
    const overrides = overridesOf(given);
    const maxTokens = given.maxTokens ?? tinySettings.ppo.maxTokens;
    const room = model.config.maxPositions - maxTokens;
    const problems = await readProblems(file, given.count);
    const { prompts: all, tooLong } = encodeProblems(problems, { ...model, tokenizer, template, folder }, room);
    if (all.length === 0) {
      throw new DataError(`${file}: no problem leaves room for ${maxTokens} tokens in ${model.config.maxPositions}`, {
        hint: "Lower --max-tokens, or take a model with a longer context.",
      });
    }
    if (tooLong > 0) log.warn("left-out", { tooLong, room });
    const { training, heldOut } = holdOut(all, given.seed);

    const account = await openAccount(given, context);
    const closing: (() => Promise<void>)[] = [async () => account.ledger.close()];
    const open = async (name: string, judge: string | undefined) => {
      const opened = await openVerifier(name, { judge, apiKeyEnv: given.apiKeyEnv, maxTokens: 8192, account });
      closing.unshift(opened.close);
      return opened.verifier;
    };
    const total =
      given.method === "dpo" ? (given.rounds ?? tinyPairs.rounds) : (given.updates ?? tinySettings.ppo.updates);
    const bar = progress({
      label: `huatuo rl ${given.method}`,
      total,
      unit: given.method === "dpo" ? "rounds" : "updates",
    });
    try {
      const verifier = await open(given.verifier, given.judge);
      const second = given.second === undefined ? undefined : await open(given.second, given.secondJudge);
      const result = await trainOnVerifier(
        {
          ...{ model, tokenizer, heldOut, verifier, method: given.method, seed: given.seed },
          prompts: training,
          ...overrides,
          ...(second && { monitor: { second, every: given.monitorEvery } }),
          ...(given.valueModel && { valueModel: await loadModel(resolve(given.valueModel)) }),
          ...{ evaluateEvery: given.evaluateEvery, checkpointEvery: given.checkpointEvery },
        },
        { dir: run.path("rl"), progress: bar, signal, metric: run.metric },
      );
      if (result.interrupted) return null; // `polymath resume` goes on
      const { alarm, collapse } = result;
      if (alarm) log.warn("alarm", { ...alarm });
      if (collapse) log.warn("collapse", { ...collapse });
      if (isUnclear(result.tally)) log.warn("The verifier often says neither True nor False: is it the right model?");
      const out = resolve(given.out);
      await mkdir(out, { recursive: true });
      const jinja = "chat_template.jinja";
      if (existsSync(join(folder, jinja))) await copyFile(join(folder, jinja), join(out, jinja));
      const { params, ...rest } = result;
      await saveModel(out, { config: model.config, params, tokenizer, dtype: model.dtype });
      const summary = { ...rest, method: given.method, out, prompts: training.length, tooLong, isMedical };
      await run.finish(rlReport(summary));
      return summary;
    } finally {
      bar.stop();
      for (const close of closing) await close();
    }
  },
  print: (summary) => (summary ? describeRl(summary) : ""),
});

/** What was given, by the names of the trainers' settings; what was not takes their defaults. */
function overridesOf(given: Options): Pick<RlOptions, "settings" | "pairSettings" | "limits"> {
  const known = <T extends object>(values: T) =>
    Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
  const { updates, groupSize, maxTokens, temperature, beta, learningRate, epochs, minibatches, clip, lambda } = given;
  const { valueWeight, valueRate, missingEosPenalty, samples, rounds, batchSize, klLimit, entropyLimit } = given;
  const rollouts = tinySettings.ppo.prompts;
  const prompts = given.prompts ?? (groupSize && Math.max(1, Math.floor(rollouts / groupSize)));
  const shared = { maxTokens, temperature, beta, learningRate, epochs };
  return {
    settings: known({
      ...{ ...shared, updates, prompts, groupSize, minibatches, clip, lambda },
      ...{ valueWeight, valueRate, missingEosPenalty },
    }) as Partial<PolicySettings>,
    pairSettings: known({ ...shared, samples, rounds, batchSize }) as Partial<SampledPairSettings>,
    limits: known({ kl: klLimit, entropyShare: entropyLimit }) as RlOptions["limits"] & {},
  };
}

/** Judges are paid: their calls are in the run's ledger, and none is paid twice. */
async function openAccount(given: Options, { run }: Pick<CommandContext, "run">): Promise<LedgerOptions> {
  const prices = given.prices === undefined ? {} : await readPrices(given.prices);
  const ledger = await openLedger(run.path("ledger.jsonl"), { prices });
  const limits = given.maxTokensTotal === undefined ? {} : { tokens: given.maxTokensTotal };
  return {
    ledger,
    budget: createBudget(limits, { prices, before: ledger.totals }),
    cache: { folder: given.cache ?? run.path("cache") },
    concurrency: Math.max(1, given.concurrency),
  };
}

export const rlConfigCommand = defineCommand({
  name: "huatuo rl-config",
  summary: "Write the published training on rewards, with its exact values, for TRL or verl",
  description:
    "For models of billions of parameters on GPUs: policy and value net, KL weight, clipping, batch and schedule of the " +
    "paper as a file that the trainer reads. The data comes from `polymath huatuo export`.",
  examples: ["polymath huatuo rl-config trl-ppo --out ppo.yaml --policy my-sft-8B --verifier medical_o1_verifier_3B"],
  args: z.tuple([z.enum(fullScaleTargets).meta({ label: "target" }).describe(fullScaleTargets.join(", "))]),
  options: z.object({
    out: z.string().meta({ label: "file" }).describe("where to write the YAML"),
    policy: z.string().meta({ label: "model" }).describe("the model after supervised training"),
    verifier: z.string().default("FreedomIntelligence/medical_o1_verifier_3B").describe("the reward model"),
    value: z.string().default("meta-llama/Llama-3.2-3B-Instruct").describe("what the value net begins as"),
    data: z.string().default("rl.parquet").meta({ label: "file" }).describe("rows of `huatuo export`"),
    reward: z.string().default("reward.py").meta({ label: "file" }).describe("verl: Python with compute_score"),
    outputDir: z.string().default("ckpts/rl").meta({ label: "folder" }).describe("where the trainer is to write"),
  }),
  async run([target], { out, outputDir, ...places }, { log }) {
    if (/medical|huatuo/i.test(Object.values(places).join(" "))) log.warn(medicalNotice);
    await writeFileAtomic(out, fullScaleConfig(target, { ...places, out: outputDir }));
    return { target, out };
  },
  print: ({ target, out }) => `${out}: the settings of ${target}`,
});
