/** A trained tokenizer as a folder (card.json and model.safetensors), and opened: pictures to latents and back. */
import type { numpy as np } from "@jax-js/jax";
import { compile } from "../../../compute/compile.ts";
import { type Outside, Tensor } from "../../../compute/tensor.ts";
import { DataError } from "../../../core/errors.ts";
import {
  type AutoencoderConfig,
  type AutoencoderParams,
  autoencoderFromTensors,
  decode,
  encode,
  latentSide,
} from "../../../diffusion/autoencoder/index.ts";
import { loadCarded, saveCarded } from "../carded-weights.ts";
import { TokenizerCard } from "../schemas.ts";

export interface Tokenizer {
  readonly name: string;
  /** Of its weights: latents and statistics carry it. */
  readonly hash: string;
  readonly config: AutoencoderConfig;
  /** Channels of the latents, d. */
  readonly latentDim: number;
  /** Height and width of the latent grid. */
  readonly latentSide: number;
  /** @param images [count, 3, resolution, resolution] in [-1, 1] @returns the posterior, both [count, d, side, side] */
  encode(
    images: Float32Array<ArrayBuffer>,
  ): Promise<{ mean: Float32Array<ArrayBuffer>; logvar: Float32Array<ArrayBuffer> }>;
  /** @param z [count, d, side, side] @returns [count, 3, resolution, resolution], near [-1, 1] and not cut */
  decode(z: Float32Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>>;
  dispose(): void;
}

/** Pictures per call of a program; the last call is filled up, so one shape is compiled. Large pictures go one by one. */
function chunkFor({ resolution }: AutoencoderConfig): number {
  return Math.max(1, Math.min(64, Math.floor((64 * 32 ** 2) / resolution ** 2)));
}

export function openTokenizer(
  card: Pick<TokenizerCard, "name" | "autoencoder" | "sha256">,
  params: Outside<AutoencoderParams>,
): Tokenizer {
  const config = card.autoencoder;
  const side = latentSide(config);
  const pixels = 3 * config.resolution ** 2;
  const latents = config.embed_dim * side ** 2;
  const chunk = chunkFor(config);
  const encoder = compile((inside: AutoencoderParams, images: np.Array) => encode(inside, images, config), {
    name: "encode",
  });
  const decoder = compile((inside: AutoencoderParams, z: np.Array) => ({ images: decode(inside, z, config) }), {
    name: "decode",
  });
  const imageShape = [chunk, 3, config.resolution, config.resolution];
  const latentShape = [chunk, config.embed_dim, side, side];
  return {
    name: card.name,
    hash: card.sha256,
    config,
    latentDim: config.embed_dim,
    latentSide: side,
    async encode(images) {
      const [mean, logvar] = await inChunks(images, pixels, chunk, [latents, latents], async (part) => {
        const posterior = await encoder(params, Tensor.from(part, imageShape));
        return [posterior.mean, posterior.logvar];
      });
      return { mean: mean!, logvar: logvar! };
    },
    async decode(z) {
      const [images] = await inChunks(z, latents, chunk, [pixels], async (part) => {
        return [(await decoder(params, Tensor.from(part, latentShape))).images];
      });
      return images!;
    },
    dispose() {
      encoder.dispose();
      decoder.dispose();
    },
  };
}

/** Runs a program of a fixed batch size over any number of rows. */
async function inChunks(
  rows: Float32Array,
  rowSize: number,
  chunk: number,
  resultSizes: readonly number[],
  run: (part: Float32Array<ArrayBuffer>) => Promise<Tensor[]>,
): Promise<Float32Array<ArrayBuffer>[]> {
  if (rows.length % rowSize !== 0)
    throw new DataError(`tokenizer: ${rows.length} numbers are no whole count of rows of ${rowSize}`);
  const count = rows.length / rowSize;
  const results = resultSizes.map((size) => new Float32Array(count * size));
  for (let start = 0; start < count; start += chunk) {
    const used = Math.min(chunk, count - start);
    const part = new Float32Array(chunk * rowSize);
    part.set(rows.subarray(start * rowSize, (start + used) * rowSize));
    for (const [i, tensor] of (await run(part)).entries()) {
      const size = resultSizes[i]!;
      results[i]!.set(((await tensor.data()) as Float32Array).subarray(0, used * size), start * size);
      tensor.dispose();
    }
  }
  return results;
}

/** @param params the model with its `linear_proj`, if it has one: kept in the file as the official ones keep it */
export async function saveTokenizer(
  folder: string,
  card: Omit<TokenizerCard, "sha256">,
  params: object,
): Promise<TokenizerCard> {
  return saveCarded(folder, card, params);
}

/**
 * @param folder as `saveTokenizer` writes it
 * @throws DataError when the weights are not those of the card, or tensors are missing
 */
export async function loadTokenizer(folder: string): Promise<Tokenizer> {
  const { card, file, tensors } = await loadCarded(folder, TokenizerCard);
  return openTokenizer(card, autoencoderFromTensors(tensors, card.autoencoder, file));
}
