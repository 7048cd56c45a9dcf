/** Files of the official names and shapes, at reduced depth: written as torch.save does, read back, refused. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { normal } from "../../../compute/init.ts";
import { float32ToBfloat16, readSafetensors } from "../../../compute/safetensors/index.ts";
import type { Tensor } from "../../../compute/tensor.ts";
import { RawPickle, SavedTensor, torchSave } from "../../../compute/torch/torch-save.fixtures.ts";
import { mapTree, namedLeaves } from "../../../compute/tree.ts";
import { Random } from "../../../core/random.ts";
import { DitConfig, ditShapes, ditTableValues, initDit } from "../../../diffusion/index.ts";
import { loadDit, saveDit } from "./dit-file.ts";
import { inferDitConfig } from "./infer-config.ts";

// XL/1 with two blocks instead of 28, narrowed from 1152 to 64 with its 4-part heads.
const config = DitConfig.parse({ depth: 2, width: 64, heads: 4, grid: 4, channels: 32, classes: 10 });

/** A state dict in the order and with the tables of the official code. */
function stateDict(seed: number, { half = false } = {}): Map<string, SavedTensor> {
  const state = new Map<string, SavedTensor>();
  const add = (name: string, values: Float32Array<ArrayBuffer>, shape: readonly number[]) =>
    state.set(
      name,
      half ? new SavedTensor("BFloat16", float32ToBfloat16(values), shape) : new SavedTensor("Float", values, shape),
    );
  for (const [name, { shape, values }] of ditTableValues(config)) add(name, values, shape);
  for (const [name, shape] of ditShapes(config))
    add(name, normal(1)(new Random(`${seed}/${name}`), shape).host as Float32Array<ArrayBuffer>, shape);
  return state;
}
const firstOf = async (params: unknown, name: string) =>
  ((await namedLeaves<Tensor>(params).get(name)!.data()) as Float32Array)[0];
const drawnFirst = (seed: number, name: string) =>
  (normal(1)(new Random(`${seed}/${name}`), ditShapes(config).get(name)!).host as Float32Array)[0];

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "polymath-dit-file-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

suite("official checkpoints", () => {
  test("give their averaged weights and, from shapes alone, their configuration", async () => {
    const file = join(dir, "official.pt");
    const opt = {
      state: { 0: { step: 1, exp_avg: stateDict(3).get("x_embedder.proj.bias") } },
      param_groups: [{ lr: 0.0002, params: [0] }],
    };
    await torchSave(file, { model: stateDict(1), ema: stateDict(2), opt, config: { train: { max_steps: 80000 } } });
    const { config: found, params } = await loadDit(file);
    expect(found).toEqual(config);
    const name = "blocks.1.mlp.w12.weight";
    expect(await firstOf(params, name)).toBe(drawnFirst(2, name));
    expect(await firstOf((await loadDit(file, { weights: "model" })).params, name)).toBe(drawnFirst(1, name));
  });
  test("may be in bfloat16, whose rounding the fixed tables survive", async () => {
    const file = join(dir, "half.pt");
    await torchSave(file, stateDict(2, { half: true }));
    expect(await firstOf((await loadDit(file)).params, "x_embedder.proj.bias")).toBeCloseTo(
      drawnFirst(2, "x_embedder.proj.bias")!,
      1,
    );
  });
  test("that lack tensors are refused, with the list of what is missing", async () => {
    const file = join(dir, "lacking.pt");
    const state = stateDict(1);
    for (const name of ["blocks.0.attn.proj.bias", "final_layer.linear.weight"]) state.delete(name);
    await torchSave(file, { ema: state });
    await expect(loadDit(file)).rejects.toThrow(
      "lacking.pt: does not fit a LightningDiT of 2 blocks of width 64: 2 of 36 tensors are missing: blocks.0.attn.proj.bias, final_layer.linear.weight",
    );
  });
  test("of another size than the configuration says: both are named", async () => {
    const file = join(dir, "other.pt");
    await torchSave(file, { ema: stateDict(1) });
    const wider = { ...config, channels: 16 };
    await expect(loadDit(file, { config: wider })).rejects.toThrow(
      "x_embedder.proj.weight is [64, 32, 1, 1], not [64, 16, 1, 1]",
    );
  });
  test("whose position table is of another grid are refused", async () => {
    const file = join(dir, "grid.pt");
    const state = stateDict(1);
    state.set("pos_embed", new SavedTensor("Float", new Float32Array(16 * 64), [1, 16, 64]));
    await torchSave(file, state);
    await expect(loadDit(file)).rejects.toThrow("pos_embed [1, 16, 64] is not the table of a grid of 4");
  });
  test("that are programs are refused by the name they ask for", async () => {
    const file = join(dir, "evil.pt");
    await torchSave(file, { ema: new RawPickle("cbuiltins\nexec\nX\x01\x00\x00\x00x\x85R") });
    await expect(loadDit(file)).rejects.toThrow("GLOBAL asks for builtins.exec");
  });
  test("of something else say what they are not", async () => {
    const file = join(dir, "vae.pt");
    await torchSave(file, {
      state_dict: new Map([["encoder.conv_in.bias", new SavedTensor("Float", new Float32Array(4), [4])]]),
    });
    await expect(loadDit(file)).rejects.toThrow(/no LightningDiT|no state dict/);
  });
});

suite("our files", () => {
  test("come back as they were, configuration and words included, and hold the official names", async () => {
    const file = join(dir, "ours.safetensors");
    const odd = DitConfig.parse({ ...config, swiglu: false, rope: false, rmsNorm: false, qkNorm: true, shift: false });
    const params = mapTree(initDit(odd, 5), (leaf: Tensor, name) =>
      normal(1)(new Random(name), leaf.shape),
    ) as ReturnType<typeof initDit>;
    await saveDit(file, { params, config: odd, metadata: { latents: "abc" } });
    const loaded = await loadDit(file);
    expect([loaded.config, loaded.metadata.latents]).toEqual([odd, "abc"]);
    for (const [name, leaf] of namedLeaves<Tensor>(params))
      expect(await firstOf(loaded.params, name), name).toBe((leaf.host as Float32Array)[0]);
    const { tensors, close } = await readSafetensors(file);
    expect(tensors.get("pos_embed")!.shape).toEqual([1, 16, 64]);
    await close();
  });
});

test("without a table of rotations, heads are those of the published size, or asked for", () => {
  const shapes = (size: object) => {
    const made = DitConfig.parse({ ...config, ...size, rope: false });
    return new Map([...ditShapes(made), ["pos_embed", [1, 16, made.width]]] as [string, number[]][]);
  };
  expect(inferDitConfig(shapes({ depth: 12, width: 768, heads: 12 }), "x").heads).toBe(12);
  expect(() => inferDitConfig(shapes({}), "x")).toThrow("nothing in it tells how many heads");
});
