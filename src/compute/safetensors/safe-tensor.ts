/**
 * One named block of a safetensors file: dtype, shape and bytes that are read when asked for.
 */
import { DataError, ShapeError } from "../../core/errors.ts";
import { bytesPerElement, dtypeOfView, type SafeData, type SafeDType, viewAs } from "./dtypes.ts";
import { bfloat16ToFloat32, float16ToFloat32 } from "./half.ts";

export type ReadBytes = () => Promise<Uint8Array<ArrayBuffer>>;

export class SafeTensor {
  readonly dtype: SafeDType;
  readonly shape: readonly number[];
  readonly #read: ReadBytes;

  /** @param read called at each `bytes()`, so nothing is kept in memory by the tensor itself */
  constructor(dtype: SafeDType, shape: readonly number[], read: ReadBytes) {
    this.dtype = dtype;
    this.shape = shape;
    this.#read = read;
  }

  /**
   * Wraps numbers in memory, row-major and uncopied.
   * @param dtype needed where the array does not tell: BOOL (Uint8Array), F16 and BF16 bits (Uint16Array)
   * @throws ShapeError when the element count does not fit `shape`; DataError when the array cannot hold `dtype`
   */
  static from(data: SafeData, shape: readonly number[], dtype: SafeDType = dtypeOfView(data)): SafeTensor {
    const count = shape.reduce((product, dim) => product * dim, 1);
    if (data.length !== count) throw new ShapeError(`SafeTensor.from: ${data.length} values do not fill [${shape}]`);
    if (data.BYTES_PER_ELEMENT !== bytesPerElement(dtype)) {
      throw new DataError(`SafeTensor.from: ${data.constructor.name} does not hold ${dtype}`, {
        hint: `Pass elements of ${bytesPerElement(dtype)} bytes.`,
      });
    }
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return new SafeTensor(dtype, [...shape], async () => bytes);
  }

  /** Element count. */
  get size(): number {
    return this.shape.reduce((product, dim) => product * dim, 1);
  }

  get byteLength(): number {
    return this.size * bytesPerElement(this.dtype);
  }

  /** Little-endian, row-major; the caller must not write into them. */
  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#read();
  }

  /** The elements as stored; F16 and BF16 as raw bits. */
  async data(): Promise<SafeData> {
    return viewAs(this.dtype, await this.#read());
  }

  /** The elements as float32: F16 and BF16 exactly, F64 and wide integers rounded. */
  async toFloat32(): Promise<Float32Array<ArrayBuffer>> {
    const data = await this.data();
    if (data instanceof Float32Array) return data;
    if (this.dtype === "BF16") return bfloat16ToFloat32(data as Uint16Array);
    if (this.dtype === "F16") return float16ToFloat32(data as Uint16Array);
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float32Array.from(data, Number);
    return Float32Array.from(data);
  }
}
