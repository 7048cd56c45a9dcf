/**
 * The published training at its own size, for the trainers that do it: TRL 0.13, which the authors used, and verl.
 * Every number comes from `paperSettings` and `paperPairs` (papers/huatuogpt-o1 section 2.6), so what is exported and what
 * runs here cannot drift apart.
 */
import { stringify } from "yaml";
import { paperPairs, paperSettings } from "../../../language/train/index.ts";

export const fullScaleTargets = ["trl-ppo", "trl-rloo", "trl-dpo", "verl-ppo", "verl-grpo"] as const;
export type FullScaleTarget = (typeof fullScaleTargets)[number];

/** Where things are on the machine that trains. */
export interface FullScalePlaces {
  /** The model after supervised training: policy and reference. */
  policy: string;
  /** Sequence classifier with two labels. */
  verifier: string;
  /** PPO's value net; the authors took a 3B model of the same family. */
  value: string;
  /** Rows as `huatuo export` writes them: trl-prompt for TRL, verl for verl. */
  data: string;
  /** verl: a Python file with compute_score. */
  reward: string;
  out: string;
}

/** GPUs, rollouts per GPU and step, and gradient accumulation: 8 · 1 · 16 = 128 (section 2.6). */
const published = { gpus: 8, perGpu: 1, accumulate: 16 };
const everySteps = 20;
const promptTokens = 1000;

/** A file for the trainer's command line, with a line on top that says how. */
export function fullScaleConfig(target: FullScaleTarget, places: FullScalePlaces): string {
  const { how, config } = makers[target](places);
  // PyYAML takes 5e-7 for text, and 5.0e-7 for a number.
  const yaml = stringify(config).replace(/(: \d+)(e-\d+)$/gm, "$1.0$2");
  return `${how.map((line) => `# ${line}\n`).join("")}${yaml}`;
}

interface Made {
  how: string[];
  config: Record<string, unknown>;
}

const makers: Record<FullScaleTarget, (places: FullScalePlaces) => Made> = {
  "trl-ppo": (places) => {
    const { beta, clip, valueClip, valueWeight, gamma, lambda } = paperSettings.ppo;
    return {
      how: [
        "TRL 0.13, PPOConfig with the arguments of its script; value_model_path is one of the authors' script.",
        "vf_coef is the paper's; the published command leaves it at TRL's 0.1. The authors' trainer pays 1, 0.1 and 0 for the",
        "form and for p > 0.4 of the verifier; TRL's own takes the score of the reward model as it is.",
      ],
      config: {
        ...trlShared(places, "ppo"),
        reward_model_path: places.verifier,
        value_model_path: places.value,
        kl_coef: beta,
        cliprange: clip,
        cliprange_value: valueClip,
        vf_coef: valueWeight,
        gamma,
        lam: lambda,
        num_ppo_epochs: paperSettings.ppo.epochs,
        whiten_rewards: paperSettings.ppo.whitenRewards,
      },
    };
  },
  "trl-rloo": (places) => {
    const { beta, clip, groupSize, epochs } = paperSettings.rloo;
    return {
      how: ["TRL 0.13, RLOOConfig and ScriptArguments: the settings of PPO with two rollouts of each prompt."],
      config: {
        ...trlShared(places, "rloo"),
        reward_model_path: places.verifier,
        kl_coef: beta,
        cliprange: clip,
        rloo_k: groupSize,
        num_ppo_epochs: epochs,
      },
    };
  },
  "trl-dpo": ({ policy, data, out }) => ({
    how: [
      `TRL, DPOConfig and ScriptArguments. Pairs: ${paperPairs.samples} answers to each question at temperature ${paperPairs.temperature}, one right and one wrong.`,
    ],
    config: {
      model_name_or_path: policy,
      dataset_name: data,
      output_dir: out,
      beta: paperPairs.beta,
      learning_rate: paperPairs.learningRate,
      num_train_epochs: paperPairs.epochs,
      max_prompt_length: promptTokens,
      max_length: promptTokens + paperPairs.maxTokens,
      ...batchOf(paperPairs.batchSize),
      bf16: true,
    },
  }),
  "verl-ppo": (places) => {
    const { beta, gamma, lambda, valueClip, epochs, learningRate, warmup } = paperSettings.ppo;
    const shared = verlShared(places, "ppo");
    return {
      how: verlHow,
      config: {
        ...shared,
        algorithm: {
          adv_estimator: "gae",
          gamma,
          lam: lambda,
          use_kl_in_reward: true,
          kl_penalty: "kl",
          kl_ctrl: { type: "fixed", kl_coef: beta },
        },
        critic: {
          model: { path: places.value },
          optim: { lr: learningRate, lr_warmup_steps_ratio: warmup },
          ppo_mini_batch_size: paperSettings.ppo.prompts,
          ppo_micro_batch_size_per_gpu: published.perGpu,
          ppo_epochs: epochs,
          cliprange_value: valueClip,
        },
      },
    };
  },
  "verl-grpo": (places) => {
    const shared = verlShared(places, "grpo");
    return {
      how: [...verlHow, "The paper has no GRPO: group size and beta are TRL's."],
      config: { ...shared, algorithm: { adv_estimator: "grpo", use_kl_in_reward: false } },
    };
  },
};

function trlShared({ policy, data, out }: FullScalePlaces, method: "ppo" | "rloo") {
  const { updates, prompts, groupSize, maxTokens, temperature, minibatches, learningRate, warmup } =
    paperSettings[method];
  return {
    model_name_or_path: policy,
    sft_model_path: policy,
    dataset_name: data,
    output_dir: out,
    total_episodes: method === "ppo" ? 20_000 : updates * prompts * groupSize,
    num_mini_batches: minibatches,
    ...batchOf(prompts * groupSize),
    response_length: maxTokens,
    temperature,
    stop_token: "eos",
    missing_eos_penalty: null,
    learning_rate: learningRate,
    warmup_ratio: warmup,
    save_strategy: "steps",
    save_steps: everySteps,
    eval_strategy: "steps",
    eval_steps: everySteps,
    bf16: true,
    gradient_checkpointing: true,
  };
}

function batchOf(rollouts: number) {
  return {
    per_device_train_batch_size: published.perGpu,
    gradient_accumulation_steps: rollouts / (published.perGpu * published.gpus),
  };
}

const verlHow = [
  "verl: python3 -m verl.trainer.main_ppo --config-path <folder of this file> --config-name <its name without .yaml>",
  "hydra.searchpath=[pkg://verl.trainer.config]. compute_score(data_source, solution_str, ground_truth, extra_info) must",
  "pay 1 for a right response in the form, 0.1 for a wrong one and 0 without the form, as formReward does here.",
];

function verlShared({ policy, reward, data, out }: FullScalePlaces, method: "ppo" | "grpo") {
  const { updates, prompts, groupSize, maxTokens, temperature, topP, clip, epochs, learningRate, warmup, beta } =
    paperSettings[method];
  return {
    defaults: ["ppo_trainer", "_self_"],
    data: {
      train_files: data,
      val_files: data,
      train_batch_size: prompts,
      max_prompt_length: promptTokens,
      max_response_length: maxTokens,
      filter_overlong_prompts: true,
    },
    actor_rollout_ref: {
      model: { path: policy, enable_gradient_checkpointing: true },
      actor: {
        optim: { lr: learningRate, lr_warmup_steps_ratio: warmup },
        ppo_mini_batch_size: prompts, // in prompts: one minibatch
        ppo_micro_batch_size_per_gpu: published.perGpu,
        ppo_epochs: epochs,
        clip_ratio: clip,
        use_kl_loss: method === "grpo",
        ...(method === "grpo" && { kl_loss_coef: beta, kl_loss_type: "low_var_kl" }),
      },
      rollout: { temperature, top_p: topP, n: groupSize },
    },
    reward_model: { enable: false },
    custom_reward_function: { path: reward, name: "compute_score" },
    trainer: {
      total_training_steps: updates,
      save_freq: everySteps,
      test_freq: everySteps,
      n_gpus_per_node: published.gpus,
      nnodes: 1,
      default_local_dir: out,
    },
  };
}
