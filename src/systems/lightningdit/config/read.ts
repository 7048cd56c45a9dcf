/** A configuration file, and what its keys mean in our terms. */
import { ConfigError, DataError } from "../../../core/errors.ts";
import { validate } from "../../../core/schema.ts";
import { readYaml } from "../../../core/yaml.ts";
import { type DitConfig, ditSizes, FlowRecipe, type SampleOptions } from "../../../diffusion/index.ts";
import { LightningDitConfig } from "./schema.ts";

/** @throws DataError naming the file and the line or the key at fault */
export async function readConfig(file: string): Promise<LightningDitConfig> {
  const result = validate(LightningDitConfig, await readYaml(file));
  if ("value" in result) return result.value;
  throw new DataError(`${file}: ${result.problem.message}`, { hint: result.problem.hint });
}

/** @throws ConfigError when the picture's size is no multiple of the tokenizer's ratio */
export function ditConfigOf({ data, vae, model }: LightningDitConfig): DitConfig {
  const { image_size, num_classes: classes } = data;
  if (image_size % vae.downsample_ratio !== 0)
    throw new ConfigError(
      `data.image_size ${image_size} is no multiple of vae.downsample_ratio ${vae.downsample_ratio}`,
    );
  const [size, patch] = model.model_type.slice("LightningDiT-".length).split("/") as [keyof typeof ditSizes, string];
  return {
    ...ditSizes[size],
    patch: Number(patch),
    grid: image_size / vae.downsample_ratio,
    channels: model.in_chans,
    classes,
    rmsNorm: model.use_rmsnorm,
    swiglu: model.use_swiglu,
    rope: model.use_rope,
    qkNorm: model.use_qknorm,
    shift: !model.wo_shift,
  };
}

/** What an official configuration says of the training: steps, optimizer, times, losses. */
export function recipeOf({ train, optimizer, transport }: LightningDitConfig): FlowRecipe {
  return FlowRecipe.parse({
    steps: train.max_steps,
    batch: train.global_batch_size,
    lr: optimizer.lr,
    beta2: optimizer.beta2,
    clipNorm: optimizer.max_grad_norm ?? undefined,
    timesteps: transport.use_lognorm ? "lognormal" : "uniform",
    uniformFrom: transport.uniform_from,
    direction: transport.use_cosine_loss,
  });
}

/**
 * Guidance is on the first three channels unless the file says otherwise: with it the published figures were made.
 * A scale of 1 or less is no guidance, as there.
 */
export function samplingOf({ sample }: LightningDitConfig): SampleOptions {
  const { sampling_method: method, num_sampling_steps: points, timestep_shift: shift, atol, rtol } = sample;
  const { cfg_scale: scale, cfg_interval_start: from, cfg_channels: channels = 3 } = sample;
  return { method, points, shift, atol, rtol, ...(scale > 1 && { guidance: { scale, from, channels } }) };
}
