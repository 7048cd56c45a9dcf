/** How well a tokenizer gives pictures back: PSNR, SSIM, perceptual distance, and rFID on a named judge. */
import type { numpy as np } from "@jax-js/jax";
import { compile } from "../../../compute/compile.ts";
import { Tensor } from "../../../compute/tensor.ts";
import type { CommandContext } from "../../../core/command.ts";
import { fromSigned, type ImageSet, type RgbImage, readSigned, toSigned, writePng } from "../../../media/index.ts";
import {
  type ConvEncoderParams,
  classAgreement,
  type FeatureNet,
  frechetReport,
  perceptualDistance,
  psnr,
  ssim,
} from "../../../vision/index.ts";
import type { ConvFeatureNet } from "../features/net.ts";
import type { TokenizerEvaluation } from "../schemas.ts";
import { beforeAndAfter } from "../tokenizer/reconstructions.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";

export interface ReconstructionOptions extends Pick<CommandContext, "progress"> {
  judge: FeatureNet;
  /** Net of the perceptual distance; left out without one. */
  perceptual?: ConvFeatureNet;
  /** With fewer pictures than features, shrink covariances instead of refusing. */
  shrink?: boolean;
  /** A PNG of the first pictures above their reconstructions. */
  gridFile?: string;
}

const atOnce = 64;

/** Reconstructs from the posterior's mean; pictures are compared as the bytes that a user gets. */
export async function evaluateReconstruction(
  tokenizer: Tokenizer,
  set: ImageSet,
  { judge, perceptual, shrink, gridFile, progress }: ReconstructionOptions,
): Promise<TokenizerEvaluation> {
  const bar = progress({ label: `reconstruct with ${tokenizer.name}`, total: set.count, unit: "images" });
  const distance = perceptual && createDistance(perceptual);
  const sums = { psnr: 0, ssim: 0, perceptual: 0 };
  const features = { real: [] as Float32Array[], made: [] as Float32Array[] };
  const logits = { real: [] as Float32Array[], made: [] as Float32Array[] };
  const shown: { before: RgbImage[]; after: RgbImage[] } = { before: [], after: [] };
  for (let start = 0; start < set.count; start += atOnce) {
    const indices = Array.from({ length: Math.min(atOnce, set.count - start) }, (_, i) => start + i);
    const images = await readSigned(set, indices);
    const { mean } = await tokenizer.encode(images);
    const { pictures, values } = asBytes(await tokenizer.decode(mean), set.side);
    const originals = indices.map((_, i) => fromSigned(images, set.side, set.side, i * 3 * set.side ** 2));
    for (const [i, picture] of pictures.entries()) {
      sums.psnr += psnr(originals[i]!, picture);
      sums.ssim += ssim(originals[i]!, picture);
    }
    if (distance) sums.perceptual += await distance.sum(images, values, set.side);
    if (start === 0) Object.assign(shown, { before: originals.slice(0, 16), after: pictures.slice(0, 16) });
    for (const [side, from] of [
      ["real", images],
      ["made", values],
    ] as const) {
      const seen = await judge.run(from, set.side);
      features[side].push(seen.pooled);
      if (seen.logits) logits[side].push(seen.logits);
    }
    bar.update(start + indices.length);
  }
  bar.stop();
  distance?.dispose();
  if (gridFile) await writePng(gridFile, beforeAndAfter(shown.before, shown.after));

  const report = frechetReport(join(features.made), join(features.real), judge.dim, { shrink });
  // A judge of other classes, as Inception is, cannot tell whether the class was kept.
  const isOfTheseClasses = judge.classCount === set.classNames.length;
  const agreement = (side: "real" | "made") => classAgreement(join(logits[side]), set.classNames.length, set.labels);
  return {
    tokenizer: tokenizer.name,
    count: set.count,
    psnr: sums.psnr / set.count,
    ssim: sums.ssim / set.count,
    ...(perceptual && { perceptual: sums.perceptual / set.count, perceptualNet: perceptual.name }),
    rfid: report.distance,
    rfidExtrapolated: report.extrapolated,
    judge: judge.name,
    ...(isOfTheseClasses && { classAgreement: agreement("made"), classAgreementReal: agreement("real") }),
    warnings: report.warnings,
  };
}

/** What the decoder wrote as pictures, and these again as a judge takes them: nobody sees the unrounded numbers. */
function asBytes(decoded: Float32Array, side: number): { pictures: RgbImage[]; values: Float32Array<ArrayBuffer> } {
  const size = 3 * side ** 2;
  const values = new Float32Array(decoded.length);
  const pictures = Array.from({ length: decoded.length / size }, (_, i) => {
    const picture = fromSigned(decoded, side, side, i * size);
    toSigned(picture.data, values, i * size);
    return picture;
  });
  return { pictures, values };
}

function createDistance({ card, params }: ConvFeatureNet) {
  const program = compile(
    (inside: ConvEncoderParams, x: np.Array, y: np.Array) => ({ each: perceptualDistance(inside, x, y, card.encoder) }),
    { name: "perceptual distance" },
  );
  return {
    async sum(a: Float32Array<ArrayBuffer>, b: Float32Array<ArrayBuffer>, side: number): Promise<number> {
      const shape = [a.length / (3 * side ** 2), 3, side, side];
      const { each } = await program(params.encoder, Tensor.from(a, shape), Tensor.from(b, shape));
      return ((await each.data()) as Float32Array).reduce((total, value) => total + value, 0);
    },
    dispose: () => program.dispose(),
  };
}

/** Batches one after the other. */
export function join(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const all = new Float32Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
