/** What the shapes of a checkpoint's tensors tell about the model: all but the number of heads, which a table betrays. */
import { DataError } from "../../../core/errors.ts";
import { type DitConfig, ditSizes } from "../../../diffusion/index.ts";

type Shapes = ReadonlyMap<string, readonly number[]>;

/** @throws DataError when the names are not those of a LightningDiT, or nothing tells the number of heads */
export function inferDitConfig(shapes: Shapes, file: string): DitConfig {
  const need = (name: string): readonly number[] => {
    const shape = shapes.get(name);
    if (shape) return shape;
    throw new DataError(`${file}: no LightningDiT: it has no "${name}"`, {
      hint: "Files of its trainer hold the weights under `ema` and `model`; a tokenizer is loaded by the tokenizer's commands.",
    });
  };
  const [width = 0, channels = 0, patch = 0] = need("x_embedder.proj.weight");
  const [rows = 0] = need("y_embedder.embedding_table.weight");
  const [modulated = 0] = need("blocks.0.adaLN_modulation.1.weight");
  const tokens = need("pos_embed")[1]!;
  const has = (name: string) => shapes.has(name);
  let depth = 0;
  while (has(`blocks.${depth}.attn.qkv.weight`)) depth++;
  return {
    depth,
    width,
    heads: headsOf(shapes, { depth, width }, file),
    patch,
    grid: Math.round(Math.sqrt(tokens)) * patch,
    channels,
    classes: rows - 1,
    rmsNorm: has("blocks.0.norm1.weight"),
    swiglu: has("blocks.0.mlp.w12.weight"),
    rope: has("feat_rope.freqs_cos"),
    qkNorm: has("blocks.0.attn.q_norm.weight"),
    shift: modulated === 6 * width,
  };
}

function headsOf(shapes: Shapes, { depth, width }: { depth: number; width: number }, file: string): number {
  const headDim = shapes.get("feat_rope.freqs_cos")?.[1] ?? shapes.get("blocks.0.attn.q_norm.weight")?.[0];
  if (headDim !== undefined) return width / headDim;
  const published = Object.values(ditSizes).find((size) => size.depth === depth && size.width === width);
  if (published) return published.heads;
  throw new DataError(`${file}: nothing in it tells how many heads a model of ${depth} blocks of width ${width} has`, {
    hint: "Give its YAML configuration with --config.",
  });
}
