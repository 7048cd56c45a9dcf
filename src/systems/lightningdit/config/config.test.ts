import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { countDitParameters } from "../../../diffusion/index.ts";
import { ditConfigOf, readConfig, recipeOf, samplingOf } from "./read.ts";

/** The keys and values of the published 64-epoch run, in the layout of the official file. */
const published = `
ckpt_path: 'path/to/checkpoint.pt'
data:
  data_path: 'path/to/latents'
  fid_reference_file: 'VIRTUAL_imagenet256_labeled.npz'
  image_size: 256
  num_classes: 1000
  num_workers: 8
  latent_norm: true
  latent_multiplier: 1.0
vae:
  model_name: 'vavae_f16d32'
  downsample_ratio: 16
model:
  model_type: LightningDiT-XL/1
  use_qknorm: false
  use_swiglu: true
  use_rope: true
  use_rmsnorm: true
  wo_shift: false
  in_chans: 32
train:
  max_steps: 80000
  global_batch_size: 1024
  global_seed: 0
  output_dir: 'output'
  exp_name: 'lightningdit_xl_vavae_f16d32'
  ckpt: null
  log_every: 100
  ckpt_every: 20000
optimizer:
  lr: 0.0002
  beta2: 0.95
transport:
  path_type: Linear
  prediction: velocity
  loss_weight: null
  sample_eps: null
  train_eps: null
  use_cosine_loss: true
  use_lognorm: true
sample:
  mode: ODE
  sampling_method: euler
  atol: 0.000001
  rtol: 0.001
  reverse: false
  likelihood: false
  num_sampling_steps: 250
  cfg_scale: 10.0
  per_proc_batch_size: 4
  fid_num: 50000
  cfg_interval_start: 0.10
  timestep_shift: 0.3
`;

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "polymath-config-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));
const read = async (text: string) => {
  const file = join(dir, "run.yaml");
  await writeFile(file, text);
  return readConfig(file);
};

suite("the official configuration", () => {
  test("is taken as it is, and means the published model and run", async () => {
    const config = await read(published);
    expect(countDitParameters(ditConfigOf(config))).toBe(675_256_736);
    expect(recipeOf(config)).toEqual({
      steps: 80000,
      batch: 1024,
      lr: 2e-4,
      beta1: 0.9,
      beta2: 0.95,
      ema: 0.9999,
      timesteps: "lognormal",
      direction: true,
      labelDropout: 0.1,
    });
    const guidance = { scale: 10, from: 0.1, channels: 3 };
    expect(samplingOf(config)).toEqual({ method: "euler", points: 250, shift: 0.3, atol: 1e-6, rtol: 1e-3, guidance });
  });
  test("without a key takes the official code's default, not ours", async () => {
    const config = await read(
      published.replace(/ {2}(latent_norm|latent_multiplier|use_swiglu|use_rope|in_chans|use_lognorm).*\n/g, ""),
    );
    expect(config.data).toMatchObject({ latent_norm: false, latent_multiplier: 0.18215 });
    expect(ditConfigOf(config)).toMatchObject({ swiglu: false, rope: false, channels: 4 });
    expect(recipeOf(config).timesteps).toBe("uniform");
  });
  test("may say that all channels are guided, and when times become uniform", async () => {
    const config = await read(
      published
        .replace("cfg_scale: 10.0", "cfg_scale: 4\n  cfg_channels: all")
        .replace("use_lognorm: true", "use_lognorm: true\n  uniform_from: 600000"),
    );
    expect(samplingOf(config).guidance).toEqual({ scale: 4, from: 0.1, channels: "all" });
    expect(recipeOf(config).uniformFrom).toBe(600_000);
  });
  test("with a scale of 1 has no guidance", async () => {
    expect(samplingOf(await read(published.replace("10.0", "1.0"))).guidance).toBeUndefined();
  });
});

suite("what is refused", () => {
  test.each([
    ["an unknown key", "use_swiglu", "use_swigl", "use_swigl"],
    ["another path", "Linear", "VP", 'transport.path_type: expected "Linear", got "VP" (text)'],
    ["an SDE", "mode: ODE", "mode: SDE", "sample.mode"],
    ["an unknown size", "XL/1", "XXL/1", "model.model_type: expected LightningDiT-SIZE/PATCH"],
    [
      "a number as text",
      "max_steps: 80000",
      "max_steps: many",
      'train.max_steps: expected a whole number above 0, got "many" (text)',
    ],
  ])("%s", async (_, from, to, message) => {
    await expect(read(published.replace(from, to))).rejects.toThrow(message);
  });
  test("YAML that is none, with its line", async () => {
    await expect(read("data:\n  a: [1\nb: 2")).rejects.toThrow(/run\.yaml line \d/);
  });
  test("a picture that the tokenizer's ratio does not divide", async () => {
    const config = await read(published.replace("image_size: 256", "image_size: 250"));
    expect(() => ditConfigOf(config)).toThrow("data.image_size 250 is no multiple of vae.downsample_ratio 16");
  });
});
