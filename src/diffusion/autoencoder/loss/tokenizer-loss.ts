/**
 * What trains the tokenizer, as gradients: reconstruction (L1 and a perceptual distance), KL, an adversary and the
 * vision-foundation loss. Two of the weights are ratios of gradient norms, found anew at each step:
 *   λ_g  = w · clamp(‖∇nll‖ / (‖∇g‖ + 1e-4), 0, 1e4)     at the decoder's last kernel
 *   w_vf = w · clamp(‖∇nll‖ / (‖∇L_vf‖ + 1e-4), 0, 1e8)  at the encoder's last kernel
 * Losses are sums over pixels and latents divided by the batch, as in the official code.
 *
 * Backpropagation is written out in pieces, because the norms need the gradients of single terms at two places half
 * way. Gradients of several terms are added where they meet before they go on, so each piece runs backwards once; only
 * with an adversary and an adaptive weight together does the decoder do so twice.
 * Source: Yao et al. 2025 (VA-VAE), sections 3.2-3.3; Esser et al. 2021 (VQGAN), eq. 7; official contperceptual.py.
 */
import { numpy as np } from "@jax-js/jax";
import type { ConvParams } from "../../../compute/layers/conv.ts";
import type { OwnGradients } from "../../../compute/train.ts";
import { mapTree } from "../../../compute/tree.ts";
import { type AutoencoderParams, decoderFeatures, imagesOf, momentsOf, samplePosterior } from "../autoencoder.ts";
import type { AutoencoderConfig } from "../config.ts";
import { encoderTrunk } from "../encoder.ts";
import { playAdversary } from "./adversary.ts";
import type { DiscriminatorConfig, DiscriminatorParams } from "./discriminator.ts";
import { klDivergence } from "./kl.ts";
import { normOf, pull, pullWithReport } from "./pull.ts";
import { type PerceptualDistance, reconstructionLoss } from "./reconstruction.ts";
import { type Projection, vfLoss } from "./vf-loss.ts";

export type TokenizerParams = {
  model: AutoencoderParams & { linear_proj?: ConvParams };
  discriminator?: DiscriminatorParams;
};

/**
 * What a step sees. Numbers are scalars in the batch, so a schedule may change them without a new program; a term whose
 * group is absent is not computed.
 */
export type TokenizerBatch = {
  images: np.Array; // [batch, channels, resolution, resolution] in [-1, 1]
  noise: np.Array; // [batch, embed_dim, side, side], standard normal
  klWeight: np.Array;
  perceptual?: { weight: np.Array; frozen: any };
  adversary?: { weight: np.Array };
  vf?: VfBatch;
};

export type VfBatch = {
  features: np.Array; // [batch, featureDim, side, side]
  weight: np.Array;
  cosMargin: np.Array;
  distmatMargin: np.Array;
  mcos: np.Array; // weights of the two terms; 1 each in the paper
  mdms: np.Array;
};

export interface TokenizerLossOptions {
  /** Needed where batches have `perceptual`. */
  perceptual?: PerceptualDistance;
  /** Needed where batches have `adversary`. */
  discriminator?: DiscriminatorConfig;
  /** Default "reverse". */
  projection?: Projection;
  /** Weigh the vision-foundation loss by gradient norms; default true. */
  adaptiveVf?: boolean;
}

type Metrics = Record<string, np.Array>;

/** The latents and their KL, from the encoder's trunk. */
type Latents = { z: np.Array; kl: np.Array };
type EncoderEnd = { conv_out: ConvParams; quant_conv: ConvParams };

export function tokenizerLoss(
  config: AutoencoderConfig,
  options: TokenizerLossOptions = {},
): OwnGradients<TokenizerParams, TokenizerBatch> {
  const { adaptiveVf = true, projection = "reverse" } = options;

  const gradients = ({ model, discriminator }: TokenizerParams, batch: TokenizerBatch) => {
    const { images, noise, klWeight } = batch;
    const { conv_out: encoderOut, ...encoderRest } = model.encoder;
    const { conv_out: decoderOut, ...decoderRest } = model.decoder;

    const [trunk, backTrunk] = pull((rest) => encoderTrunk(rest, images.ref, config), [encoderRest]);
    const [{ z, kl }, backEnd] = pull(
      (end: EncoderEnd, features: np.Array): Latents => encodeEnd(end, features.ref, noise),
      [{ conv_out: encoderOut, quant_conv: model.quant_conv }, trunk],
    );
    const [features, backDecoder] = pull(
      (rest: any, latents: np.Array) => decoderFeatures(rest, latents.ref, config),
      [{ decoder: decoderRest, post_quant_conv: model.post_quant_conv }, z.ref],
    );
    const [output, backOutput] = pull(
      (conv_out: ConvParams, x: np.Array) => imagesOf({ conv_out }, x.ref, config),
      [decoderOut, features],
    );

    const perceptual = batch.perceptual && { ...batch.perceptual, distance: options.perceptual! };
    const [nll, backNll, parts] = pullWithReport(
      (x: np.Array) => reconstructionLoss(x.ref, images.ref, perceptual),
      [output.ref],
    );
    const metrics: Metrics = { ...parts, kl: kl.ref };
    let loss = nll.ref.add(kl.ref.mul(klWeight.ref));
    const [nllAtOutput] = backNll(np.onesLike(nll));
    let [gradsOut, atFeatures] = backOutput(nllAtOutput);
    let nllAtZ: np.Array | undefined;
    let discriminatorGrads: DiscriminatorParams | undefined;
    if (batch.adversary) {
      const terms = playAdversary(discriminator!, output, images, options.discriminator!);
      const [generatorAtOut, generatorAtFeatures] = backOutput(terms.toOutput);
      const weight = normRatio(gradsOut.weight, generatorAtOut.weight, 1e4).mul(batch.adversary.weight);
      // The weight of the other loss looks at nll alone.
      if (batch.vf && adaptiveVf) [, nllAtZ] = backDecoder(atFeatures.ref);
      gradsOut = addScaled(gradsOut, generatorAtOut, weight);
      atFeatures = atFeatures.add(generatorAtFeatures.mul(weight.ref));
      discriminatorGrads = terms.grads;
      loss = loss.add(terms.generator.ref.mul(weight.ref));
      Object.assign(metrics, { generator: terms.generator, discriminator: terms.hinge, adversaryWeight: weight });
    }

    let [gradsDecoder, atZ] = backDecoder(atFeatures);
    let projectionGrads: ConvParams | undefined;
    if (batch.vf) {
      const atKernel = (cotangent: np.Array) => backEnd({ z: cotangent, kl: np.zerosLike(kl.ref) })[0].conv_out.weight;
      const terms = alignTerms(model.linear_proj!, z, batch.vf, projection);
      const weight = adaptiveVf
        ? normRatio(atKernel((nllAtZ ?? atZ).ref), atKernel(terms.atZ.ref), 1e8).mul(batch.vf.weight)
        : batch.vf.weight;
      atZ = atZ.add(terms.atZ.mul(weight.ref));
      projectionGrads = mapTree(terms.grads, (grad: np.Array) => grad.mul(weight.ref));
      loss = loss.add(terms.total.mul(weight.ref));
      Object.assign(metrics, { mcos: terms.mcos, mdms: terms.mdms, vfWeight: weight });
    }

    const [gradsEnd, atTrunk] = backEnd({ z: atZ, kl: klWeight });
    const [gradsTrunk] = backTrunk(atTrunk);
    const grads: TokenizerParams = {
      model: {
        encoder: { ...gradsTrunk, conv_out: gradsEnd.conv_out },
        quant_conv: gradsEnd.quant_conv,
        post_quant_conv: gradsDecoder.post_quant_conv,
        decoder: { ...gradsDecoder.decoder, conv_out: gradsOut },
        ...(model.linear_proj && { linear_proj: projectionGrads ?? zerosLike(model.linear_proj) }),
      },
      ...(discriminator && { discriminator: discriminatorGrads ?? zerosLike(discriminator) }),
    };
    return { loss, metrics, grads };
  };
  return { gradients };
}

function encodeEnd({ conv_out, quant_conv }: EncoderEnd, features: np.Array, noise: np.Array): Latents {
  const { mean, logvar } = momentsOf({ encoder: { conv_out }, quant_conv }, features);
  const kl = klDivergence({ mean: mean.ref, logvar: logvar.ref });
  return { z: samplePosterior({ mean, logvar }, noise.ref), kl };
}

/** The vision-foundation loss with its gradients at the latents and the projection. */
function alignTerms(projection: ConvParams, z: np.Array, vf: VfBatch, direction: Projection) {
  const margins = { cos: vf.cosMargin, distmat: vf.distmatMargin };
  const [{ mcos, mdms }, back] = pull(
    (kernel: ConvParams, latents: np.Array) => vfLoss(kernel, latents.ref, vf.features.ref, { direction, margins }),
    [projection, z],
  );
  const [grads, atZ] = back({ mcos: vf.mcos.ref, mdms: vf.mdms.ref });
  const total = mcos.ref.mul(vf.mcos).add(mdms.ref.mul(vf.mdms));
  return { mcos, mdms, total, grads, atZ };
}

/** clamp(‖a‖ / (‖b‖ + 1e-4), 0, largest); both are borrowed. */
function normRatio(a: np.Array, b: np.Array, largest: number): np.Array {
  return np.minimum(normOf(a.ref).div(normOf(b.ref).add(1e-4)), largest);
}

/** a + scale · b, leaf by leaf; a and b are consumed, the scale is borrowed. */
function addScaled(a: ConvParams, b: ConvParams, scale: np.Array): ConvParams {
  const bOf = new Map(Object.entries(b));
  return mapTree(a, (leaf: np.Array, name) => leaf.add(bOf.get(name)!.mul(scale.ref)));
}

function zerosLike<Tree>(tree: Tree): Tree {
  return mapTree(tree, (leaf: np.Array) => np.zerosLike(leaf.ref));
}
