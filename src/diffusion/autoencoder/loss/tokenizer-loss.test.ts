/** The written-out gradients against automatic ones of the plain sum, and the adaptive weights against their definition. */
import { grad, numpy as np, tree } from "@jax-js/jax";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { compile } from "../../../compute/compile.ts";
import { array64, onInterpreter, randomRows, toFloat64 } from "../../../compute/layers/float64.fixtures.ts";
import { type Outside, Tensor } from "../../../compute/tensor.ts";
import { mapTree, namedLeaves } from "../../../compute/tree.ts";
import { Random } from "../../../core/random.ts";
import { type AutoencoderParams, decode, encode, initAutoencoder, samplePosterior } from "../autoencoder.ts";
import { autoencoderConfig } from "../config.ts";
import {
  type DiscriminatorParams,
  discriminate,
  generatorLoss,
  hingeLoss,
  initDiscriminator,
} from "./discriminator.ts";
import { klDivergence } from "./kl.ts";
import {
  type TokenizerBatch,
  type TokenizerLossOptions,
  type TokenizerParams,
  tokenizerLoss,
} from "./tokenizer-loss.ts";
import { initVfProjection, vfLoss } from "./vf-loss.ts";

const config = autoencoderConfig({
  z_channels: 2,
  embed_dim: 2,
  resolution: 8,
  ch: 4,
  ch_mult: [1, 1],
  num_res_blocks: 1,
  attn_resolutions: [],
  groups: 2,
});
const discriminator = { layers: 1, width: 4 };
const params: Outside<TokenizerParams> = {
  model: {
    ...initAutoencoder(new Random("model"), config),
    linear_proj: initVfProjection(new Random("projection"), { latentDim: 2, featureDim: 3, direction: "reverse" }),
  },
  discriminator: initDiscriminator(new Random("discriminator"), { ...discriminator, channels: 3 }),
};
const random = (seed: string, ...shape: number[]) => Tensor.from(randomRows(seed, ...shape).flat(Infinity), shape);
const klWeight = 0.01;
const shared = { images: random("images", 2, 3, 8, 8), noise: random("noise", 2, 2, 4, 4) };
const number = (value: number) => Tensor.from(value);
const vf = {
  features: random("features", 2, 3, 4, 4),
  weight: number(0.1),
  cosMargin: number(0.1),
  distmatMargin: number(0.05),
  mcos: number(1),
  mdms: number(1),
};
const adversary = { weight: number(0.5) };
const frozen = { factor: number(3) };
/** A distance with a gradient of its own, and a frozen factor. */
const perceptual = (inside: { factor: np.Array }, x: np.Array, y: np.Array) =>
  np.square(x.sub(y)).mean([1, 2, 3]).mul(inside.factor.ref);

type Terms = Record<"nll" | "perceptual" | "kl" | "mcos" | "mdms" | "generator" | "hinge", np.Array>;

/** All terms by the plain functions, forwards. */
function plainTerms({ model, discriminator: judge }: TokenizerParams, inputs: any): Terms {
  const { images, noise, features, cosMargin, distmatMargin, factor } = inputs;
  const posterior = encode(model as AutoencoderParams, images.ref, config);
  const kl = klDivergence({ mean: posterior.mean.ref, logvar: posterior.logvar.ref });
  const z = samplePosterior(posterior, noise.ref);
  const output = decode(model as AutoencoderParams, z.ref, config);
  const margins = { cos: cosMargin, distmat: distmatMargin };
  const logits = (x: np.Array) => discriminate(judge!, x, discriminator);
  return {
    nll: np.abs(output.ref.sub(images.ref)).sum().div(2),
    perceptual: perceptual({ factor }, images.ref, output.ref)
      .sum()
      .mul(192 / 2), // 192 numbers a picture, 2 pictures
    kl,
    ...vfLoss(model.linear_proj!, z, features.ref, { direction: "reverse", margins }),
    generator: generatorLoss(logits(output.ref)),
    hinge: hingeLoss(logits(images), logits(output)),
  };
}

/** The gradient of a weighted sum of the terms, by jax-js alone; one program for all weights. */
const plainGradient = compile(((inside: any, inputs: any, weights: Record<string, np.Array>) =>
  grad((leaves: any) => {
    const all = plainTerms(leaves, inputs);
    return Object.entries(all)
      .map(([name, term]) => term.mul(weights[name]!.ref))
      .reduce((sum, term) => sum.add(term));
  })(inside)) as any) as any;
const plainValues = compile(((inside: any, inputs: any) => plainTerms(inside, inputs)) as any) as any;
const { features, cosMargin, distmatMargin } = vf;
const plainInputs = { ...shared, features, cosMargin, distmatMargin, ...frozen };
afterAll(() => {
  plainGradient.dispose();
  plainValues.dispose();
});

const names = ["nll", "perceptual", "kl", "mcos", "mdms", "generator", "hinge"] as const;
const expectedFor = (
  weights: Partial<Terms> | Partial<Record<keyof Terms, number>>,
): Promise<Outside<TokenizerParams>> =>
  plainGradient(
    params,
    plainInputs,
    Object.fromEntries(names.map((name) => [name, number((weights as any)[name] ?? 0)])),
  );

async function run(extra: Partial<Outside<TokenizerBatch>>, options: TokenizerLossOptions = {}, from = params) {
  const loss = tokenizerLoss(config, { discriminator, perceptual, ...options });
  const program = compile(((inside: any, batch: any) => loss.gradients(inside, batch)) as any) as any;
  const result = await program(from, { ...shared, klWeight: number(klWeight), ...extra });
  program.dispose();
  const metrics: Record<string, number> = {};
  for (const [name, value] of Object.entries<Tensor>(result.metrics)) metrics[name] = await value.item();
  return { grads: result.grads as Outside<TokenizerParams>, metrics, loss: await result.loss.item() };
}

/** The whole of it, which two suites look at. */
const withAll = () => (everything ??= run({ vf, adversary }));
let everything: ReturnType<typeof run> | undefined;
const withAlignment = () => (aligned ??= run({ vf }));
let aligned: ReturnType<typeof run> | undefined;

const norm = async (tensor: Tensor) => Math.hypot(...((await tensor.data()) as Float32Array));

/** Each tensor to 1e-3 of its length, in float32. */
async function expectSame(found: object, expected: object) {
  const expectedOf = namedLeaves<Tensor>(expected);
  expect([...namedLeaves(found).keys()].sort()).toEqual([...expectedOf.keys()].sort());
  for (const [name, leaf] of namedLeaves<Tensor>(found)) {
    const [a, b] = [(await leaf.data()) as Float32Array, (await expectedOf.get(name)!.data()) as Float32Array];
    const apart = Math.hypot(...a.map((value, i) => value - b[i]!));
    expect(apart, name).toBeLessThan(1e-3 * Math.hypot(...b) + 1e-4);
  }
}

suite("gradients", () => {
  test("reconstruction and KL", async () => {
    const { grads, metrics, loss } = await run({});
    const expected = await expectedFor({ nll: 1, kl: klWeight });
    await expectSame(grads.model, expected.model);
    expect(await norm(grads.model.linear_proj!.weight)).toBe(0);
    expect(await norm(grads.discriminator!.main["0"]!.weight)).toBe(0);
    const values = await plainValues(params, plainInputs);
    const nll = await values.nll.item();
    expect(loss).toBeCloseTo(nll + klWeight * (await values.kl.item()), 2);
    expect(metrics.l1).toBeCloseTo(nll / 192, 5);
  });

  test("a perceptual distance counts at every number of its picture", async () => {
    const { grads, metrics } = await run({ perceptual: { weight: number(0.7), frozen } });
    await expectSame(grads.model, (await expectedFor({ nll: 1, perceptual: 0.7, kl: klWeight })).model);
    const values = await plainValues(params, plainInputs);
    expect(metrics.perceptual).toBeCloseTo((await values.perceptual.item()) / 192, 4);
  });

  test("the vision-foundation loss at the weight that was found", async () => {
    const { grads, metrics } = await withAlignment();
    const { vfWeight } = metrics;
    await expectSame(grads.model, (await expectedFor({ nll: 1, kl: klWeight, mcos: vfWeight, mdms: vfWeight })).model);
  });

  test("each of its terms can be switched off, and its weight taken as it is", async () => {
    const { grads } = await run({ vf: { ...vf, mdms: number(0), weight: number(7) } }, { adaptiveVf: false });
    await expectSame(grads.model, (await expectedFor({ nll: 1, kl: klWeight, mcos: 7 })).model);
  });

  test("with the adversary, both players in one step", async () => {
    const { grads, metrics } = await withAll();
    const { vfWeight, adversaryWeight } = metrics;
    const weights = { nll: 1, kl: klWeight, mcos: vfWeight, mdms: vfWeight, generator: adversaryWeight };
    await expectSame(grads.model, (await expectedFor(weights)).model);
    // The discriminator learns by its own loss alone, and the generator's does not reach it.
    await expectSame(grads.discriminator!, (await expectedFor({ hinge: 1 })).discriminator!);
  });
});

suite("adaptive weights", () => {
  let found: Record<"alone" | "together", Record<string, number>>;
  let forces: Record<"nll" | "vf" | "generator", { encoder: number; decoder: number }>;
  beforeAll(async () => {
    const force = async (weights: Partial<Record<keyof Terms, number>>) => {
      const { model } = await expectedFor(weights);
      return { encoder: await norm(model.encoder.conv_out.weight), decoder: await norm(model.decoder.conv_out.weight) };
    };
    found = { alone: (await withAlignment()).metrics, together: (await withAll()).metrics };
    forces = {
      nll: await force({ nll: 1 }),
      vf: await force({ mcos: 1, mdms: 1 }),
      generator: await force({ generator: 1 }),
    };
  });

  test("with w = 0.1 the alignment pulls at the encoder's last kernel with a tenth of the reconstruction's force", () => {
    expect(Math.abs((found.alone.vfWeight! * forces.vf.encoder) / forces.nll.encoder - 0.1)).toBeLessThan(0.001);
  });

  test("an adversary does not change that", () => {
    expect(Math.abs((found.together.vfWeight! * forces.vf.encoder) / forces.nll.encoder - 0.1)).toBeLessThan(0.001);
  });

  test("the adversary pulls at the decoder's last kernel with half the force", () => {
    const expected = (0.5 * forces.nll.decoder) / (forces.generator.decoder + 1e-4);
    expect(found.together.adversaryWeight! / expected).toBeCloseTo(1, 3);
  });

  test("a vanished gradient meets the clamp", async () => {
    const flat = mapTree(params.discriminator!, ({ shape, size }: Tensor) =>
      Tensor.from(new Float32Array(size), shape),
    );
    const images = Tensor.from(
      (shared.images.host as Float32Array).map((value) => 1e3 * value),
      shared.images.shape,
    );
    const { metrics } = await run({ images, adversary }, {}, { ...params, discriminator: flat });
    expect(metrics.adversaryWeight).toBe(0.5 * 1e4);
  });
});

suite("discriminator", () => {
  test("has the official names and shapes", () => {
    const official = initDiscriminator(new Random(0), { layers: 3, width: 64, channels: 3 });
    const shapes = Object.fromEntries([...namedLeaves<Tensor>(official)].map(([name, { shape }]) => [name, shape]));
    expect(shapes).toMatchObject({
      "main.0.weight": [64, 3, 4, 4],
      "main.0.bias": [64],
      "main.2.weight": [128, 64, 4, 4],
      "main.3.weight": [128],
      "main.5.weight": [256, 128, 4, 4],
      "main.8.weight": [512, 256, 4, 4],
      "main.9.bias": [512],
      "main.11.weight": [1, 512, 4, 4],
    });
    expect(shapes["main.2.bias"]).toBeUndefined();
  });

  test("normalises over batch and space, so scale and brightness of what it sees hardly matter behind its first layer", () =>
    onInterpreter(() => {
      const judge: DiscriminatorParams = toFloat64(params.discriminator!);
      const plain = array64(randomRows("x", 2, 3, 8, 8));
      const withoutBias = { main: { ...judge.main, 0: { weight: judge.main["0"]!.weight } } } as DiscriminatorParams;
      const [once, tenfold] = [plain.ref.mul(1e3), plain.mul(1e4)].map((x) =>
        discriminate(withoutBias, x, discriminator),
      );
      expect(once!.shape).toEqual([2, 1, 2, 2]);
      expect(tenfold!).toBeAllclose(once!.js() as any, { rtol: 0.05, atol: 1e-3 });
      tree.dispose(judge as any);
    }));

  test("hinge: ½ (mean relu(1 - real) + mean relu(1 + fake))", () =>
    onInterpreter(() => {
      expect(hingeLoss(array64([2, 0]), array64([-3, 1]))).toBeAllclose(0.5 * (0.5 + 1));
      expect(generatorLoss(array64([1, 3]))).toBeAllclose(-2);
    }));
});

test("klDivergence: ½ Σ (mean² + exp(logvar) - 1 - logvar) / batch", () =>
  onInterpreter(() => {
    const kl = klDivergence({ mean: array64([[1], [2]]), logvar: array64([[0], [Math.log(2)]]) });
    expect(kl).toBeAllclose((1 + (4 + 2 - 1 - Math.log(2))) / 4);
  }));
