/**
 * What a step of PPO, RLOO or GRPO makes small, inside the compiled program. A loss is a sum by the `weights` that a batch
 * brings: so a batch may come in parts, of which some hold fewer tokens than others.
 * Sources: papers/huatuogpt-o1 section 2.6; Schulman et al. 2017, arXiv 1707.06347, eq. 7 (PPO); TRL 0.13 (the clipped
 * value loss, and RLOO's ratio of whole sequences); Shao et al. 2024, arXiv 2402.03300, eq. 3 and 4 (GRPO).
 */
import "../../../compute/compile.ts"; // before jax-js, which looks for workers when it is loaded
import { numpy as np, tree } from "@jax-js/jax";
import type { DecoderConfig } from "../../decoder/config.ts";
import { type DecoderParams, decoderLogits } from "../../decoder/decoder.ts";
import { sumByOwner, targetLogprobs } from "../sequence-logprobs.ts";
import type { RolloutInputs } from "./packed-rollouts.ts";
import type { PolicySettings } from "./settings.ts";
import { tokenValues, type ValueParams } from "./value-net.ts";

export type PolicyParams = {
  policy: DecoderParams;
  /** PPO alone has one. */
  value?: ValueParams;
};

export interface PolicyConfigs {
  policy: DecoderConfig;
  /** Of the value net. */
  value: DecoderConfig;
}

/** A part of a batch. By token: [rows, length], 0 outside the responses. By rollout, for RLOO: [rollouts]. */
export type PolicyBatch = {
  inputs: RolloutInputs;
  weights: np.Array; // by token; for RLOO by rollout
  oldLogprobs: np.Array; // by token
  advantages: np.Array; // by token; for RLOO by rollout
  /** PPO. */
  returns?: np.Array; // by token
  oldValues?: np.Array; // by token
  /** GRPO with a KL term. */
  reference?: np.Array; // by token
  /** RLOO. */
  owners?: np.Array; // [rows, length] int32
};

type LossAndMetrics = [loss: np.Array, metrics: Record<string, np.Array>];
type LossSettings = Pick<PolicySettings, "method" | "temperature" | "clip" | "valueClip" | "valueWeight" | "beta">;

/**
 * @param params consumed
 * @param batch consumed
 * @returns the loss, and scalars: `policyLoss`; `clipFraction`, the share whose ratio was held; `approxKl`, half the
 * mean square of how far log-probabilities moved in this update; `valueLoss` (PPO), `klLoss` (GRPO)
 */
export function policyBatchLoss(
  params: PolicyParams,
  configs: PolicyConfigs,
  batch: PolicyBatch,
  settings: LossSettings,
): LossAndMetrics {
  const { inputs, oldLogprobs, ...rest } = batch;
  const logprobs = responseLogprobs(params.policy, configs.policy, tree.ref(inputs), settings.temperature);
  const values = params.value && tokenValues(params.value, configs.value, readable(inputs)).reshape([-1]);
  if (!params.value) tree.dispose(inputs);
  tree.dispose(params);
  const moved = logprobs.ref.sub(oldLogprobs.reshape([-1])); // [places]
  switch (settings.method) {
    case "ppo": {
      const { weights, advantages, returns, oldValues } = flat(rest);
      const [policyLoss, metrics] = clippedPolicyLoss(moved, advantages!, weights!.ref, settings.clip);
      logprobs.dispose();
      const valueLoss = clippedValueLoss(values!, oldValues!, returns!, weights!, settings.valueClip);
      return [policyLoss.add(valueLoss.ref.mul(settings.valueWeight)), { ...metrics, valueLoss }];
    }
    case "rloo": {
      const { weights, advantages, owners } = flat(rest);
      logprobs.dispose();
      const whole = sumByOwner(moved, owners!, weights!.shape[0]!); // [rollouts]
      return clippedPolicyLoss(whole, advantages!, weights!, settings.clip);
    }
    case "grpo": {
      const { weights, advantages, reference } = flat(rest);
      const [policyLoss, metrics] = clippedPolicyLoss(moved, advantages!, weights!.ref, settings.clip);
      if (!reference) {
        logprobs.dispose();
        weights!.dispose();
        return [policyLoss, metrics];
      }
      const klLoss = unbiasedKl(logprobs, reference).mul(weights!).sum();
      return [policyLoss.add(klLoss.ref.mul(settings.beta)), { ...metrics, klLoss }];
    }
  }
}

/**
 * Log-probability of each token of a batch under logits / temperature, also outside the responses.
 * @param params borrowed
 * @param inputs consumed
 * @returns [rows · length]
 */
export function responseLogprobs(
  params: DecoderParams,
  config: DecoderConfig,
  inputs: RolloutInputs,
  temperature: number,
): np.Array {
  const { targets, ...read } = inputs;
  return targetLogprobs(scaledLogits(params, config, read, temperature), targets.reshape([-1]));
}

/** Borrows params, consumes inputs; [rows · length, vocab]. */
export function scaledLogits(
  params: DecoderParams,
  config: DecoderConfig,
  inputs: Omit<RolloutInputs, "targets">,
  temperature: number,
): np.Array {
  const logits = decoderLogits(params, config, inputs).reshape([-1, config.vocabSize]);
  return temperature === 1 ? logits : logits.mul(1 / temperature);
}

/**
 * PPO's: the weighted sum of max(-A · ratio, -A · clip(ratio, 1 - clip, 1 + clip)), with ratio = exp(moved).
 * Written with the side of the clip that the sign of A lets count, so that no gradient falls on a kink at ratio 1.
 * @param moved consumed, as all others; new less old log-probability, of tokens or of whole rollouts
 */
export function clippedPolicyLoss(moved: np.Array, advantages: np.Array, weights: np.Array, clip: number) {
  const approxKl = np.square(moved.ref).mul(weights.ref).sum().mul(0.5);
  const ratio = np.exp(moved);
  const isGain = np.greater(advantages.ref, 0);
  const held = np.where(isGain.ref, np.minimum(ratio.ref, 1 + clip), np.maximum(ratio.ref, 1 - clip));
  const isHeld = np.where(isGain, np.greater(ratio.ref, 1 + clip), np.less(ratio, 1 - clip)).astype(np.float32);
  // An advantage of 0 says nothing, whichever side it is on.
  const counts = np.notEqual(advantages.ref, 0).astype(np.float32);
  const clipFraction = isHeld.mul(counts).mul(weights.ref).sum();
  const policyLoss = advantages.mul(held).mul(weights).sum().mul(-1);
  return [policyLoss, { policyLoss: policyLoss.ref, clipFraction, approxKl }] satisfies LossAndMetrics;
}

/**
 * Half the weighted sum of max((V - R)², (V' - R)²), where V' is V held within `clip` of the old value. Consumes all.
 */
export function clippedValueLoss(
  values: np.Array,
  oldValues: np.Array,
  returns: np.Array,
  weights: np.Array,
  clip: number,
): np.Array {
  const held = np.minimum(np.maximum(values.ref, oldValues.ref.sub(clip)), oldValues.add(clip));
  const free = np.square(values.sub(returns.ref));
  const bound = np.square(held.sub(returns));
  const larger = np.where(np.greater(bound.ref, free.ref), bound, free); // of equal ones the free one, which learns
  return larger.mul(weights).sum().mul(0.5);
}

/** GRPO's estimate of KL(π || π_ref) by token, never negative: π_ref/π - log(π_ref/π) - 1. Consumes both. */
export function unbiasedKl(logprobs: np.Array, reference: np.Array): np.Array {
  const difference = reference.sub(logprobs);
  return np.exp(difference.ref).sub(difference).sub(1);
}

const readable = ({ targets, ...inputs }: RolloutInputs) => {
  targets.dispose();
  return inputs;
};

/** Every array as one list. */
function flat<T extends Record<string, np.Array | undefined>>(arrays: T): T {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, array?.reshape([-1])])) as T;
}
