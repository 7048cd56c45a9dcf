/** The few Python names that a file of tensors needs, each with a stand-in that makes data and nothing else. */
import { DataError } from "../../core/errors.ts";
import type { PickleGlobal, PickleValue } from "../../core/pickle/index.ts";
import { bytesPerElement, type SafeDType } from "../safetensors/dtypes.ts";
import { SafeTensor } from "../safetensors/safe-tensor.ts";
import type { TorchArchive } from "./archive.ts";

/** Element types by the class of their storage. */
const storages: Readonly<Record<string, SafeDType>> = {
  "torch.FloatStorage": "F32",
  "torch.DoubleStorage": "F64",
  "torch.HalfStorage": "F16",
  "torch.BFloat16Storage": "BF16",
  "torch.LongStorage": "I64",
  "torch.IntStorage": "I32",
  "torch.ShortStorage": "I16",
  "torch.CharStorage": "I8",
  "torch.ByteStorage": "U8",
  "torch.BoolStorage": "BOOL",
};
const dtypeNames = ["float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"];

/** A run of elements that tensors are views of. */
export class Storage {
  readonly dtype: SafeDType;
  readonly key: string;

  constructor(dtype: SafeDType, key: string) {
    this.dtype = dtype;
    this.key = key;
  }
}

/** ("storage", class, key, device, element count): what `persistent_id` of torch.save leaves in place of a storage. */
export function storageOf(id: PickleValue, file: string): Storage {
  const [kind, className, key] = Array.isArray(id) ? id : [];
  const dtype = storages[className as string];
  if (kind !== "storage" || dtype === undefined || typeof key !== "string")
    throw new DataError(`${file}: no storage is known by ${JSON.stringify(id)}`);
  return new Storage(dtype, key);
}

/** @param file for messages */
export function torchGlobals(archive: TorchArchive, file: string): ReadonlyMap<string, PickleGlobal> {
  const rebuild = (args: readonly PickleValue[]) => {
    const [storage, offset, shape, stride] = args;
    if (
      !(storage instanceof Storage) ||
      !isCount(offset) ||
      !isCounts(shape) ||
      !isCounts(stride) ||
      shape.length !== stride.length
    )
      throw new DataError(`${file}: a tensor is described by something that is no storage, offset, shape and stride`);
    return viewOf(archive, storage, { offset, shape, stride }, file);
  };
  const globals = new Map<string, PickleGlobal>([
    ["collections.OrderedDict", { call: orderedDict, build: () => {} }], // its state is `_metadata`: versions of modules
    ["torch._utils._rebuild_tensor_v2", { call: rebuild }],
    ["torch._utils._rebuild_parameter", { call: ([tensor]) => tensor }],
    ["torch.Size", { call: ([sizes]) => sizes }],
    ["torch.device", { call: (parts) => parts.join(":") }],
    ["_codecs.encode", { call: ([text]) => Uint8Array.from(Buffer.from(String(text), "latin1")) }], // bytes in protocol 2
  ]);
  for (const name of Object.keys(storages)) globals.set(name, {});
  for (const name of dtypeNames) globals.set(`torch.${name}`, { value: name });
  return globals;
}

function orderedDict([pairs = []]: readonly PickleValue[]): Map<unknown, unknown> {
  return new Map(pairs as [unknown, unknown][]);
}

interface View {
  /** All in elements. */
  offset: number;
  shape: number[];
  stride: number[];
}

/** A tensor whose bytes are read when asked for: at once where they lie in order, else gathered. */
function viewOf(
  archive: TorchArchive,
  { dtype, key }: Storage,
  { offset, shape, stride }: View,
  file: string,
): SafeTensor {
  const width = bytesPerElement(dtype);
  const size = shape.reduce((product, dim) => product * dim, 1);
  const span = size === 0 ? 0 : shape.reduce((sum, dim, axis) => sum + (dim - 1) * stride[axis]!, 1);
  const available = archive.storageSize(key);
  if ((offset + span) * width > available)
    throw new DataError(
      `${file}: storage ${key} has ${available} bytes, a tensor [${shape.join(", ")}] wants ${(offset + span) * width}`,
      { hint: "The file is damaged; fetch it again." },
    );
  // A stride of 0 repeats elements: a few bytes on disk could ask for any amount of memory.
  if (size > Math.max(span, 1) * 1024)
    throw new DataError(`${file}: a tensor [${shape.join(", ")}] repeats ${span} elements more than a thousand times`);
  return new SafeTensor(dtype, shape, async () => {
    const bytes = await archive.read(key, offset * width, span * width);
    return isContiguous(shape, stride) ? bytes : gather(bytes, width, shape, stride);
  });
}

function isContiguous(shape: readonly number[], stride: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && stride[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

function gather(
  bytes: Uint8Array,
  width: number,
  shape: readonly number[],
  stride: readonly number[],
): Uint8Array<ArrayBuffer> {
  const size = shape.reduce((product, dim) => product * dim, 1);
  const out = new Uint8Array(size * width);
  const index = new Array<number>(shape.length).fill(0);
  for (let element = 0; element < size; element++) {
    const at = index.reduce((sum, place, axis) => sum + place * stride[axis]!, 0) * width;
    out.set(bytes.subarray(at, at + width), element * width);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) index[axis] = 0;
  }
  return out;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isCount);
}
