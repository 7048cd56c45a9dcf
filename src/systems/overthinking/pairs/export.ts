/**
 * Preference pairs as files that TRL and LLaMA-Factory read, with the hyper-parameters of the run.
 * Source: papers/overthinking sections 2.7 and 2.8. The paper's own values are not published; these are those of
 * Sky-T1-32B-Flash and of SimPO's authors.
 *
 * Libraries name SimPO's margin in two ways: TRL (`simpo_gamma`) and LLaMA-Factory (`simpo_gamma`) take gamma and
 * divide by beta themselves; SimPO's own code takes gamma / beta. Gamma is what is kept here, both are printed.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeFileAtomic, writeJsonAtomic } from "../../../core/atomic.ts";
import { writeJsonLines } from "../../../core/jsonl.ts";
import type { PreferencePair } from "../schemas.ts";

export type PairFormat = z.output<typeof PairFormat>;
export const PairFormat = z.enum(["trl", "llama-factory"]);

export type PairMethod = z.output<typeof PairMethod>;
export const PairMethod = z.enum(["simpo", "dpo", "rpo", "sft"]);

export type HyperParameters = z.output<typeof HyperParameters>;
export const HyperParameters = z.object({
  method: PairMethod,
  learningRate: z.number().positive(),
  /** Scale of the preference; not used by sft. */
  beta: z.number().positive(),
  /** SimPO's margin. */
  gamma: z.number().nonnegative(),
  /** Weight of the likelihood of the chosen text; RPO only. */
  alpha: z.number().nonnegative(),
  batchSize: z.int().positive(),
  epochs: z.number().positive(),
  warmupShare: z.number().min(0).max(1),
});

const shared = { learningRate: 5e-7, gamma: 0.5, alpha: 1, batchSize: 96, epochs: 1, warmupShare: 0.1 };

export const hyperParameters: Record<PairMethod, HyperParameters> = {
  simpo: { method: "simpo", ...shared, beta: 2 },
  dpo: { method: "dpo", ...shared, beta: 0.1 },
  rpo: { method: "rpo", ...shared, beta: 0.1 },
  sft: { method: "sft", ...shared, learningRate: 1e-5, beta: 0.1 },
};

export interface ExportOptions {
  format: PairFormat;
  hyperParameters: HyperParameters;
  /** TRL: message lists instead of text, so that the trainer applies the model's chat template. Default true. */
  messages?: boolean;
  /** The model to train, for the configuration. Default a placeholder that the trainer refuses. */
  model?: string;
}

type RowOptions = Pick<ExportOptions, "format" | "messages"> & { method?: PairMethod };

/** A row of the format; for sft of the chosen text alone. */
export function toRow(pair: PreferencePair, { format, messages = true, method = "simpo" }: RowOptions) {
  return format === "trl" ? trlRow(pair, messages, method) : llamaFactoryRow(pair, method);
}

function trlRow({ prompt, chosen, rejected }: PreferencePair, messages: boolean, method: PairMethod) {
  const from = (role: string, content: string) => (messages ? [{ role, content }] : content);
  const question = from("user", prompt);
  const answer = from("assistant", chosen);
  if (method === "sft") return { prompt: question, completion: answer };
  return { prompt: question, chosen: answer, rejected: from("assistant", rejected) };
}

function llamaFactoryRow({ prompt, chosen, rejected }: PreferencePair, method: PairMethod) {
  const [question, answer] = [
    { from: "human", value: prompt },
    { from: "gpt", value: chosen },
  ];
  if (method === "sft") return { conversations: [question, answer] };
  return { conversations: [question], chosen: answer, rejected: { from: "gpt", value: rejected } };
}

/** Devices are the trainer's business: rows per device and step, which accumulation brings to the batch. */
const rowsPerDevice = 1;

/** @returns the files written */
export async function exportPairs(
  folder: string,
  pairs: readonly PreferencePair[],
  options: ExportOptions,
): Promise<string[]> {
  const { method } = options.hyperParameters;
  await mkdir(folder, { recursive: true });
  const rows = join(folder, "pairs.jsonl");
  await writeJsonLines(
    rows,
    pairs.map((pair) => toRow(pair, { ...options, method })),
  );
  const config = join(folder, `${method}.yaml`);
  await writeFileAtomic(config, options.format === "trl" ? trlConfig(options) : llamaFactoryConfig(options));
  if (options.format === "trl") return [rows, config];
  const info = join(folder, "dataset_info.json");
  await writeJsonAtomic(info, {
    concise_reasoning: {
      file_name: "pairs.jsonl",
      formatting: "sharegpt",
      ...(method === "sft"
        ? { columns: { messages: "conversations" } }
        : { ranking: true, columns: { messages: "conversations", chosen: "chosen", rejected: "rejected" } }),
    },
  });
  return [rows, info, config];
}

export function describeMargin({ method, beta, gamma, learningRate }: HyperParameters): string {
  const margin = method === "simpo" ? `, gamma ${gamma} (gamma / beta ${gamma / beta})` : "";
  return `${method}: learning rate ${learningRate}${method === "sft" ? "" : `, beta ${beta}`}${margin}`;
}

const chooseModel = "CHOOSE-A-MODEL";

/** For TrlParser, in the folder of the rows: `python cpo.py --config simpo.yaml`; DPO for dpo and rpo, SFT for sft. */
function trlConfig({ hyperParameters: given, model = chooseModel }: ExportOptions): string {
  const { method, beta, gamma, alpha } = given;
  const own: Record<PairMethod, Record<string, unknown>> = {
    simpo: { loss_type: "simpo", cpo_alpha: 0.0, beta, simpo_gamma: gamma },
    dpo: { loss_type: ["sigmoid"], beta },
    rpo: { loss_type: ["sigmoid", "sft"], loss_weights: [1.0, alpha], beta },
    sft: {},
  };
  const trainer = { simpo: "CPOTrainer", dpo: "DPOTrainer", rpo: "DPOTrainer", sft: "SFTTrainer" }[method];
  return yaml(`TRL, ${trainer}. ${describeMargin(given)}`, {
    model_name_or_path: model,
    dataset_name: ".",
    ...own[method],
    ...schedule(given),
    output_dir: `${method}-out`,
  });
}

/** For `llamafactory-cli train simpo.yaml` in the folder of the files. */
function llamaFactoryConfig({ hyperParameters: given, model = chooseModel }: ExportOptions): string {
  const { method, beta, gamma, alpha } = given;
  const own: Record<PairMethod, Record<string, unknown>> = {
    simpo: { stage: "dpo", pref_loss: "simpo", pref_beta: beta, simpo_gamma: gamma },
    dpo: { stage: "dpo", pref_loss: "sigmoid", pref_beta: beta },
    rpo: { stage: "dpo", pref_loss: "sigmoid", pref_beta: beta, pref_ftx: alpha },
    sft: { stage: "sft" },
  };
  return yaml(`LLaMA-Factory. ${describeMargin(given)}`, {
    model_name_or_path: model,
    ...own[method],
    do_train: true,
    finetuning_type: "full",
    dataset_dir: ".",
    dataset: "concise_reasoning",
    template: "default",
    cutoff_len: 16384,
    ...schedule(given),
    output_dir: `${method}-out`,
  });
}

function schedule({ learningRate, batchSize, epochs, warmupShare }: HyperParameters): Record<string, unknown> {
  return {
    learning_rate: learningRate,
    per_device_train_batch_size: rowsPerDevice,
    gradient_accumulation_steps: batchSize / rowsPerDevice,
    num_train_epochs: epochs,
    lr_scheduler_type: "cosine",
    warmup_ratio: warmupShare,
    bf16: true,
  };
}

/** Scalars and short lists only, which JSON spells as YAML does; 5e-7 needs its point, or YAML reads text. */
function yaml(comment: string, fields: Record<string, unknown>): string {
  const spell = (value: unknown) =>
    typeof value === "number" ? String(value).replace(/^(\d+)e/u, "$1.0e") : JSON.stringify(value);
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${spell(value)}`);
  return `# ${comment}\n${lines.join("\n")}\n`;
}
