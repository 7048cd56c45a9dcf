/**
 * Names, shapes and first values of a diffusion transformer's parameters: one table from which a model is made, counted
 * and checked against files. The names are those of the official checkpoints.
 * Source of the first values: Peebles and Xie 2023, section 3.2 (adaLN-Zero), as LightningDiT uses them.
 */
import { type Initializer, normal, ones, xavierUniform, zeros } from "../../compute/init.ts";
import type { Outside, Tensor } from "../../compute/tensor.ts";
import { mapTree, namedLeaves } from "../../compute/tree.ts";
import { Random } from "../../core/random.ts";
import { checkDitConfig, type DitConfig, hiddenWidth, tokensPerAxis } from "./config.ts";
import { ropeTables2d, sineCosineTable } from "./position-tables.ts";
import { timestepWidth } from "./timestep-embedding.ts";
import type { DitParams } from "./transformer.ts";

/** A class, so that trees take it for a leaf. */
class Parameter {
  readonly shape: readonly number[];
  readonly init: Initializer;

  constructor(init: Initializer, ...shape: number[]) {
    this.init = init;
    this.shape = shape;
  }
}

/** @throws ConfigError for sizes that do not fit */
export function initDit(config: DitConfig, seed: number | string | Random): Outside<DitParams> {
  const rng = seed instanceof Random ? seed : new Random(seed);
  return mapTree(parameterTree(config), ({ init, shape }: Parameter, name): Tensor => init(rng.split(name), shape));
}

/** The tree of tensors that are there already. @param find a tensor by its name, of the shape that `ditShapes` tells */
export function ditFrom(config: DitConfig, find: (name: string) => Tensor): Outside<DitParams> {
  return mapTree(parameterTree(config), (_: Parameter, name) => find(name));
}

/** Every trained tensor by name, without making any. */
export function ditShapes(config: DitConfig): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  for (const [name, { shape }] of namedLeaves<Parameter>(parameterTree(config))) shapes.set(name, shape);
  return shapes;
}

/** The fixed tables that official files hold besides; positions are counted with the parameters, rotations are not. */
export function ditTables(config: DitConfig): Map<string, readonly number[]> {
  const tokens = tokensPerAxis(config) ** 2;
  const tables = new Map<string, readonly number[]>([["pos_embed", [1, tokens, config.width]]]);
  if (config.rope) {
    for (const name of ["feat_rope.freqs_cos", "feat_rope.freqs_sin"])
      tables.set(name, [tokens, config.width / config.heads]);
  }
  return tables;
}

/** The same with their values. */
export function ditTableValues(
  config: DitConfig,
): Map<string, { shape: readonly number[]; values: Float32Array<ArrayBuffer> }> {
  const side = tokensPerAxis(config);
  const { cos, sin } = ropeTables2d(side, config.width / config.heads);
  const values = {
    pos_embed: sineCosineTable(side, config.width),
    "feat_rope.freqs_cos": cos,
    "feat_rope.freqs_sin": sin,
  };
  return new Map(
    [...ditTables(config)].map(([name, shape]) => [name, { shape, values: values[name as keyof typeof values] }]),
  );
}

/** As PyTorch counts them: the position table is a parameter that is not trained. */
export function countDitParameters(config: DitConfig): number {
  const size = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);
  let count = size(ditTables(config).get("pos_embed")!);
  for (const shape of ditShapes(config).values()) count += size(shape);
  return count;
}

function parameterTree(config: DitConfig) {
  checkDitConfig(config);
  const { depth, width, heads, patch, channels, classes, rmsNorm, qkNorm } = config;
  const hidden = hiddenWidth(config);
  const linear = (out: number, inputs: number, init = xavierUniform) => ({
    weight: new Parameter(init, out, inputs),
    bias: new Parameter(zeros, out),
  });
  const norm = (dim: number) => (rmsNorm ? { weight: new Parameter(ones, dim) } : {});
  const headNorm = (rmsNorm ? norm : affineNorm)(width / heads);
  const modulation = (parts: number) => ({ 1: linear(parts * width, width, zeros) }); // 0 is the SiLU before it
  const block = () => ({
    norm1: norm(width),
    attn: {
      qkv: linear(3 * width, width),
      ...(qkNorm && { q_norm: headNorm, k_norm: headNorm }),
      proj: linear(width, width),
    },
    norm2: norm(width),
    mlp: config.swiglu
      ? { w12: linear(2 * hidden, width), w3: linear(width, hidden) }
      : { fc1: linear(hidden, width), fc2: linear(width, hidden) },
    adaLN_modulation: modulation(config.shift ? 6 : 4),
  });
  return {
    x_embedder: {
      proj: { weight: new Parameter(xavierUniform, width, channels, patch, patch), bias: new Parameter(zeros, width) },
    },
    t_embedder: { mlp: { 0: linear(width, timestepWidth, normal(0.02)), 2: linear(width, width, normal(0.02)) } },
    y_embedder: { embedding_table: { weight: new Parameter(normal(0.02), classes + 1, width) } },
    blocks: Array.from({ length: depth }, block),
    final_layer: {
      norm_final: norm(width),
      linear: linear(patch * patch * channels, width, zeros),
      adaLN_modulation: modulation(2),
    },
  };
}

const affineNorm = (dim: number) => ({ weight: new Parameter(ones, dim), bias: new Parameter(zeros, dim) });
