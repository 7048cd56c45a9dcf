import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { Tensor } from "../../../compute/tensor.ts";
import type { StepReport } from "../../../compute/train.ts";
import { Random } from "../../../core/random.ts";
import { autoencoderConfig, initAutoencoder } from "../../../diffusion/autoencoder/index.ts";
import { initConvEncoder } from "../../../vision/index.ts";
import { openNet } from "../features/net.ts";
import { smallTokenizer } from "../presets.ts";
import { TokenizerSettings } from "../schemas.ts";
import { marks } from "../world.ts";
import { scheduledTerms, stageAt, totalSteps } from "./stages.ts";
import { loadTokenizer, openTokenizer, saveTokenizer } from "./tokenizer.ts";
import { trainTokenizer } from "./train.ts";
import { createTrainingWatch } from "./watch.ts";

const autoencoder = autoencoderConfig({
  z_channels: 2,
  embed_dim: 2,
  resolution: 16,
  ch: 4,
  ch_mult: [1, 1],
  num_res_blocks: 1,
  attn_resolutions: [],
  groups: 2,
  patch: 2,
  mid_attn: false,
}); // 4x4 latents
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "polymath-tokenizer-"));
});
afterAll(() => rm(dir, { recursive: true }));

const settings = (more: object = {}): TokenizerSettings =>
  TokenizerSettings.parse({
    autoencoder,
    stages: [
      { steps: 3, vfWeight: 0.5, cosMargin: 0, distmatMargin: 0 },
      { steps: 2, vfWeight: 0.1, adversaryWeight: 0.5, adversaryFrom: 1, perceptualWeight: 1 },
    ],
    batch: 4,
    discriminator: { layers: 1, width: 4 },
    seed: 1,
    ...more,
  });

suite("stages", () => {
  const inputs = { features: async () => Tensor.from([1]), frozen: "net" };

  test("follow one another, the last one to the end", () => {
    expect(totalSteps(settings())).toBe(5);
    const at = (step: number) => {
      const { stage, within } = stageAt(settings(), step);
      return [stage.vfWeight, within];
    };
    expect([0, 2, 3, 4].map(at)).toEqual([[0.5, 0], [0.5, 2], [0.1, 0], [0.1, 1]]); // biome-ignore format: a table
  });

  test("terms of weight 0 are left out of the batch, and the adversary until it begins", async () => {
    const keys = async (step: number) => Object.keys(await scheduledTerms(settings(), step, inputs)).sort();
    expect(await keys(0)).toEqual(["klWeight", "vf"]);
    expect(await keys(3)).toEqual(["klWeight", "perceptual", "vf"]);
    expect(await keys(4)).toEqual(["adversary", "klWeight", "perceptual", "vf"]);
  });

  test("numbers of the stage reach the batch", async () => {
    const { vf, klWeight } = await scheduledTerms(settings(), 0, inputs);
    expect([await vf!.weight.item(), await vf!.cosMargin.item(), await vf!.mdms.item()]).toEqual([0.5, 0, 1]);
    expect(await klWeight.item()).toBeCloseTo(1e-6, 12);
  });

  test("the published margins and weights are the defaults", () => {
    const [stage] = TokenizerSettings.parse({ autoencoder, stages: [{ steps: 1 }], batch: 1, seed: 0 }).stages;
    expect(stage).toMatchObject({ cosMargin: 0.5, distmatMargin: 0.25, klWeight: 1e-6 });
  });
});

suite("trainTokenizer", () => {
  const encoder = { widths: [4, 4], dim: 3, groups: 2 };
  const net = openNet(
    {
      kind: "polymath-feature-net",
      name: "tiny",
      task: "dense",
      encoder,
      side: 16,
      classNames: [],
      seed: 0,
      sha256: "",
      probeAccuracy: 0,
    },
    { encoder: initConvEncoder(new Random(1), encoder) },
  );
  const sets = {
    train: marks("train", { seed: 0, count: 12, side: 16 }),
    validation: marks("validation", { seed: 0, count: 10, side: 16 }),
  };
  const context = (name: string) => ({
    log: { info() {}, warn() {} } as any,
    progress: () => ({ update() {}, stop() {} }),
    signal: new AbortController().signal,
    dir: join(dir, `${name}-run`),
    out: join(dir, name),
    evaluateEvery: 4,
  });
  afterAll(() => net.dispose());

  test("through all stages, with every term: a tokenizer, pictures, and the numbers of each term", async () => {
    const all = settings();
    all.stages[1]!.adversaryFrom = 0; // a program less to prepare
    const seen: Record<string, number[]> = {};
    const tokenizer = await trainTokenizer(
      "all",
      all,
      { ...sets, features: net, perceptual: net },
      {
        ...context("all"),
        metric: (name, step) => {
          seen[name] = [...(seen[name] ?? []), step];
        },
      },
    );
    expect(Object.keys(seen)).toEqual(
      expect.arrayContaining([
        "l1",
        "kl",
        "perceptual",
        "mcos",
        "mdms",
        "vfWeight",
        "adversaryWeight",
        "discriminator",
        "psnr",
      ]),
    );
    expect(await readdir(join(dir, "all-run/samples"))).toEqual(["step-00000004.png", "step-00000005.png"]);
    const card = JSON.parse(await readFile(join(dir, "all/card.json"), "utf8"));
    expect(card).toMatchObject({ name: "all", alignedTo: "tiny", sha256: tokenizer!.hash });
    tokenizer!.dispose();

    // Trained again from a folder in which it was done: the same bytes.
    const again = await trainTokenizer(
      "all",
      all,
      { ...sets, features: net, perceptual: net },
      { ...context("all"), out: join(dir, "again") },
    );
    expect(again!.hash).toBe(tokenizer!.hash);
    again!.dispose();
  }, 300_000); // two programs to prepare: seconds, or minutes where many share the processors

  test("says what is missing before it begins", async () => {
    await expect(trainTokenizer("x", settings(), sets, context("x"))).rejects.toThrow(
      "vfWeight is above 0, but there is no feature net to align to",
    );
    await expect(trainTokenizer("x", settings(), { ...sets, features: net }, context("x"))).rejects.toThrow(
      "no net for the perceptual distance",
    );
    const uneven = settings({ autoencoder: { ...autoencoder, groups: 3 } });
    await expect(
      trainTokenizer("x", uneven, { ...sets, features: net, perceptual: net }, context("x")),
    ).rejects.toThrow("3 groups do not divide the width 4");
    const larger = { ...sets, train: marks("train", { seed: 0, count: 4 }) };
    await expect(trainTokenizer("x", settings(), larger, context("x"))).rejects.toThrow(
      "pictures of 32 pixels, the autoencoder takes 16",
    );
  });
});

suite("tokenizer", () => {
  const params = initAutoencoder(new Random("saved"), autoencoder);
  const card = { kind: "polymath-tokenizer" as const, name: "saved", autoencoder };
  const images = Float32Array.from({ length: 70 * 768 }, (_, i) => Math.sin(i));

  test("is saved and opened: the same latents and pictures, any number at a time", async () => {
    const folder = join(dir, "saved");
    const { sha256 } = await saveTokenizer(folder, card, params);
    const [fresh, opened] = [openTokenizer({ ...card, sha256 }, params), await loadTokenizer(folder)];
    expect([opened.hash, opened.latentDim, opened.latentSide]).toEqual([sha256, 2, 4]);
    const { mean, logvar } = await opened.encode(images);
    expect([mean.length, logvar.length]).toEqual([70 * 32, 70 * 32]);
    expect(mean).toEqual((await fresh.encode(images)).mean);
    const decoded = await opened.decode(mean.subarray(0, 65 * 32));
    expect(decoded.length).toBe(65 * 768);
    const alone = await opened.decode(mean.subarray(64 * 32, 65 * 32));
    expect(alone).toBeAllclose(decoded.subarray(64 * 768), { atol: 1e-5 });
    await expect(opened.decode(mean.subarray(1))).rejects.toThrow("no whole count of rows of 32");
    fresh.dispose();
    opened.dispose();
  });

  test("refuses weights that are not those of its card", async () => {
    const folder = join(dir, "mixed");
    await saveTokenizer(folder, card, params);
    await saveTokenizer(join(dir, "other"), card, initAutoencoder(new Random("other"), autoencoder));
    await writeFile(join(folder, "model.safetensors"), await readFile(join(dir, "other/model.safetensors")));
    await expect(loadTokenizer(folder)).rejects.toThrow("is not the file that card.json describes");
  });
});

suite("createTrainingWatch", () => {
  const report = (step: number, metrics: Record<string, number>, skipped?: true) =>
    ({ step, metrics, lr: 1, skipped }) as StepReport;

  test("warns once of a weight that stays huge, and of a discriminator that has won", () => {
    const warnings: [string, any][] = [];
    const watch = createTrainingWatch({
      warn: (type: string, fields: any) => void warnings.push([type, fields]),
    } as any);
    for (let step = 1; step <= 99; step++) watch.see(report(step, { vfWeight: 2e6 }));
    watch.see(report(100, { vfWeight: 5 }));
    expect(warnings).toEqual([]);
    for (let step = 101; step <= 300; step++) watch.see(report(step, { vfWeight: 2e6 }));
    expect(warnings.map(([type, { step }]) => [type, step])).toEqual([["tokenizer-weight", 200]]);
    for (let step = 1; step <= 600; step++) watch.see(report(step, { discriminator: 0.001 }));
    expect(warnings.at(-1)).toMatchObject(["tokenizer-discriminator", { step: 500 }]);
    watch.see(report(601, {}, true));
    expect(warnings.at(-1)![0]).toBe("tokenizer-skip");
  });

  test("the presets are complete settings", () => {
    expect(smallTokenizer({ d: 16, seed: 0, steps: 10, vfWeight: 0.3 }).stages[0]).toMatchObject({
      vfWeight: 0.3,
      cosMargin: 0.25,
    });
  });
});
