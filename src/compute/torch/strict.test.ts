import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { SafeTensor, writeSafetensors } from "../safetensors/index.ts";
import { openStateDict, takeStrictly } from "./index.ts";
import { SavedTensor, torchSave } from "./torch-save.fixtures.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "polymath-strict-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

suite("openStateDict", () => {
  const saved = (value: number) => new SavedTensor("Float", Float32Array.of(value), [1]);
  const elements = async (path: string, options = {}) => {
    const { tensors, close } = await openStateDict(path, options);
    const found: Record<string, number> = {};
    for (const [name, tensor] of tensors) found[name] = (await tensor.toFloat32())[0]!;
    await close();
    return found;
  };
  test("opens safetensors and torch files alike, and takes wrappers off the names", async () => {
    const [safe, torch] = [join(dir, "a.safetensors"), join(dir, "a.ckpt")];
    await writeSafetensors(safe, new Map([["w", SafeTensor.from(Float32Array.of(1), [1])]]));
    await torchSave(torch, { state_dict: { "module._orig_mod.w": saved(2) }, model: { w: saved(3) } });
    expect(await elements(safe)).toEqual({ w: 1 });
    expect(await elements(torch)).toEqual({ w: 2 });
    expect(await elements(torch, { keys: ["ema", "model"] })).toEqual({ w: 3 });
  });
});

suite("takeStrictly", () => {
  const tensor = (...shape: number[]) => SafeTensor.from(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);
  const tensors = new Map([
    ["a", tensor(2)],
    ["b", tensor(2, 3)],
    ["loss.scale", tensor(1)],
  ]);
  const options = { file: "x.pt", model: "the model" };
  test("takes what is wanted and leaves what may be ignored", () => {
    const wanted = new Map([
      ["b", [2, 3]],
      ["a", [2]],
    ]);
    const taken = takeStrictly(tensors, wanted, { ...options, ignore: (name) => name.startsWith("loss.") });
    expect([...taken.keys()]).toEqual(["b", "a"]);
  });
  test("lists all that is wrong at once", () => {
    const wanted = new Map([
      ["a", [3]],
      ["c", [1]],
      ["d", [1]],
    ]);
    expect(() => takeStrictly(tensors, wanted, options)).toThrow(
      "x.pt: does not fit the model: 2 of 3 tensors are missing: c, d; 1 have another shape: a is [2], not [3]; 2 belong to another model: b, loss.scale",
    );
  });
  test("keeps long lists short", () => {
    const wanted = new Map(Array.from({ length: 40 }, (_, i) => [`blocks.${i}.w`, [1]] as const));
    expect(() => takeStrictly(new Map(), wanted, options)).toThrow("blocks.11.w and 28 more");
  });
});
