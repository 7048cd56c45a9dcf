/**
 * Writes what torch.save writes: a zip file of stored entries whose data.pkl is of protocol 2. For tests, so that they
 * need no Python and no downloaded file.
 */
import { writeFile } from "node:fs/promises";
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js/index-native.js";

export type StorageKind =
  | "Float"
  | "Double"
  | "Half"
  | "BFloat16"
  | "Long"
  | "Int"
  | "Short"
  | "Char"
  | "Byte"
  | "Bool";

/** A tensor as torch sees it: a view of a storage. */
export class SavedTensor {
  readonly kind: StorageKind;
  readonly storage: Uint8Array;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  readonly offset: number;

  /** @param storage elements; tensors with the same one share it in the file */
  constructor(
    kind: StorageKind,
    storage: { buffer: ArrayBufferLike; byteOffset: number; byteLength: number },
    shape: readonly number[],
    { stride, offset = 0 }: { stride?: readonly number[]; offset?: number } = {},
  ) {
    this.kind = kind;
    this.storage =
      storages.get(storage) ?? new Uint8Array(storage.buffer as ArrayBuffer, storage.byteOffset, storage.byteLength);
    storages.set(storage, this.storage);
    this.shape = shape;
    this.stride = stride ?? shape.map((_, axis) => shape.slice(axis + 1).reduce((product, dim) => product * dim, 1));
    this.offset = offset;
  }
}
const storages = new WeakMap<object, Uint8Array>();

/** Bytes of a pickle put in place of a value, to make files that must be refused. */
export class RawPickle {
  readonly code: string;
  constructor(code: string) {
    this.code = code;
  }
}

/** @param value plain objects are dicts, Maps OrderedDicts */
export async function torchSave(
  file: string,
  value: unknown,
  { compress = false, byteorder = "little" } = {},
): Promise<void> {
  const keys = new Map<Uint8Array, string>();
  const pickle = Buffer.concat([Buffer.from([0x80, 2]), encode(value, keys), Buffer.from(".")]);
  const zip = new ZipWriter(new Uint8ArrayWriter(), { level: compress ? 6 : 0, useWebWorkers: false });
  const add = (name: string, bytes: Uint8Array) => zip.add(`archive/${name}`, new Uint8ArrayReader(bytes));
  await add("data.pkl", pickle);
  await add("byteorder", Buffer.from(byteorder));
  for (const [storage, key] of keys) await add(`data/${key}`, storage);
  await add("version", Buffer.from("3\n"));
  await writeFile(file, await zip.close());
}

function encode(value: unknown, keys: Map<Uint8Array, string>): Buffer {
  const inner = (item: unknown) => encode(item, keys);
  const text = (code: string) => Buffer.from(code, "latin1");
  const items = (entries: Iterable<[unknown, unknown]>) =>
    Buffer.concat([text("("), ...[...entries].flatMap(([key, item]) => [inner(key), inner(item)]), text("u")]);
  if (value === null) return text("N");
  if (value instanceof RawPickle) return text(value.code);
  if (typeof value === "boolean") return text(value ? "\x88" : "\x89");
  if (typeof value === "string") {
    const utf8 = Buffer.from(value);
    const head = Buffer.alloc(5, "X");
    head.writeUInt32LE(utf8.length, 1);
    return Buffer.concat([head, utf8]);
  }
  if (typeof value === "number" && Number.isInteger(value)) {
    const head = Buffer.alloc(5, "J");
    head.writeInt32LE(value, 1);
    return head;
  }
  if (typeof value === "number") {
    const head = Buffer.alloc(9, "G");
    head.writeDoubleBE(value, 1);
    return head;
  }
  if (Array.isArray(value)) return Buffer.concat([text("]("), ...value.map(inner), text("e")]);
  if (value instanceof Map) return Buffer.concat([text("ccollections\nOrderedDict\n)R"), items(value)]);
  if (value instanceof SavedTensor) {
    const { kind, storage, shape, stride, offset } = value;
    const key = keys.get(storage) ?? String(keys.size);
    keys.set(storage, key);
    const tuple = (sizes: readonly number[]) => Buffer.concat([text("("), ...sizes.map(inner), text("t")]);
    return Buffer.concat([
      text("ctorch._utils\n_rebuild_tensor_v2\n(("),
      ...[inner("storage"), text(`ctorch\n${kind}Storage\n`), inner(key), inner("cpu"), inner(1)],
      text("tQ"), // the id's element count is not read: the zip file knows the bytes
      ...[inner(offset), tuple(shape), tuple(stride)],
      text("\x89ccollections\nOrderedDict\n)RtR"), // requires_grad, hooks
    ]);
  }
  return Buffer.concat([text("}"), items(Object.entries(value as object))]);
}
