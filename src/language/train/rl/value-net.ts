/**
 * The value net of PPO: a decoder whose head is one number per token, the reward that is still to come.
 * Its names are those of a Hugging Face sequence classifier with one label: the body's, and `score.weight`.
 */
import "../../../compute/compile.ts"; // before jax-js, which looks for workers when it is loaded
import type { numpy as np } from "@jax-js/jax";
import { normal } from "../../../compute/init.ts";
import { type LinearParams, linear } from "../../../compute/layers/linear.ts";
import type { Outside } from "../../../compute/tensor.ts";
import type { Random } from "../../../core/random.ts";
import type { DecoderConfig } from "../../decoder/config.ts";
import { type DecoderInputs, type DecoderParams, decoderHidden } from "../../decoder/decoder.ts";
import type { DecoderModel } from "../../engine/runner.ts";
import { copyParams } from "../good-checkpoint.ts";

export type ValueParams = {
  model: DecoderParams["model"];
  score: LinearParams; // weight [1, dim]
};

/**
 * A value net that begins with a body that can read: the policy's, or that of another model of the same vocabulary.
 * @param body copied
 */
export async function initValueNet(
  config: DecoderConfig,
  body: Outside<DecoderParams>,
  rng: Random,
): Promise<Outside<ValueParams>> {
  // Near zero, as in TRL: the first values say next to nothing.
  const weight = normal(0.1 / Math.sqrt(config.hiddenSize + 1))(rng, [1, config.hiddenSize]);
  return { model: await copyParams(body.model), score: { weight } };
}

/**
 * @param params borrowed
 * @param inputs consumed
 * @returns [batch, seq]: row i is the value before token i + 1 is drawn
 */
export function tokenValues(params: ValueParams, config: DecoderConfig, inputs: DecoderInputs): np.Array {
  const [batch, seq] = inputs.tokens.shape as [number, number];
  return linear(params.score, decoderHidden({ model: params.model }, config, inputs)).reshape([batch, seq]);
}

/** The lower layers of a model, its tensors shared: a value net that begins as these costs less than the policy. */
export function firstLayers({ config, params }: DecoderModel, layerCount: number): DecoderModel {
  const { model } = params;
  const layers = model.layers.slice(0, layerCount);
  return { config: { ...config, layerCount: layers.length }, params: { ...params, model: { ...model, layers } } };
}
