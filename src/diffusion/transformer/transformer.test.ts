import { tree } from "@jax-js/jax";
import { expect, suite, test } from "vitest";
import { compile } from "../../compute/compile.ts";
import { normal } from "../../compute/init.ts";
import { onInterpreter, toFloat64 } from "../../compute/layers/float64.fixtures.ts";
import { Tensor } from "../../compute/tensor.ts";
import { countParameters, mapTree, namedLeaves } from "../../compute/tree.ts";
import { Random } from "../../core/random.ts";
import { DitConfig, ditSizes } from "./config.ts";
import { countDitParameters, ditShapes, ditTables, initDit } from "./parameters.ts";
import { ropeTables2d, sineCosineTable } from "./position-tables.ts";
import { referenceDit } from "./reference.fixtures.ts";
import { sinusoids } from "./timestep-embedding.ts";
import { dit } from "./transformer.ts";

const named = (size: keyof typeof ditSizes, patch: number) =>
  DitConfig.parse({ ...ditSizes[size], patch, grid: 16, channels: 32, classes: 1000 });

suite("parameters", () => {
  test("LightningDiT-XL/1 has 675,256,736, position table included; counted without making them", () => {
    expect(countDitParameters(named("XL", 1))).toBe(675_256_736);
  });

  test("B/1 has the official names and shapes", () => {
    const config = named("B", 1);
    const block = (index: number) => [
      [`blocks.${index}.norm1.weight`, [768]],
      [`blocks.${index}.attn.qkv.weight`, [2304, 768]],
      [`blocks.${index}.attn.qkv.bias`, [2304]],
      [`blocks.${index}.attn.proj.weight`, [768, 768]],
      [`blocks.${index}.attn.proj.bias`, [768]],
      [`blocks.${index}.norm2.weight`, [768]],
      [`blocks.${index}.mlp.w12.weight`, [4096, 768]],
      [`blocks.${index}.mlp.w12.bias`, [4096]],
      [`blocks.${index}.mlp.w3.weight`, [768, 2048]],
      [`blocks.${index}.mlp.w3.bias`, [768]],
      [`blocks.${index}.adaLN_modulation.1.weight`, [4608, 768]],
      [`blocks.${index}.adaLN_modulation.1.bias`, [4608]],
    ];
    const expected = [
      ["x_embedder.proj.weight", [768, 32, 1, 1]],
      ["x_embedder.proj.bias", [768]],
      ["t_embedder.mlp.0.weight", [768, 256]],
      ["t_embedder.mlp.0.bias", [768]],
      ["t_embedder.mlp.2.weight", [768, 768]],
      ["t_embedder.mlp.2.bias", [768]],
      ["y_embedder.embedding_table.weight", [1001, 768]],
      ...Array.from({ length: 12 }, (_, index) => block(index)).flat(),
      ["final_layer.norm_final.weight", [768]],
      ["final_layer.linear.weight", [32, 768]],
      ["final_layer.linear.bias", [32]],
      ["final_layer.adaLN_modulation.1.weight", [1536, 768]],
      ["final_layer.adaLN_modulation.1.bias", [1536]],
    ];
    expect(Object.fromEntries(ditShapes(config))).toEqual(Object.fromEntries(expected));
    expect(Object.fromEntries(ditTables(config))).toEqual({
      pos_embed: [1, 256, 768],
      "feat_rope.freqs_cos": [256, 64],
      "feat_rope.freqs_sin": [256, 64],
    });
  });

  test("what is made has the names, shapes and number that were announced", () => {
    const config = DitConfig.parse({
      depth: 2,
      width: 8,
      heads: 2,
      patch: 2,
      grid: 4,
      channels: 3,
      classes: 5,
      qkNorm: true,
      shift: false,
    });
    const params = initDit(config, 1);
    const shapes = new Map([...namedLeaves<Tensor>(params)].map(([name, { shape }]) => [name, shape]));
    expect(shapes).toEqual(ditShapes(config));
    expect(countDitParameters(config)).toBe(countParameters(params) + 4 * 8);
  });

  test("refuses sizes that do not fit, and says which", () => {
    const config = (change: object) =>
      DitConfig.parse({ depth: 1, width: 16, heads: 2, grid: 4, channels: 3, classes: 5, ...change });
    expect(() => initDit(config({ patch: 3 }), 0)).toThrow("patches of 3 do not divide a grid of 4");
    expect(() => initDit(config({ heads: 3 }), 0)).toThrow("3 heads do not divide the width 16");
    expect(() => initDit(config({ heads: 8 }), 0)).toThrow("2 numbers per head: rotary positions need a multiple of 4");
  });
});

suite("position tables", () => {
  test("columns come first, and sines before cosines", () => {
    const table = sineCosineTable(2, 8); // quarter 2: frequencies 1 and 1/100
    const token = (index: number) => Array.from(table.slice(index * 8, index * 8 + 8));
    const [sin, cos] = [Math.fround(Math.sin(1)), Math.fround(Math.cos(1))];
    const [sin100, cos100] = [Math.fround(Math.sin(0.01)), Math.fround(Math.cos(0.01))];
    expect(token(1)).toEqual([sin, sin100, cos, cos100, 0, 0, 1, 1]); // row 0, column 1
    expect(token(2)).toEqual([0, 0, 1, 1, sin, sin100, cos, cos100]); // row 1, column 0
  });
  test("rotations take rows first, and pairs share an angle", () => {
    const { cos, sin } = ropeTables2d(2, 8); // per axis 4 numbers: frequencies 1 and 1/100
    const token = 2 * 8; // row 1, column 0
    expect(Array.from(sin.slice(token, token + 8))).toEqual(
      [1, 1, 0.01, 0.01, 0, 0, 0, 0].map((angle) => Math.fround(Math.sin(angle))),
    );
    expect(Array.from(cos.slice(8, 16))).toEqual(
      [0, 0, 0, 0, 1, 1, 0.01, 0.01].map((angle) => Math.fround(Math.cos(angle))),
    );
  });
});

test("a time becomes cosines, then sines, of frequencies from 1 to 1/10000", async () => {
  const run = compile((t: any) => sinusoids(t));
  const numbers = await (await run(Tensor.from([0.5]))).data();
  run.dispose();
  expect(numbers).toHaveLength(256);
  expect(numbers[0]).toBeCloseTo(Math.cos(0.5), 6);
  expect(numbers[128]).toBeCloseTo(Math.sin(0.5), 6);
  expect(numbers[192]).toBeCloseTo(Math.sin(0.5 / 100), 6);
});

const small = { depth: 2, width: 16, heads: 2, grid: 4, channels: 3, classes: 4 };
const variants: [string, object][] = [
  ["as published", {}],
  ["with patches of 2", { patch: 2 }],
  ["with QK-norm, without shift", { qkNorm: true, shift: false }],
  ["the plain DiT: LayerNorm, GELU, no rotation", { rmsNorm: false, swiglu: false, rope: false }],
  ["LayerNorm on heads", { rmsNorm: false, qkNorm: true }],
];

/** Adaptive parts start at zero, where an error in them would not be seen: all parameters are drawn at random. */
function randomParams(config: DitConfig) {
  const rng = new Random("dit");
  return mapTree(initDit(config, 0), (leaf: Tensor, name) => {
    const values = normal(0.3)(rng.split(name), leaf.shape);
    if (!name.includes("norm") || name.endsWith("bias")) return values;
    return Tensor.from(
      Float32Array.from(values.host as Float32Array, (v) => 1 + v),
      leaf.shape,
    );
  });
}

suite("dit", () => {
  test.each(variants)("gives the numbers of a plain implementation: %s", async (_, change) => {
    const config = DitConfig.parse({ ...small, ...change });
    const params = randomParams(config);
    const [rng, batch] = [new Random(3), 2];
    const latents = normal(1)(rng, [batch, config.channels, 4, 4]);
    const [timesteps, labels] = [
      [0.2, 0.9],
      [3, 4],
    ];
    const run = compile((p: any, inputs: any) => dit(p, inputs, config));
    const inputs = { latents, timesteps: Tensor.from(timesteps), labels: Tensor.from(Int32Array.from(labels)) };
    const velocity = await (await run(params, inputs)).data();
    run.dispose();
    const leaves = namedLeaves<Tensor>(params);
    const size = config.channels * 16;
    for (let i = 0; i < batch; i++) {
      const one = Array.from((latents.host as Float32Array).slice(i * size, (i + 1) * size));
      const weights = (name: string) => ({
        shape: leaves.get(name)!.shape,
        values: leaves.get(name)!.host as Float32Array,
      });
      const expected = referenceDit(weights, one, timesteps[i]!, labels[i]!, config);
      for (const [at, value] of expected.entries())
        expect(velocity[i * size + at], `${i}, ${at}`).toBeCloseTo(value, 4);
    }
  });

  test("starts as the zero velocity", async () => {
    const config = DitConfig.parse(small);
    const run = compile((p: any, inputs: any) => dit(p, inputs, config));
    const inputs = {
      latents: normal(1)(new Random(1), [1, 3, 4, 4]),
      timesteps: Tensor.from([0.5]),
      labels: Tensor.from(Int32Array.of(0)),
    };
    expect(new Set(await (await run(initDit(config, 0), inputs)).data())).toEqual(new Set([0]));
    run.dispose();
  });

  test("borrows its parameters and consumes its inputs", () => {
    const config = DitConfig.parse({ ...small, qkNorm: true });
    onInterpreter(() => {
      const params = toFloat64(randomParams(config) as any);
      const inputs = toFloat64({
        latents: normal(1)(new Random(1), [1, 3, 4, 4]),
        timesteps: Tensor.from([0.5]),
        labels: Tensor.from(Int32Array.of(0)),
      } as any) as any;
      dit(params as any, inputs, config).dispose();
      for (const leaf of tree.leaves<any>(params as any)) expect(leaf.refCount).toBe(1);
      for (const leaf of tree.leaves<any>(inputs)) expect(leaf.refCount).toBe(0);
      tree.dispose(params as any);
    });
  });

  test("names the axes it wanted", async () => {
    const config = DitConfig.parse(small);
    const run = compile((p: any, inputs: any) => dit(p, inputs, config));
    const inputs = {
      latents: normal(1)(new Random(1), [1, 4, 4, 4]),
      timesteps: Tensor.from([0.5]),
      labels: Tensor.from(Int32Array.of(0)),
    };
    await expect(run(initDit(config, 0), inputs)).rejects.toThrow(
      "dit: latents: expected [batch, channels = 3, height = 4, width = 4], got [1, 4, 4, 4]",
    );
  });
});
