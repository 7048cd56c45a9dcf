/** The stop of lightningdit on untrained parts: it draws, keeps the sheet, and is told that nobody sees in it what was asked. */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Random } from "../../core/random.ts";
import { autoencoderConfig, initAutoencoder } from "../../diffusion/autoencoder/index.ts";
import { DitConfig, FlowRecipe, initDit } from "../../diffusion/index.ts";
import { decodeImage } from "../../media/index.ts";
import { marks, saveGenerator, saveTokenizer, trainFeatures } from "../../systems/lightningdit/index.ts";
import type { StopOptions } from "./stop.ts";

const side = 16;
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "polymath-stop-"));
  vi.stubEnv("POLYMATH_MODELS", join(dir, "models")); // read when the stop is loaded
});
afterAll(() => rm(dir, { recursive: true }));

const progress = () => ({ update() {}, stop() {} });
const signal = new AbortController().signal;
const visit = async () => {
  const options: StopOptions = { seed: 0, signal, progress, say: () => {}, path: (name) => join(dir, name) };
  return (await import("./lightningdit.ts")).visitLightningDit(options);
};

async function saveUntrained(folder: string): Promise<void> {
  const autoencoder = autoencoderConfig({
    ...{ z_channels: 2, embed_dim: 2, resolution: side, ch: 4, ch_mult: [1, 1], num_res_blocks: 1 },
    ...{ attn_resolutions: [], groups: 2, patch: 2, mid_attn: false },
  });
  const card = { kind: "polymath-tokenizer" as const, name: "untrained", autoencoder };
  const params = initAutoencoder(new Random("tokenizer"), autoencoder);
  const { sha256 } = await saveTokenizer(join(folder, "tokenizer"), card, params);
  const config = DitConfig.parse({ depth: 1, width: 16, heads: 1, grid: 4, channels: 2, classes: 12 });
  const latents = { tokenizer: sha256, stats: null, multiplier: 1 };
  const recipe = FlowRecipe.parse({ steps: 1, batch: 1 });
  await saveGenerator(join(folder, "generator"), { config, recipe, latents, seed: 0 }, initDit(config, 0));
}

test("without a generator it says so, and that is no fault", async () => {
  expect(await visit()).toMatchObject({ lacks: expect.stringMatching(/no generator in models.marks/) });
});

test("it draws four pictures of each class; without a judge nothing is said of what they show", async () => {
  await saveUntrained(join(dir, "models", "marks"));
  const result = await visit();
  expect(result).toMatchObject({ did: "drew 48 pictures of 12 classes", passed: true });
  expect("figures" in result && result.figures.map(({ label }) => label)).toEqual(["time per picture"]);
  const { width, height } = await decodeImage(join(dir, "lightningdit.png"));
  expect(width / height).toBeGreaterThan(2); // twelve columns of four
});

test("a judge who does not see what was asked for fails it", async () => {
  const out = join(dir, "models", "marks", "judge");
  const settings = { task: "factors" as const, side, count: 24, steps: 2, batch: 8, lr: 1e-3, seed: 0 };
  const sets = {
    train: marks("judge", { seed: 0, count: 24, side }),
    validation: marks("validation", { seed: 0, count: 24, side }),
  };
  await trainFeatures("judge", { ...settings, encoder: { widths: [4, 4], dim: 4, groups: 2 } }, sets, {
    log: { info() {}, warn() {}, debug() {} },
    progress,
    signal,
    out,
  });
  expect(existsSync(join(out, "card.json"))).toBe(true);
  const result = await visit();
  expect(result).toMatchObject({ passed: false });
  expect("figures" in result && result.figures[0]).toMatchObject({ label: "seen as what was asked" });
});
