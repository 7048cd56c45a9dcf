import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { float32ToBfloat16, float32ToFloat16 } from "../safetensors/index.ts";
import type { SafeTensor } from "../safetensors/safe-tensor.ts";
import { readTorchFile, stateDictOf } from "./index.ts";
import { RawPickle, SavedTensor, torchSave } from "./torch-save.fixtures.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "polymath-torch-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

let count = 0;
/** Saves a value and reads it back. */
async function roundTrip(value: unknown, options = {}): Promise<any> {
  const file = join(dir, `${count++}.pt`);
  await torchSave(file, value, options);
  return readTorchFile(file);
}
const elements = async (tensor: SafeTensor) => Array.from((await tensor.data()) as Float32Array, Number);

suite("tensors", () => {
  const values = Float32Array.of(1, -2, 0.5, 3, 4, 5);
  test("of every element type", async () => {
    const saved = {
      f32: new SavedTensor("Float", values, [2, 3]),
      f16: new SavedTensor("Half", float32ToFloat16(values), [6]),
      bf16: new SavedTensor("BFloat16", float32ToBfloat16(values), [3, 2]),
      f64: new SavedTensor("Double", Float64Array.of(1e300), []),
      i64: new SavedTensor("Long", BigInt64Array.of(-5n, 2n ** 40n), [2]),
      u8: new SavedTensor("Byte", Uint8Array.of(255), [1]),
      bool: new SavedTensor("Bool", Uint8Array.of(1, 0), [2]),
    };
    const { value, close } = await roundTrip(saved);
    const read = (name: string): SafeTensor => value.get(name);
    expect([read("f32").dtype, read("f32").shape, await elements(read("f32"))]).toEqual(["F32", [2, 3], [...values]]);
    expect([read("f16").dtype, [...(await read("f16").toFloat32())]]).toEqual(["F16", [...values]]);
    expect([read("bf16").dtype, [...(await read("bf16").toFloat32())]]).toEqual(["BF16", [...values]]);
    expect([read("f64").shape, await elements(read("f64"))]).toEqual([[], [1e300]]);
    expect(await elements(read("i64"))).toEqual([-5, 2 ** 40]);
    expect([read("u8").dtype, read("bool").dtype]).toEqual(["U8", "BOOL"]);
    await close();
  });
  test("views of one storage: parts, transposes, steps and repeats", async () => {
    const view = (shape: number[], stride: number[], offset = 0) =>
      new SavedTensor("Float", values, shape, { stride, offset });
    const { value, close } = await roundTrip([
      view([2], [1], 3),
      view([3, 2], [1, 3]),
      view([2], [4], 1),
      view([3, 2], [0, 1], 4),
      view([0, 3], [3, 1]),
    ]);
    const [part, transposed, stepped, repeated, empty] = await Promise.all(value.map(elements));
    expect(part).toEqual([3, 4]);
    expect(transposed).toEqual([1, 3, -2, 4, 0.5, 5]);
    expect(stepped).toEqual([-2, 5]);
    expect(repeated).toEqual([4, 5, 4, 5, 4, 5]);
    expect(empty).toEqual([]);
    await close();
  });
  test("in a file that was compressed afterwards", async () => {
    const { value, close } = await roundTrip(
      { w: new SavedTensor("Float", values, [2], { offset: 2 }) },
      { compress: true },
    );
    expect(await elements(value.get("w"))).toEqual([0.5, 3]);
    await close();
  });
});

suite("state dicts", () => {
  const weight = new SavedTensor("Float", Float32Array.of(1), [1]);
  const average = new SavedTensor("Float", Float32Array.of(2), [1]);
  test("are found under the first key that the file has, among optimizer state and settings", async () => {
    const file = await roundTrip({
      model: new Map([["a.weight", weight]]),
      ema: new Map([["a.weight", average]]),
      opt: { state: { 0: { step: 3, exp_avg: weight } }, param_groups: [{ lr: 2e-4, betas: [0.9, 0.95] }] },
      config: { train: { max_steps: 80000, ckpt: null, resume: true } },
    });
    const tensors = stateDictOf(file, ["ema", "model"], "x.pt");
    expect([...tensors.keys()]).toEqual(["a.weight"]);
    expect(await elements(tensors.get("a.weight")!)).toEqual([2]);
    expect(file.value.get("config")).toEqual(
      new Map([
        [
          "train",
          new Map<string, unknown>([
            ["max_steps", 80000],
            ["ckpt", null],
            ["resume", true],
          ]),
        ],
      ]),
    );
    await file.close();
  });
  test("may be the whole file", async () => {
    const file = await roundTrip(new Map([["a.weight", weight]]));
    expect([...stateDictOf(file, ["state_dict"], "x.pt").keys()]).toEqual(["a.weight"]);
    await file.close();
  });
  test("a file without one says what it has", async () => {
    const file = await roundTrip({ epoch: 3, notes: "none" });
    expect(() => stateDictOf(file, ["ema"], "x.pt")).toThrow("x.pt: holds no state dict; its keys are epoch, notes");
    await file.close();
  });
});

suite("refusals", () => {
  test("a pickle that calls anything is refused by the name it asked for", async () => {
    const evil = new RawPickle("cposix\nsystem\nX\x0f\x00\x00\x00touch /tmp/pwned\x85R");
    await expect(roundTrip({ weight: evil })).rejects.toThrow(/data\.pkl: GLOBAL asks for posix\.system/);
    const numpy = new RawPickle("cnumpy.core.multiarray\nscalar\n)R");
    await expect(roundTrip({ loss: numpy })).rejects.toMatchObject({
      code: "DATA",
      hint: expect.stringContaining("state_dict"),
    });
  });
  test("a tensor that reaches beyond its storage", async () => {
    const short = new SavedTensor("Float", Float32Array.of(1, 2), [3]);
    await expect(roundTrip({ short })).rejects.toThrow("storage 0 has 8 bytes, a tensor [3] wants 12");
    const vast = new SavedTensor("Float", Float32Array.of(1), [100_000, 100_000], { stride: [0, 0] });
    await expect(roundTrip({ vast })).rejects.toThrow("repeats 1 elements more than a thousand times");
  });
  test("files of another kind, each by its name", async () => {
    const file = join(dir, "other.pt");
    await writeFile(file, Buffer.from("\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.", "latin1"));
    await expect(readTorchFile(file)).rejects.toThrow("a pickle of PyTorch before 1.6");
    await writeFile(file, "hello");
    await expect(readTorchFile(file)).rejects.toThrow(`${file}: not a zip file`);
    await expect(readTorchFile(join(dir, "absent.pt"))).rejects.toThrow("absent.pt: no such file");
    await expect(roundTrip({}, { byteorder: "big" })).rejects.toThrow("byteorder: expected little, got big");
  });
  test("a file cut short", async () => {
    const file = join(dir, "cut.pt");
    await torchSave(file, { w: new SavedTensor("Float", new Float32Array(1000), [1000]) });
    await truncate(file, (await readFile(file)).length - 500);
    await expect(readTorchFile(file)).rejects.toThrow("cut.pt: not a zip file");
  });
});
