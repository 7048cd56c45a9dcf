/** Damaged and hostile headers: each fault is named, and 10,000 mutations of a good file never do worse. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, suite, test } from "vitest";
import { PolymathError } from "../../core/errors.ts";
import { Random } from "../../core/random.ts";
import { parseHeader, readHeaderLength } from "./header.ts";
import { readSafetensors } from "./read.ts";

const encode = (text: string) => new TextEncoder().encode(text);
/** Parses a header in front of 16 bytes of data. */
const parse = (text: string) => parseHeader(encode(text), 16, "m.safetensors");
const entry = (fields: string) => `{"w":{${fields}}}`;

suite("parseHeader", () => {
  test("reads names, shapes and places in the order of their bytes", () => {
    const header = parse(
      '{"b":{"dtype":"F16","shape":[2,3],"data_offsets":[4,16]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"__metadata__":{"k":"v"}}   ',
    );
    expect(header.metadata).toEqual({ k: "v" });
    expect(header.entries).toEqual([
      { name: "a", dtype: "F32", shape: [], begin: 0, end: 4 },
      { name: "b", dtype: "F16", shape: [2, 3], begin: 4, end: 16 },
    ]);
  });

  const good = '"dtype":"F32","shape":[4],"data_offsets":[0,16]';
  const two = (first: string, second: string) =>
    `{"a":{"dtype":"U8","shape":[8],"data_offsets":${first}},"b":{"dtype":"U8","shape":[8],"data_offsets":${second}}}`;
  const faults: [text: string, message: string][] = [
    ["", 'header: expected it to begin with "{", got byte none'],
    ["[]", 'header: expected it to begin with "{", got byte 91'],
    ["{", "header: invalid JSON"],
    [`{"w":{${good}},"w":{${good}}}`, 'header: key "w" appears twice'],
    [`{"w":{${good}},"\\u0077":{${good}}}`, 'header: key "w" appears twice'],
    [entry(`${good},"shape":[4]`), 'header: key "shape" appears twice'],
    ['{"__metadata__":[]}', "__metadata__: expected an object of strings"],
    ['{"__metadata__":{"k":1}}', "__metadata__.k: expected a string, got 1"],
    ['{"w":[1]}', 'tensor "w": expected an object with dtype, shape and data_offsets, got [1]'],
    ['{"w":null}', 'tensor "w": expected an object'],
    ['{"\\ud800":{}}', "expected a name of whole Unicode characters"],
    [entry('"shape":[4],"data_offsets":[0,16]'), 'tensor "w": dtype: expected one of BOOL'],
    [entry('"dtype":"F128","shape":[1],"data_offsets":[0,16]'), 'got "F128"'],
    [entry('"dtype":"F32","shape":[-4],"data_offsets":[0,16]'), 'tensor "w": shape: expected a list of whole numbers'],
    [entry('"dtype":"F32","shape":[1.5],"data_offsets":[0,16]'), 'tensor "w": shape'],
    [entry('"dtype":"F32","shape":"4","data_offsets":[0,16]'), 'tensor "w": shape'],
    [entry('"dtype":"F32","shape":[9007199254740992],"data_offsets":[0,16]'), 'tensor "w": shape'],
    [entry('"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,16]'), "expected less than 2^53 bytes"],
    [entry('"dtype":"F32","shape":[9007199254740991,9007199254740991,0],"data_offsets":[0,0]'), "less than 2^53 bytes"],
    [entry('"dtype":"F32","shape":[4],"data_offsets":[0]'), 'tensor "w": data_offsets: expected two whole numbers'],
    [entry('"dtype":"F32","shape":[4],"data_offsets":[-16,0]'), 'tensor "w": data_offsets'],
    [entry('"dtype":"F32","shape":[4],"data_offsets":[16,0]'), "expected 16 bytes, as F32 [4] needs, got [16,0]"],
    [entry('"dtype":"F32","shape":[4],"data_offsets":[0,12]'), "expected 16 bytes, as F32 [4] needs, got [0,12]"],
    [entry('"dtype":"F32","shape":[8],"data_offsets":[0,32]'), "ends past the data, which has 16 bytes"],
    [two("[0,8]", "[4,12]"), 'tensor "b": data_offsets: [4, 12] overlaps the tensor before it, which ends at 8'],
    [two("[0,8]", "[9,17]"), 'tensor "b": data_offsets: [9, 17] leaves a hole after byte 8'],
    [two("[1,9]", "[9,17]"), 'tensor "a": data_offsets: [1, 9] leaves a hole'],
    [entry('"dtype":"U8","shape":[15],"data_offsets":[0,15]'), "data: 1 bytes at the end belong to no tensor"],
    [`{"w":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, 'tensor "w": expected an object'],
  ];
  test.for(faults.map(([text, message]) => ({ text, message })))("$message", ({ text, message }) => {
    expect(() => parse(text)).toThrow(message);
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: "DATA", hint: expect.any(String) }));
    expect(() => parse(text)).toThrow(/^m\.safetensors: /);
  });

  test("rejects bytes that are not UTF-8", () => {
    expect(() => parseHeader(Uint8Array.of(0x7b, 0xff, 0x7d), 0, "m")).toThrow("m: header: invalid JSON: not UTF-8");
  });
});

suite("readHeaderLength", () => {
  test("knows the file's and the format's limits before anything is allocated", () => {
    const length = (value: bigint) => new Uint8Array(BigUint64Array.of(value).buffer);
    expect(readHeaderLength(length(2n), 10, "m")).toBe(2);
    expect(() => readHeaderLength(Uint8Array.of(1, 2), 2, "m")).toThrow("expected 8 bytes, the file has 2");
    expect(() => readHeaderLength(length(3n), 10, "m")).toThrow("3 bytes do not fit into a file of 10");
    expect(() => readHeaderLength(length(2n ** 64n - 1n), 10, "m")).toThrow("expected at most 100000000, got 1844");
  });
});

suite("fuzz", () => {
  const header = {
    __metadata__: { format: "pt" },
    embed: { dtype: "F32", shape: [3, 2], data_offsets: [0, 24] },
    "layers.0.weight": { dtype: "BF16", shape: [4], data_offsets: [24, 32] },
    ids: { dtype: "I64", shape: [2], data_offsets: [32, 48] },
    mask: { dtype: "BOOL", shape: [0, 7], data_offsets: [48, 48] },
  };
  const nasty = [-1, 0, 1, 2, 7, 1.5, 2 ** 31, 2 ** 53, 1e300, null, true, "", "F32", "U8", "x", [], [0, 0], [[]], {}];

  /** A file of header text and 48 bytes of data. */
  function file(text: string): Uint8Array {
    const bytes = encode(text);
    const result = new Uint8Array(8 + bytes.length + 48);
    new DataView(result.buffer).setBigUint64(0, BigInt(bytes.length), true);
    result.set(bytes, 8);
    return result;
  }

  /** Replaces, removes or adds something at a random place of the tree. */
  function mutateTree(tree: any, rng: Random): any {
    if (typeof tree !== "object" || tree === null || rng.bool(0.2)) return rng.choice(nasty);
    const copy = Array.isArray(tree) ? [...tree] : { ...tree };
    const keys = Object.keys(copy);
    const dice = rng.next();
    if (keys.length === 0 || dice < 0.1) {
      copy[rng.choice(["w", "__metadata__", "__proto__", "0"])] = rng.choice(nasty);
    } else if (dice < 0.2) {
      delete copy[rng.choice(keys)];
    } else {
      const key = rng.choice(keys);
      copy[key] = mutateTree(copy[key], rng);
    }
    return copy;
  }

  function mutate(rng: Random): Uint8Array {
    const text = JSON.stringify(header);
    const original = file(text);
    const place = () => rng.int(0, text.length);
    switch (rng.int(0, 4)) {
      case 0: {
        for (let flips = rng.int(1, 8); flips > 0; flips--) {
          original[rng.int(0, 7 + text.length)]! ^= 1 << rng.int(0, 7);
        }
        return original;
      }
      case 1:
        return original.slice(0, rng.int(0, original.length - 1));
      case 2: {
        let tree: any = header;
        for (let steps = rng.int(1, 4); steps > 0; steps--) tree = mutateTree(tree, rng);
        return file(JSON.stringify(tree));
      }
      case 3: {
        const [a, b] = [place(), place()].sort((x, y) => x - y) as [number, number];
        return file(rng.bool() ? text.slice(0, a) + text.slice(b) : text.slice(0, b) + text.slice(a));
      }
      default: {
        new DataView(original.buffer).setUint32(rng.int(0, 4), rng.uint32() >>> rng.int(0, 31), true);
        return original;
      }
    }
  }

  /** What the library reads of a file, without a disk: how many bytes each tensor has. */
  function sizes(bytes: Uint8Array, name: string): number[] {
    const headerBytes = readHeaderLength(bytes.slice(0, 8), bytes.length, name);
    const dataBytes = bytes.length - 8 - headerBytes;
    const { entries } = parseHeader(bytes.subarray(8, 8 + headerBytes), dataBytes, name);
    for (const { begin, end } of entries) if (begin < 0 || end > dataBytes) throw new Error("outside the file");
    return entries.map(({ begin, end }) => end - begin);
  }

  test("10,000 mutated files are read, or refused with the place of the fault", async () => {
    const folder = await mkdtemp(join(tmpdir(), "fuzz-"));
    const path = join(folder, "f.safetensors");
    const rng = new Random("safetensors headers");
    let readCount = 0;
    let slowestMs = 0;
    for (let i = 0; i < 10_000; i++) {
      const bytes = mutate(rng.split(i));
      const started = performance.now();
      const found = attempt(() => sizes(bytes, path));
      slowestMs = Math.max(slowestMs, performance.now() - started);
      if (Array.isArray(found)) readCount++;
      else expect(found).toMatch(/f\.safetensors: (header|tensor "|__metadata__|data)/);
      if (i % 20 === 0) expect(await sizesOnDisk(path, bytes)).toEqual(found);
    }
    await rm(folder, { recursive: true });
    expect(readCount).toBeGreaterThan(100); // some mutations do no harm, e.g. to a name
    expect(readCount).toBeLessThan(5000);
    expect(slowestMs).toBeLessThan(1000);
  });

  /** The result, or the message of an error that is meant for people; any other error fails the test. */
  function attempt<T>(read: () => T): T | string {
    try {
      return read();
    } catch (error) {
      if (error instanceof PolymathError && error.hint) return error.message;
      throw error;
    }
  }

  async function sizesOnDisk(path: string, bytes: Uint8Array): Promise<number[] | string> {
    await writeFile(path, bytes);
    const opened = await readSafetensors(path).catch((error) =>
      attempt<never>(() => {
        throw error;
      }),
    );
    if (typeof opened === "string") return opened;
    const read = await Promise.all(Array.from(opened.tensors.values(), (tensor) => tensor.bytes()));
    await opened.close();
    return read.map((tensorBytes) => tensorBytes.length);
  }
});
