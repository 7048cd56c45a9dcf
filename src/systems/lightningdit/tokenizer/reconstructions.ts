/** Shows how training goes: held-out pictures above their reconstructions as PNG, with PSNR. */
import { join } from "node:path";
import type { numpy as np } from "@jax-js/jax";
import { compile } from "../../../compute/compile.ts";
import { type Outside, Tensor } from "../../../compute/tensor.ts";
import {
  type AutoencoderConfig,
  type AutoencoderParams,
  decode,
  encode,
} from "../../../diffusion/autoencoder/index.ts";
import { fromSigned, type ImageSet, imageGrid, type RgbImage, readSigned, writePng } from "../../../media/index.ts";
import { psnr } from "../../../vision/index.ts";

const shown = 16;

export async function createReconstructionWatch(config: AutoencoderConfig, set: ImageSet, folder: string) {
  const indices = Array.from({ length: Math.min(shown, set.count) }, (_, index) => index);
  const { resolution } = config;
  const values = await readSigned(set, indices);
  const images = Tensor.from(values, [indices.length, 3, resolution, resolution]);
  const pictureAt = (from: Float32Array, index: number) =>
    fromSigned(from, resolution, resolution, index * 3 * resolution ** 2);
  const program = compile(
    (params: AutoencoderParams, inputs: np.Array) => {
      const { mean, logvar } = encode(params, inputs, config);
      logvar.dispose();
      return { output: decode(params, mean, config) };
    },
    { name: "reconstruct" },
  );
  return {
    /** @param params borrowed */
    async look(step: number, params: Outside<AutoencoderParams>): Promise<{ psnr: number }> {
      const { output } = await program(withoutProjection(params), images);
      const made = (await output.data()) as Float32Array;
      const [before, after] = [indices.map((i) => pictureAt(values, i)), indices.map((i) => pictureAt(made, i))];
      output.dispose();
      await writePng(join(folder, `step-${String(step).padStart(8, "0")}.png`), beforeAndAfter(before, after));
      const each = before.map((picture, i) => psnr(picture, after[i]!));
      return { psnr: each.reduce((sum, value) => sum + value, 0) / each.length };
    },
    dispose: () => program.dispose(),
  };
}

/** Rows of eight pictures, each above its reconstructions. */
export function beforeAndAfter(before: readonly RgbImage[], after: readonly RgbImage[]): RgbImage {
  const starts = Array.from({ length: Math.ceil(before.length / 8) }, (_, row) => 8 * row);
  const rows = starts.flatMap((start) => [...before.slice(start, start + 8), ...after.slice(start, start + 8)]);
  return imageGrid(rows, Math.min(8, before.length));
}

/** The program takes the autoencoder alone. */
function withoutProjection({
  encoder,
  decoder,
  quant_conv,
  post_quant_conv,
}: Outside<AutoencoderParams>): Outside<AutoencoderParams> {
  return { encoder, decoder, quant_conv, post_quant_conv };
}
