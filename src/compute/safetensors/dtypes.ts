/**
 * Element types of the safetensors format. Bytes are little-endian, as on every platform Node is built for
 * except s390x, so a typed array over the bytes is the tensor.
 * Source: https://github.com/huggingface/safetensors, README section "Format" and `Dtype` in tensor.rs.
 */

/** Lowest first, in the reference's order of alignment: its writer stores the highest first. */
export const SAFE_DTYPES = [
  "BOOL",
  "U8",
  "I8",
  "I16",
  "U16",
  "F16",
  "BF16",
  "I32",
  "U32",
  "F32",
  "F64",
  "I64",
  "U64",
] as const;

export type SafeDType = (typeof SAFE_DTYPES)[number];

/** F16 and BF16 are raw bits in a Uint16Array; BOOL is one byte per element (0 or 1). */
export type SafeData =
  | Uint8Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>;

const VIEWS = {
  BOOL: Uint8Array,
  U8: Uint8Array,
  I8: Int8Array,
  I16: Int16Array,
  U16: Uint16Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I32: Int32Array,
  U32: Uint32Array,
  F32: Float32Array,
  F64: Float64Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
} as const;

export function isSafeDType(value: unknown): value is SafeDType {
  return SAFE_DTYPES.includes(value as SafeDType);
}

/** Bytes of one element. */
export function bytesPerElement(dtype: SafeDType): number {
  return VIEWS[dtype].BYTES_PER_ELEMENT;
}

/** The bytes as numbers: a view where the offset is aligned, else a copy. */
export function viewAs(dtype: SafeDType, bytes: Uint8Array<ArrayBuffer>): SafeData {
  const View = VIEWS[dtype];
  const aligned = bytes.byteOffset % View.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
  return new View(aligned.buffer, aligned.byteOffset, aligned.byteLength / View.BYTES_PER_ELEMENT);
}

/** The dtype whose elements a typed array holds; a Uint16Array counts as U16, a Uint8Array as U8. */
export function dtypeOfView(data: SafeData): SafeDType {
  if (data instanceof Uint8Array) return "U8";
  if (data instanceof Int8Array) return "I8";
  if (data instanceof Int16Array) return "I16";
  if (data instanceof Uint16Array) return "U16";
  if (data instanceof Int32Array) return "I32";
  if (data instanceof Uint32Array) return "U32";
  if (data instanceof Float32Array) return "F32";
  if (data instanceof Float64Array) return "F64";
  return data instanceof BigInt64Array ? "I64" : "U64";
}
