import { expect, suite, test } from "vitest";
import { parse } from "yaml";
import { fullScaleConfig, fullScaleTargets } from "./full-scale.ts";

const places = {
  policy: "sft-8B",
  verifier: "verifier-3B",
  value: "Llama-3.2-3B-Instruct",
  data: "rl.parquet",
  reward: "reward.py",
  out: "out",
};

suite("full-scale configurations", () => {
  test.each(fullScaleTargets)("%s is YAML that names the policy, the data and where to write", (target) => {
    const text = fullScaleConfig(target, places);
    expect(text).toMatch(/^# /);
    expect(parse(text)).toBeTypeOf("object");
    expect(text).not.toMatch(/: \de-/); // text for Python's YAML
    for (const place of ["sft-8B", "rl.parquet", "out"]) expect(text).toContain(place);
  });

  test("TRL's PPO has the numbers of section 2.6", () => {
    const text = fullScaleConfig("trl-ppo", places);
    expect(text).toContain("learning_rate: 5.0e-7");
    expect(parse(text)).toMatchObject({
      kl_coef: 0.03,
      learning_rate: 5e-7,
      num_ppo_epochs: 3,
      num_mini_batches: 1,
      per_device_train_batch_size: 1,
      gradient_accumulation_steps: 16,
      cliprange: 0.2,
      cliprange_value: 0.2,
      gamma: 1,
      lam: 0.95,
      vf_coef: 1,
      total_episodes: 20_000,
      response_length: 1300,
      temperature: 0.5,
      warmup_ratio: 0.05,
      save_steps: 20,
      eval_steps: 20,
      missing_eos_penalty: null,
      whiten_rewards: false,
      reward_model_path: "verifier-3B",
      value_model_path: "Llama-3.2-3B-Instruct",
    });
  });

  test("RLOO and DPO have those of appendix F", () => {
    expect(parse(fullScaleConfig("trl-rloo", places))).toMatchObject({
      rloo_k: 2,
      kl_coef: 0.03,
      gradient_accumulation_steps: 16,
    });
    expect(parse(fullScaleConfig("trl-dpo", places))).toMatchObject({
      beta: 1,
      learning_rate: 1e-6,
      gradient_accumulation_steps: 16, // 128 pairs on eight GPUs
    });
  });

  test("verl's PPO says the same in its own words", () => {
    const config = parse(fullScaleConfig("verl-ppo", places));
    expect(config.algorithm).toMatchObject({ gamma: 1, lam: 0.95, kl_ctrl: { kl_coef: 0.03 }, use_kl_in_reward: true });
    expect(config.data).toMatchObject({ train_batch_size: 128, max_prompt_length: 1000, max_response_length: 1300 });
    expect(config.actor_rollout_ref.actor).toMatchObject({ ppo_epochs: 3, clip_ratio: 0.2, optim: { lr: 5e-7 } });
    expect(config.actor_rollout_ref.rollout).toMatchObject({ temperature: 0.5, n: 1 });
    expect(config.critic).toMatchObject({
      ppo_epochs: 3,
      cliprange_value: 0.2,
      model: { path: "Llama-3.2-3B-Instruct" },
    });
    expect(config.trainer.total_training_steps).toBe(157);
    expect(parse(fullScaleConfig("verl-grpo", places)).actor_rollout_ref.rollout.n).toBe(8);
  });
});
