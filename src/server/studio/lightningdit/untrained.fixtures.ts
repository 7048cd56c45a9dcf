/** Parts of LightningDiT as commands leave them, of random weights: they draw noise, always the same. */
import { join } from "node:path";
import { Tensor } from "../../../compute/tensor.ts";
import { Random } from "../../../core/random.ts";
import {
  autoencoderConfig,
  DitConfig,
  ditFrom,
  ditShapes,
  FlowRecipe,
  initAutoencoder,
} from "../../../diffusion/index.ts";
import { saveGenerator, saveTokenizer, type TokenizerCard } from "../../../systems/lightningdit/index.ts";

const [side, channels, classes] = [16, 2, 12];

export function saveUntrainedTokenizer(folder: string, seed = 0): Promise<TokenizerCard> {
  const autoencoder = autoencoderConfig({
    ...{ z_channels: channels, embed_dim: channels, resolution: side, ch: 4, ch_mult: [1, 1], num_res_blocks: 1 },
    ...{ attn_resolutions: [], groups: 2, patch: 2, mid_attn: false },
  });
  const card = { kind: "polymath-tokenizer" as const, name: "untrained", autoencoder };
  return saveTokenizer(folder, card, initAutoencoder(new Random(seed), autoencoder));
}

/** @param tokenizer hash of the one whose latents it is said to have learned */
export async function saveUntrainedGenerator(folder: string, tokenizer: string): Promise<void> {
  const config = DitConfig.parse({ depth: 1, width: 16, heads: 1, grid: 4, channels, classes });
  const latents = { tokenizer, stats: { mean: [0.5, -1], std: [2, 0.5] }, multiplier: 0.8 };
  const recipe = FlowRecipe.parse({ steps: 30, batch: 1 });
  const shapes = ditShapes(config);
  const rng = new Random("generator");
  // Random throughout: `initDit` begins with a velocity of zero, which nothing could be told from.
  const params = ditFrom(config, (name) => {
    const shape = [...shapes.get(name)!];
    const stream = rng.split(name);
    const count = shape.reduce((product, dim) => product * dim, 1);
    return Tensor.from(
      Float32Array.from({ length: count }, () => 0.4 * stream.normal()),
      shape,
    );
  });
  await saveGenerator(folder, { config, recipe, latents, seed: 0 }, params);
}

/** `generator` and `tokenizer` in one folder, as in models/marks. */
export async function saveUntrainedPair(folder: string): Promise<void> {
  const { sha256 } = await saveUntrainedTokenizer(join(folder, "tokenizer"));
  await saveUntrainedGenerator(join(folder, "generator"), sha256);
}
