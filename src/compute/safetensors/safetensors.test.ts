import { mkdtemp, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { Tensor } from "../tensor.ts";
import { bytesPerElement, SAFE_DTYPES } from "./dtypes.ts";
import {
  fromTensor,
  loadTensors,
  readSafetensors,
  SafeTensor,
  toTensor,
  writeCheckpoint,
  writeSafetensors,
} from "./index.ts";

const reference = join(import.meta.dirname, "fixtures", "reference.safetensors");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "safetensors-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Elements as plain numbers, with 64-bit integers as text. */
async function values(tensor: SafeTensor) {
  return Array.from<number | bigint, number | string>(await tensor.data(), (value) =>
    typeof value === "bigint" ? String(value) : value,
  );
}

suite("a file of the reference library", () => {
  test("reads with every dtype", async () => {
    const { tensors, metadata, close } = await readSafetensors(reference);
    expect(metadata).toEqual({ format: "pt" });
    const read = (name: string) => values(tensors.get(name)!);
    expect(tensors.get("layer.10.weight")).toMatchObject({ dtype: "F32", shape: [2, 3], size: 6, byteLength: 24 });
    expect(await read("layer.10.weight")).toEqual([-0.5, -0.25, 0, 0.25, 0.5, 0.75]);
    expect(await read("2")).toEqual([-2, -1, 0, 1, 2, 3].map((number) => String(BigInt(number) * 2n ** 40n)));
    expect(await read("u64")).toEqual(["0", "1", "2", "3", "4", "5"]);
    expect(await read("u32")).toEqual([-2, -1, 0, 1, 2, 3].map((number) => number + 2 ** 31));
    for (const name of ["i32", "i16", "i8"]) expect(await read(name)).toEqual([-2, -1, 0, 1, 2, 3]);
    for (const name of ["u16", "u8"]) expect(await read(name)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await read("bool")).toEqual([0, 0, 0, 1, 1, 1]);
    expect(await read("f64")).toEqual([-2, -1, 0, 1, 2, 3].map((number) => number / 3));
    expect([...(await tensors.get("bf16")!.toFloat32())]).toEqual([-0.5, -0.25, 0, 0.25, 0.5, 0.75]);
    expect((await tensors.get("f16")!.toFloat32())[3]).toBe(0.333251953125); // 1365 / 4096, the nearest to 1/3
    expect(tensors.get("scalar")!.shape).toEqual([]);
    expect(await read("scalar")).toEqual([7]);
    expect(tensors.get("empty")).toMatchObject({ shape: [0, 4], byteLength: 0 });
    await close();
  });

  test("read and written again keeps every byte, in whatever order the tensors come", async () => {
    const { tensors, metadata, close } = await readSafetensors(reference);
    await writeSafetensors(join(folder, "copy"), new Map([...tensors].reverse()), { metadata });
    await close();
    expect(await readFile(join(folder, "copy"))).toEqual(await readFile(reference));
  });
});

suite("writeSafetensors", () => {
  test("any tensors come back as they were, and twice the same bytes", async () => {
    const tensor = fc
      .tuple(fc.constantFrom(...SAFE_DTYPES), fc.array(fc.nat(4), { maxLength: 3 }), fc.infiniteStream(fc.nat(255)))
      .map(([dtype, shape, random]) => {
        const bytes = new Uint8Array(shape.reduce((product, dim) => product * dim, bytesPerElement(dtype)));
        for (let i = 0; i < bytes.length; i++) bytes[i] = random.next().value!;
        return new SafeTensor(dtype, shape, async () => bytes);
      });
    const name = fc.string({ unit: "binary" }).filter((text) => text !== "__metadata__");
    const metadata = fc.dictionary(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), {
      noNullPrototype: true,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(name, tensor), { selector: ([key]) => key, maxLength: 6 }),
        metadata,
        async (list, strings) => {
          const file = join(folder, "any.safetensors");
          await writeSafetensors(file, new Map(list), { metadata: strings });
          const first = await readFile(file);
          const back = await readSafetensors(file);
          expect(back.metadata).toEqual(strings);
          expect([...back.tensors.keys()].sort()).toEqual(list.map(([key]) => key).sort());
          for (const [key, { dtype, shape, bytes }] of list) {
            expect(back.tensors.get(key)).toMatchObject({ dtype, shape });
            expect(await back.tensors.get(key)!.bytes()).toEqual(
              await bytes.call(list.find(([other]) => other === key)![1]),
            );
          }
          // In place: the lazy tensors still read from the file that is being replaced.
          await writeSafetensors(file, back.tensors, { metadata: back.metadata });
          await back.close();
          expect(await readFile(file)).toEqual(first);
        },
      ),
      { numRuns: 30 },
    );
  });

  test("refuses bytes that do not fill the shape, and leaves no file behind", async () => {
    const short = new SafeTensor("F32", [3], async () => new Uint8Array(8));
    const write = writeSafetensors(join(folder, "short", "x.safetensors"), new Map([["w", short]]));
    await expect(write).rejects.toThrow('tensor "w": F32 [3] needs 12 bytes, got 8');
    expect(await readdir(join(folder, "short"))).toEqual([]);
  });

  test("refuses names the format cannot hold", async () => {
    const tensor = SafeTensor.from(Float32Array.of(1), [1]);
    for (const name of ["__metadata__", "half \ud83d"]) {
      const write = writeSafetensors(join(folder, "bad-name"), new Map([[name, tensor]]));
      await expect(write).rejects.toThrow("the safetensors format cannot hold this name");
    }
  });
});

suite("lazy reading", () => {
  test("opens 500 MB at once and holds only the tensors asked for", async () => {
    const file = join(folder, "large.safetensors");
    const megabytes = 500;
    const entries = Array.from({ length: megabytes }, (_, i) => {
      const offsets = `[${i * 2 ** 20},${(i + 1) * 2 ** 20}]`;
      return `"w${i}":{"dtype":"F32","shape":[512,512],"data_offsets":${offsets}}`;
    });
    const header = Buffer.from(`{${entries.join(",")}}`);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    const handle = await open(file, "w");
    await handle.write(Buffer.concat([length, header]));
    await handle.truncate(8 + header.length + megabytes * 2 ** 20); // sparse: takes no room on the disk
    await handle.write(Buffer.from(Float32Array.of(42).buffer), 0, 4, 8 + header.length + 321 * 2 ** 20);
    await handle.close();

    const bytesBefore = process.memoryUsage().arrayBuffers;
    const started = performance.now();
    const { tensors, close } = await readSafetensors(file);
    const elapsedMs = performance.now() - started;
    const weights = await tensors.get("w321")!.toFloat32();
    const bytesHeld = process.memoryUsage().arrayBuffers - bytesBefore;
    await close();
    expect([weights[0], weights[1], weights.length]).toEqual([42, 0, 512 * 512]);
    expect(elapsedMs).toBeLessThan(250);
    expect(bytesHeld).toBeLessThan(8 * 2 ** 20);
  });

  test("names the file that is missing or no model", async () => {
    await expect(readSafetensors(join(folder, "none.safetensors"))).rejects.toThrow("none.safetensors: no such file");
    await expect(readSafetensors(import.meta.dirname)).rejects.toThrow("expected model.safetensors or");
  });
});

suite("sharded checkpoints", () => {
  const weights = new Map(["b", "a", "c"].map((name, i) => [name, SafeTensor.from(Float32Array.of(i, i), [2])]));
  const shards = (name: string) => join(folder, name);
  const indexOf = (name: string) => join(shards(name), "model.safetensors.index.json");

  test("split by size, in name order, and read back as one", async () => {
    await writeCheckpoint(shards("split"), weights, { maxShardBytes: 16, metadata: { format: "pt" } });
    expect((await readdir(shards("split"))).sort()).toEqual([
      "model-00001-of-00002.safetensors",
      "model-00002-of-00002.safetensors",
      "model.safetensors.index.json",
    ]);
    expect(JSON.parse(await readFile(indexOf("split"), "utf8"))).toEqual({
      metadata: { total_size: 24 },
      weight_map: {
        a: "model-00001-of-00002.safetensors",
        b: "model-00001-of-00002.safetensors",
        c: "model-00002-of-00002.safetensors",
      },
    });
    for (const path of [shards("split"), indexOf("split")]) {
      const { tensors, metadata, close } = await readSafetensors(path);
      expect([...tensors.keys()]).toEqual(["a", "b", "c"]);
      expect([metadata, await values(tensors.get("c")!)]).toEqual([{ format: "pt" }, [2, 2]]);
      await close();
    }
  });

  test("a smaller checkpoint removes what an earlier one left", async () => {
    await writeCheckpoint(shards("shrink"), weights, { maxShardBytes: 8 });
    await writeFile(join(shards("shrink"), "config.json"), "{}");
    await writeCheckpoint(shards("shrink"), weights);
    expect((await readdir(shards("shrink"))).sort()).toEqual(["config.json", "model.safetensors"]);
  });

  test.for([
    ["a missing shard", { a: "gone.safetensors" }, "gone.safetensors: no such file"],
    [
      "a tensor that is in no shard",
      { a: "model-00001-of-00002.safetensors", d: "model-00001-of-00002.safetensors" },
      'tensor "d" is not in model-00001',
    ],
    [
      "a tensor the index does not list",
      { a: "model-00001-of-00002.safetensors" },
      'holds tensor "b", which model.safetensors.index.json does not list',
    ],
    [
      "a tensor listed elsewhere",
      {
        a: "model-00001-of-00002.safetensors",
        b: "model-00002-of-00002.safetensors",
        c: "model-00002-of-00002.safetensors",
      },
      'tensor "b", but is listed in model-00002',
    ],
    [
      "a path out of the folder",
      { a: "../secret.safetensors" },
      '"a": expected a .safetensors file name without a folder, got "../secret',
    ],
    ["no map at all", undefined, "weight_map: expected an object"],
  ] as const)("names %s", async ([, weightMap, message]) => {
    await writeCheckpoint(shards("faulty"), weights, { maxShardBytes: 16 });
    const complete = message.includes("is not in")
      ? { ...weightMap, b: "model-00001-of-00002.safetensors" }
      : weightMap;
    await writeFile(indexOf("faulty"), JSON.stringify({ weight_map: complete }));
    await expect(readSafetensors(indexOf("faulty"))).rejects.toThrow(message);
  });

  test("names a key that appears twice", async () => {
    await writeCheckpoint(shards("twice"), weights, { maxShardBytes: 16 });
    await writeFile(indexOf("twice"), '{"weight_map": {"a": "x.safetensors", "\\u0061": "y.safetensors"}}');
    await expect(readSafetensors(indexOf("twice"))).rejects.toThrow('key "a" appears twice');
  });
});

suite("Tensors", () => {
  test("take the nearest kind that programs have", async () => {
    const { tensors, close } = await readSafetensors(reference);
    const kinds = new Map<string, string>();
    for (const [name, tensor] of tensors) {
      if (name !== "2") kinds.set(tensor.dtype, (await toTensor(tensor)).dtype); // "2" holds wide integers
    }
    expect(Array.from(await (await toTensor(tensors.get("10")!)).data())).toEqual([-2, -1, 0, 1, 2, 3]);
    await close();
    const int32 = ["I64", "I32", "I16", "U16", "I8", "U8"].map((dtype) => [dtype, "int32"] as const);
    const float32 = ["F32", "F16", "BF16"].map((dtype) => [dtype, "float32"] as const);
    const others = { F64: "float64", U64: "uint32", U32: "uint32", BOOL: "bool" };
    expect(Object.fromEntries(kinds)).toEqual({ ...Object.fromEntries([...int32, ...float32]), ...others });
  });

  test("keep value and shape through a file", async () => {
    const tensors = {
      float32: Tensor.from([1.5, -2, Number.NaN, 0], [2, 2]),
      float64: Tensor.from(Float64Array.of(1 / 3), [1]),
      int32: Tensor.from(Int32Array.of(-1, 2 ** 31 - 1), [2]),
      uint32: Tensor.from(Uint32Array.of(2 ** 32 - 1), [1]),
      bool: Tensor.from(Uint8Array.of(0, 1), [2], "bool"),
    };
    const file = join(folder, "tensors.safetensors");
    const stored = new Map<string, SafeTensor>();
    for (const [name, tensor] of Object.entries(tensors)) stored.set(name, await fromTensor(tensor));
    await writeSafetensors(file, stored);
    const loaded = await loadTensors(file);
    for (const [name, tensor] of Object.entries(tensors)) {
      expect(loaded.get(name)).toMatchObject({ dtype: name, shape: tensor.shape });
      expect(await loaded.get(name)!.data()).toEqual(await tensor.data());
    }
  });

  test("are rounded or widened when asked", async () => {
    const numbers = Tensor.from([1, 1.0001, 70000], [3]);
    expect([...(await (await fromTensor(numbers, "BF16")).toFloat32())]).toEqual([1, 1, 70144]);
    expect([...(await (await fromTensor(numbers, "F16")).toFloat32())]).toEqual([1, 1, Infinity]);
    expect(await values(await fromTensor(Tensor.from(Int32Array.of(-7), [1]), "I64"))).toEqual(["-7"]);
    await expect(fromTensor(numbers, "I8")).rejects.toThrow("Cannot store a float32 tensor as I8");
  });

  test("a wide integer that does not fit is named", async () => {
    const wide = SafeTensor.from(BigInt64Array.of(1n, 2n ** 31n), [2]);
    await expect(toTensor(wide, "ids")).rejects.toThrow("ids: element 1 is 2147483648, which 32 bits cannot hold");
  });
});
