/**
 * Reads an autoencoder from the tensors of a checkpoint by their official names. All must be there: a loader that fills
 * gaps with random numbers yields a decoder of noise without a word.
 */
import type { Initializer } from "../../compute/init.ts";
import { type Outside, Tensor } from "../../compute/tensor.ts";
import { mapTree, namedLeaves } from "../../compute/tree.ts";
import { ConfigError, DataError } from "../../core/errors.ts";
import { Random } from "../../core/random.ts";
import { type AutoencoderParams, initAutoencoder } from "./autoencoder.ts";
import { type AutoencoderConfig, autoencoderConfig } from "./config.ts";

/** Written by the training code beside the model; of no use without it. */
const trainingOnly = /^(linear_proj|foundation_model|loss|model_ema)\b/;

/** Leaves that have a shape and no numbers. */
const unfilled: Initializer = (_rng, shape) => new Tensor(shape, "float32", { host: new Float32Array() });

/** The shape of every tensor by its official name; nothing is allocated. */
export function autoencoderShapes(config: AutoencoderConfig): Map<string, readonly number[]> {
  const leaves = namedLeaves<Tensor>(initAutoencoder(new Random(0), config, unfilled));
  return new Map([...leaves].map(([name, { shape }]) => [name, shape]));
}

/**
 * @param tensors by official name, with or without a leading "model."
 * @param source for messages: the file
 * @throws DataError listing missing and unknown names; ConfigError for a tensor of another shape, as of another d
 */
export function autoencoderFromTensors(
  tensors: ReadonlyMap<string, Tensor>,
  config: AutoencoderConfig,
  source: string,
): Outside<AutoencoderParams> {
  const shapes = autoencoderShapes(config);
  const missing = [...shapes.keys()].filter((name) => !tensors.has(name));
  const unknown = [...tensors.keys()].filter((name) => !shapes.has(name) && !trainingOnly.test(name));
  expectSameWidth(tensors, config, source);
  if (missing.length > 0 || unknown.length > 0) {
    const list = (what: string, names: string[]) =>
      names.length === 0
        ? []
        : [`${names.length} ${what}: ${names.slice(0, 5).join(", ")}${names.length > 5 ? ", …" : ""}`];
    throw new DataError(
      `${source}: is not this autoencoder: ${[...list("tensors missing", missing), ...list("unknown", unknown)].join("; ")}`,
      {
        hint: "Check ddconfig (ch, ch_mult, num_res_blocks, attn_resolutions), and that the file is a tokenizer and not a generator.",
      },
    );
  }
  return mapTree(initAutoencoder(new Random(0), config, unfilled), ({ shape }: Tensor, name) => {
    const tensor = tensors.get(name)!;
    if (String(tensor.shape) !== String(shape))
      throw new ConfigError(`${source}: "${name}" is [${tensor.shape}], the configuration wants [${shape}]`, {
        hint: "Correct ddconfig to the file's widths.",
      });
    return tensor;
  });
}

/** d is told by both sides before anything else: it is what people mix up. */
function expectSameWidth(tensors: ReadonlyMap<string, Tensor>, { embed_dim }: AutoencoderConfig, source: string): void {
  const found = tensors.get("post_quant_conv.weight")?.shape[1];
  if (found === undefined || found === embed_dim) return;
  throw new ConfigError(
    `${source}: its latents have ${found} channels, the configuration says embed_dim ${embed_dim}`,
    {
      hint: `Set embed_dim and z_channels to ${found}, or take the f16d${embed_dim} file.`,
    },
  );
}

/** The shape of the released tokenizers: f16, d latent channels. */
export function officialConfig(d: 16 | 32 | 64): AutoencoderConfig {
  return autoencoderConfig({
    z_channels: d,
    embed_dim: d,
    resolution: 256,
    ch: 128,
    ch_mult: [1, 1, 2, 2, 4],
    num_res_blocks: 2,
    attn_resolutions: [16],
  });
}
