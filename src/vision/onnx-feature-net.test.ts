/** A net given as an ONNX file against the same net run by our own executor. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type numpy as np, numpy } from "@jax-js/jax";
import { afterAll, expect, suite, test } from "vitest";
import { compile } from "../compute/compile.ts";
import { exportOnnx } from "../compute/export-onnx.ts";
import { Tensor } from "../compute/tensor.ts";
import { Random } from "../core/random.ts";
import { type ConvEncoderParams, featureGrid, initConvEncoder } from "./encoder/conv-encoder.ts";
import { openOnnxNet } from "./onnx-feature-net.ts";
import { resizeGrid } from "./resize-grid.ts";

const dir = await mkdtemp(join(tmpdir(), "polymath-onnx-net-"));
afterAll(() => rm(dir, { recursive: true }));

const config = { widths: [4, 8], dim: 5, groups: 2 };
const params = initConvEncoder(new Random("net"), config);
const side = 8;
const grid = (inside: ConvEncoderParams, images: np.Array) => featureGrid(inside, images, config); // [batch, 5, 2, 2]
const images = (count: number, at = side) => {
  const rng = new Random("pictures");
  return Float32Array.from({ length: count * 3 * at * at }, () => 2 * rng.next() - 1);
};

async function writeNet(
  name: string,
  fn: (inside: ConvEncoderParams, images: np.Array) => np.Array,
  batch = 2,
): Promise<string> {
  const { bytes } = await exportOnnx(fn, [
    params,
    Tensor.from(new Float32Array(batch * 3 * side * side), [batch, 3, side, side]),
  ]);
  const file = join(dir, name);
  await writeFile(file, bytes);
  return file;
}
const ours = async (values: Float32Array<ArrayBuffer>) => {
  const result = await compile((inside: ConvEncoderParams, x: np.Array) => ({ grid: grid(inside, x) }))(
    params,
    Tensor.from(values, [values.length / (3 * side * side), 3, side, side]),
  );
  return result.grid.data();
};

suite("openOnnxNet", () => {
  test("a grid, with a last batch that is not full", async () => {
    const net = await openOnnxNet(await writeNet("grid.onnx", grid));
    expect([net.name, net.dim, net.gridSide]).toEqual(["grid.onnx", 5, 2]);
    const features = await net.run(images(3), side);
    expect(features.grid).toBeAllclose(await ours(images(3)), { atol: 1e-5 });
    const first = features.grid.subarray(0, 4).reduce((sum, value) => sum + value, 0) / 4;
    expect(features.pooled[0]).toBeCloseTo(first, 6);
    net.dispose();
  });

  test("tokens lose their class token and become the same grid", async () => {
    const withToken = (inside: ConvEncoderParams, x: np.Array) => {
      const cells = grid(inside, x).reshape([2, 5, 4]).transpose([0, 2, 1]);
      return numpy.concatenate([cells.ref.sum(1, { keepdims: true }).mul(1000), cells], 1);
    };
    const net = await openOnnxNet(await writeNet("tokens.onnx", withToken), { name: "vit" });
    expect([net.name, net.dim, net.gridSide]).toEqual(["vit", 5, 2]);
    expect((await net.run(images(2), side)).grid).toBeAllclose(await ours(images(2)), { atol: 1e-5 });
    net.dispose();
  });

  test("other sizes are resized, other ranges converted", async () => {
    const file = await writeNet("resized.onnx", grid);
    const net = await openOnnxNet(file);
    const large = images(2, 16);
    expect((await net.run(large, 16)).grid).toBeAllclose(await ours(resizeGrid(large, 16, 8)), { atol: 1e-5 });
    net.dispose();
    const unit = await openOnnxNet(file, { range: "unit" });
    const halved = images(2).map((value) => (value + 1) / 2);
    expect((await unit.run(images(2), side)).grid).toBeAllclose(await ours(halved), { atol: 1e-5 });
    unit.dispose();
  });

  test("a file that is none is named", async () => {
    const file = join(dir, "no.onnx");
    await writeFile(file, "no net");
    await expect(openOnnxNet(file)).rejects.toThrow(`${file}: ONNX Runtime cannot open it`);
  });
});

test("resizeGrid: pixel centres aligned, as PyTorch's bilinear with align_corners off", () => {
  expect(resizeGrid(Float32Array.of(0, 1, 2, 3), 2, 4)).toBeAllclose([
    0, 0.25, 0.75, 1, 0.5, 0.75, 1.25, 1.5, 1.5, 1.75, 2.25, 2.5, 2, 2.25, 2.75, 3,
  ]);
  expect(resizeGrid(Float32Array.of(1, 3, 5, 7, 1, 3, 5, 7), 2, 1)).toBeAllclose([4, 4]);
});
