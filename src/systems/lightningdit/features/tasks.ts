/** The tasks a feature net can learn by: what a batch holds, which heads the net has meanwhile, and the loss. */
import { nn, numpy as np, tree } from "@jax-js/jax";
import { crossEntropy } from "../../../compute/layers/cross-entropy.ts";
import { initLinear, type LinearParams, linear } from "../../../compute/layers/linear.ts";
import { type Outside, Tensor } from "../../../compute/tensor.ts";
import { ConfigError } from "../../../core/errors.ts";
import type { Random } from "../../../core/random.ts";
import { type ImageSet, readSigned } from "../../../media/index.ts";
import { type ConvEncoderConfig, type ConvEncoderParams, featureGrid, pooled } from "../../../vision/index.ts";
import type { FeatureSettings, FeatureTask } from "../schemas.ts";
import type { MarkSet } from "../world.ts";
import { lookAt } from "./augment.ts";
import { denseTargets, factorCount, factorTargets } from "./targets.ts";

export type FeatureParams = { encoder: ConvEncoderParams; heads: Record<string, LinearParams> };
type Batch = Record<string, np.Array>;

export interface Task {
  initHeads(rng: Random): Outside<FeatureParams>["heads"];
  batch(indices: readonly number[], rng: Random): Promise<Outside<Batch>>;
  /** Owns what it is given. */
  loss(params: FeatureParams, batch: Batch): [np.Array, Record<string, np.Array>];
}

const tasks: Record<FeatureTask, (set: ImageSet, settings: FeatureSettings) => Task> = {
  dense: (set, settings) => denseTask(needMarks(set), settings),
  factors: (set, settings) => factorsTask(needMarks(set), settings),
  labels: labelsTask,
  views: viewsTask,
};

export function taskOf(set: ImageSet, settings: FeatureSettings): Task {
  return tasks[settings.task](set, settings);
}

/** Of the grid that the encoder makes of pictures of this side. */
export function gridSideOf(side: number, { widths }: ConvEncoderConfig): number {
  return side / 2 ** widths.length;
}

function denseTask(set: MarkSet, { encoder, side }: FeatureSettings): Task {
  const { dim } = encoder;
  const targets = denseTargets(set, gridSideOf(side, encoder));
  return {
    initHeads: (rng) => ({ cells: initLinear(rng.split("cells"), { in: dim, out: 2 + 4 + 3 }) }),
    batch: async (indices) => ({ images: await imagesOf(set, indices), ...targets(indices) }),
    loss({ encoder: params, heads }, { images, cover, distance, shape, palette, weight }) {
      const grid = featureGrid(params, images!, encoder); // [batch, dim, h, w]
      const cells = grid.reshape([grid.shape[0]!, dim, -1]).transpose([0, 2, 1]).reshape([-1, dim]);
      const told = linear(heads.cells!, cells); // [batch places, 9]
      tree.dispose({ params, heads } as any);
      const [first, second, shapes, palettes] = np.split(told, [1, 2, 6], 1) as [
        np.Array,
        np.Array,
        np.Array,
        np.Array,
      ];
      const squared = (x: np.Array, y: np.Array) => np.square(x.reshape([-1]).sub(y.reshape([-1]))).mean();
      const terms = {
        cover: squared(first, cover!),
        distance: squared(second, distance!),
        shape: crossEntropy(shapes, shape!.reshape([-1]), weight!.ref.reshape([-1])),
        palette: crossEntropy(palettes, palette!.reshape([-1]), weight!.reshape([-1])),
      };
      const total = terms.cover.ref.add(terms.distance.ref).add(terms.shape.ref).add(terms.palette.ref);
      return [total, terms];
    },
  };
}

function factorsTask(set: MarkSet, { encoder }: FeatureSettings): Task {
  return {
    initHeads: (rng) => ({
      classes: initLinear(rng.split("classes"), { in: encoder.dim, out: set.classNames.length }),
      factors: initLinear(rng.split("factors"), { in: encoder.dim, out: factorCount }),
    }),
    batch: async (indices) => ({
      images: await imagesOf(set, indices),
      labels: labelsOf(set, indices),
      factors: factorTargets(indices.map((index) => set.factors(index))),
    }),
    loss({ encoder: params, heads }, { images, labels, factors }) {
      const features = pooled(featureGrid(params, images!, encoder));
      const byClass = crossEntropy(linear(heads.classes!, features.ref), labels!);
      const byFactor = np.square(linear(heads.factors!, features).sub(factors!)).mean();
      tree.dispose({ params, heads } as any);
      return [byClass.ref.add(byFactor.ref), { classes: byClass, factors: byFactor }];
    },
  };
}

function labelsTask(set: ImageSet, { encoder }: FeatureSettings): Task {
  if (set.classNames.length < 2)
    throw new ConfigError("features: the task labels needs two classes or more, these pictures have one", {
      hint: "Use --task views, which needs no labels.",
    });
  return {
    initHeads: (rng) => ({
      classes: initLinear(rng.split("classes"), { in: encoder.dim, out: set.classNames.length }),
    }),
    batch: async (indices) => ({ images: await imagesOf(set, indices), labels: labelsOf(set, indices) }),
    loss({ encoder: params, heads }, { images, labels }) {
      const loss = crossEntropy(linear(heads.classes!, pooled(featureGrid(params, images!, encoder))), labels!);
      tree.dispose({ params, heads } as any);
      return [loss, {}];
    },
  };
}

const temperature = 0.2;

/** NT-Xent: of all other looks in the batch, find the one at the same picture. */
function viewsTask(set: ImageSet, { encoder, side }: FeatureSettings): Task {
  const { dim } = encoder;
  return {
    initHeads: (rng) => ({
      hidden: initLinear(rng.split("hidden"), { in: dim, out: dim }),
      out: initLinear(rng.split("out"), { in: dim, out: 32 }),
    }),
    async batch(indices, rng) {
      const pictures = await readSigned(set, indices);
      const size = pictures.length / indices.length;
      const looks = new Float32Array(2 * pictures.length);
      for (const look of [0, 1])
        for (const [i] of indices.entries()) {
          const picture = pictures.subarray(i * size, (i + 1) * size);
          looks.set(lookAt(picture, side, rng.split(look).split(i)), look * pictures.length + i * size);
        }
      return { images: Tensor.from(looks, [2 * indices.length, 3, side, side]) };
    },
    loss({ encoder: params, heads }, { images }) {
      const count = images!.shape[0]!;
      const hidden = nn.relu(linear(heads.hidden!, pooled(featureGrid(params, images!, encoder))));
      const raw = linear(heads.out!, hidden);
      tree.dispose({ params, heads } as any);
      const unit = raw.ref.div(np.sqrt(np.square(raw).sum(1, { keepdims: true }).add(1e-12)));
      const logits = np.dot(unit.ref, unit.transpose()).div(temperature);
      const isSelf = np.eye(count).mul(-1e9); // a look is not its own partner
      const partner = np.concatenate([np.arange(count / 2, count), np.arange(count / 2)]).astype(np.int32);
      return [crossEntropy(logits.add(isSelf), partner), {}];
    },
  };
}

async function imagesOf(set: ImageSet, indices: readonly number[]): Promise<Tensor> {
  return Tensor.from(await readSigned(set, indices), [indices.length, 3, set.side, set.side]);
}

function labelsOf(set: ImageSet, indices: readonly number[]): Tensor {
  return Tensor.from(
    Int32Array.from(indices, (index) => set.labels[index]!),
    [indices.length],
  );
}

function needMarks(set: ImageSet): MarkSet {
  if ("mark" in set) return set as MarkSet;
  throw new ConfigError("features: the tasks dense and factors need the world's own marks, whose factors are known", {
    hint: "Use --task labels or --task views with your own pictures.",
  });
}
