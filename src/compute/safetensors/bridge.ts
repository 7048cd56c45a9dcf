/**
 * Between files and programs: a SafeTensor's elements as a Tensor and back.
 */
import { DataError } from "../../core/errors.ts";
import { Tensor, type TensorData } from "../tensor.ts";
import type { SafeDType } from "./dtypes.ts";
import { float32ToBfloat16, float32ToFloat16 } from "./half.ts";
import { readSafetensors } from "./read.ts";
import { SafeTensor } from "./safe-tensor.ts";

/**
 * Reads the elements into a Tensor of the nearest kind that programs have: F16 and BF16 become float32 (exactly),
 * the narrow integers and I64 int32, U64 uint32, the others their namesake.
 * @param name for messages
 * @throws DataError for a 64-bit integer that 32 bits cannot hold
 */
export async function toTensor(tensor: SafeTensor, name = "tensor"): Promise<Tensor> {
  const { dtype, shape } = tensor;
  switch (dtype) {
    case "F32":
    case "F16":
    case "BF16":
      return Tensor.from(await tensor.toFloat32(), shape, "float32");
    case "F64":
    case "U32":
      return Tensor.from((await tensor.data()) as Float64Array<ArrayBuffer> | Uint32Array<ArrayBuffer>, shape);
    case "BOOL":
      return Tensor.from(
        Uint8Array.from(await tensor.bytes(), (byte) => (byte ? 1 : 0)),
        shape,
        "bool",
      );
    case "U64":
      return Tensor.from(narrow((await tensor.data()) as BigUint64Array, Uint32Array, name), shape);
    case "I64":
      return Tensor.from(narrow((await tensor.data()) as BigInt64Array, Int32Array, name), shape);
    default:
      return Tensor.from(Int32Array.from((await tensor.data()) as Int32Array), shape);
  }
}

/**
 * Wraps a Tensor's elements for writing. Reads them from the device if need be.
 * @param dtype what to store; float32 may be rounded to F16 or BF16 and int32 widened to I64; by default the namesake
 * @throws DataError for another pair
 */
export async function fromTensor(tensor: Tensor, dtype?: SafeDType): Promise<SafeTensor> {
  const data = await tensor.data();
  const target = dtype ?? NAMESAKES[tensor.dtype];
  const { shape } = tensor;
  if (target === NAMESAKES[tensor.dtype]) return SafeTensor.from(stored(data), shape, target);
  if (data instanceof Float32Array && target === "BF16") return SafeTensor.from(float32ToBfloat16(data), shape, "BF16");
  if (data instanceof Float32Array && target === "F16") return SafeTensor.from(float32ToFloat16(data), shape, "F16");
  if (data instanceof Int32Array && target === "I64") return SafeTensor.from(BigInt64Array.from(data, BigInt), shape);
  throw new DataError(`Cannot store a ${tensor.dtype} tensor as ${target}`, {
    hint: `Store it as ${NAMESAKES[tensor.dtype]}.`,
  });
}

/**
 * Reads every tensor of a checkpoint into memory.
 * @param path as for `readSafetensors`: a file, an index or a Hugging Face folder
 */
export async function loadTensors(path: string): Promise<Map<string, Tensor>> {
  const checkpoint = await readSafetensors(path);
  try {
    const loaded = new Map<string, Tensor>();
    for (const [name, tensor] of checkpoint.tensors) loaded.set(name, await toTensor(tensor, name));
    return loaded;
  } finally {
    await checkpoint.close();
  }
}

const NAMESAKES = {
  float32: "F32",
  float16: "F16",
  float64: "F64",
  int32: "I32",
  uint32: "U32",
  bool: "BOOL",
} as const satisfies Record<Tensor["dtype"], SafeDType>;

/** float16 elements as the raw bits that files hold. */
function stored(data: TensorData) {
  if (typeof Float16Array !== "undefined" && data instanceof Float16Array) {
    return new Uint16Array(data.buffer, data.byteOffset, data.length);
  }
  return data as Exclude<TensorData, Float16Array>;
}

function narrow<T extends Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>(
  wide: BigInt64Array | BigUint64Array,
  Narrow: new (length: number) => T,
  name: string,
): T {
  const values = new Narrow(wide.length);
  for (let i = 0; i < wide.length; i++) {
    values[i] = Number(wide[i]);
    if (BigInt(values[i]!) !== wide[i]) {
      throw new DataError(`${name}: element ${i} is ${wide[i]}, which 32 bits cannot hold`, {
        hint: "Programs compute with 32-bit integers; read it with `data()`, which keeps 64 bits.",
      });
    }
  }
  return values;
}
