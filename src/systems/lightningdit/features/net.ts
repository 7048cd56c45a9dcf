/** A trained feature net as a folder (card.json and model.safetensors), opened as the FeatureNet that metrics take. */
import { compile } from "../../../compute/compile.ts";
import { type LinearParams, linear } from "../../../compute/layers/linear.ts";
import { type Outside, Tensor } from "../../../compute/tensor.ts";
import { treeFromNames } from "../../../compute/tree.ts";
import { DataError } from "../../../core/errors.ts";
import {
  type ConvEncoderParams,
  type FeatureNet,
  type Features,
  featureGrid,
  poolGrid,
} from "../../../vision/index.ts";
import { loadCarded, saveCarded } from "../carded-weights.ts";
import { FeatureCard } from "../schemas.ts";
import { gridSideOf } from "./tasks.ts";

export type NetParams = { encoder: ConvEncoderParams; heads?: { classes: LinearParams } };

/** Also what the tokenizer's loss needs of it: the encoder's parameters. */
export interface ConvFeatureNet extends FeatureNet {
  readonly card: FeatureCard;
  readonly params: Outside<NetParams>;
}

/** Images per call of the program; the last call is filled up, so one shape is compiled. */
const chunk = 64;

export function openNet(card: FeatureCard, params: Outside<NetParams>): ConvFeatureNet {
  const { encoder, side, classNames } = card;
  const gridSide = gridSideOf(side, encoder);
  const classes = params.heads?.classes;
  const program = compile(
    (inside: ConvEncoderParams, images: any) => {
      const grid = featureGrid(inside, images, encoder);
      return grid;
    },
    { name: "feature net" },
  );
  const classify = compile((head: LinearParams, pooled: any) => linear(head, pooled), { name: "feature net classes" });
  return {
    card,
    params,
    name: card.name,
    dim: encoder.dim,
    gridSide,
    ...(classes && { classCount: classNames.length }),
    async run(images, given) {
      if (given !== side)
        throw new DataError(`${card.name}: pictures of ${given} pixels, it was trained on ${side}`, {
          hint: "Resize them, or train a net at that size.",
        });
      const size = 3 * side * side;
      const count = images.length / size;
      const cells = encoder.dim * gridSide ** 2;
      const grid = new Float32Array(count * cells);
      const logits = classes && new Float32Array(count * classNames.length);
      for (let start = 0; start < count; start += chunk) {
        const used = Math.min(chunk, count - start);
        const part = new Float32Array(chunk * size);
        part.set(images.subarray(start * size, (start + used) * size));
        const result = await program(params.encoder, Tensor.from(part, [chunk, 3, side, side]));
        const values = (await result.data()) as Float32Array<ArrayBuffer>;
        grid.set(values.subarray(0, used * cells), start * cells);
        if (classes) {
          const pooled = Tensor.from(poolGrid(values, gridSide ** 2), [chunk, encoder.dim]);
          const told = (await (await classify(classes, pooled)).data()) as Float32Array;
          logits!.set(told.subarray(0, used * classNames.length), start * classNames.length);
        }
        result.dispose();
      }
      const features: Features = { grid, pooled: poolGrid(grid, gridSide ** 2), ...(logits && { logits }) };
      return features;
    },
    dispose() {
      program.dispose();
      classify.dispose();
    },
  };
}

/** @returns the card with the hash of the weights */
export async function saveNet(
  folder: string,
  card: Omit<FeatureCard, "sha256">,
  params: Outside<NetParams>,
): Promise<FeatureCard> {
  return saveCarded(folder, card, params);
}

/** @throws DataError when the folder is no feature net, or its weights are not those of its card */
export async function loadNet(folder: string): Promise<ConvFeatureNet> {
  const { card, tensors } = await loadCarded(folder, FeatureCard);
  return openNet(card, treeFromNames(tensors) as unknown as Outside<NetParams>);
}
