/** Trains a tokenizer with every term into the folder it is given; for tokenizer.slow.test.ts. */
import "../../../compute/executors/worker-shim.ts"; // before jax-js
import { join } from "node:path";
import { Random } from "../../../core/random.ts";
import { autoencoderConfig } from "../../../diffusion/autoencoder/index.ts";
import { initConvEncoder } from "../../../vision/index.ts";
import { openNet } from "../features/net.ts";
import { TokenizerSettings } from "../schemas.ts";
import { marks } from "../world.ts";
import { trainTokenizer } from "./train.ts";

const dir = process.argv[2]!;
const settings = TokenizerSettings.parse({
  autoencoder: autoencoderConfig({
    z_channels: 4,
    embed_dim: 4,
    resolution: 16,
    ch: 8,
    ch_mult: [1, 1],
    num_res_blocks: 1,
    attn_resolutions: [],
    groups: 4,
    patch: 2,
  }),
  stages: [
    { steps: 24, vfWeight: 0.5, cosMargin: 0, distmatMargin: 0 },
    { steps: 24, vfWeight: 0.1, adversaryWeight: 0.5, perceptualWeight: 0.5 },
  ],
  batch: 8,
  lr: 1e-3,
  ema: 0.9,
  discriminator: { layers: 1, width: 8 },
  seed: 5,
});
const encoder = { widths: [8, 8], dim: 6, groups: 2 };
const net = openNet(
  { kind: "polymath-feature-net", name: "tiny", task: "dense", encoder, side: 16, classNames: [], seed: 0, sha256: "", probeAccuracy: 0 }, // biome-ignore format: a card
  { encoder: initConvEncoder(new Random(1), encoder) },
);
await trainTokenizer(
  "killed",
  settings,
  {
    train: marks("train", { seed: 0, count: 200, side: 16 }),
    validation: marks("validation", { seed: 0, count: 16, side: 16 }),
    features: net,
    perceptual: net,
  },
  {
    log: { debug() {}, info() {}, warn() {} },
    progress: () => ({ update() {}, stop() {} }),
    signal: new AbortController().signal,
    dir: join(dir, "run"),
    out: join(dir, "tokenizer"),
    checkpointEvery: 5,
    evaluateEvery: 20,
  },
);
