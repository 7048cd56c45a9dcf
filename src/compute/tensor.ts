/**
 * A value that lives outside programs: parameters, optimizer state, batches, results.
 * Where its bytes are is the executor's business; a program sees it as a jax-js array.
 *
 * Tensors are garbage-collected on the host. One whose bytes live on a device is released by `dispose()`;
 * disposing a host tensor is harmless, so code that owns tensors always disposes of them.
 */
import type { Array as JaxArray } from "@jax-js/jax";
import { ShapeError } from "../core/errors.ts";

export type DType = "float32" | "float16" | "float64" | "int32" | "uint32" | "bool";

/** bool is one byte per element (0 or 1). */
export type TensorData =
  | Float32Array<ArrayBuffer>
  | Float16Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;

/** What an executor keeps for a tensor whose bytes are not plain host memory. */
export interface DeviceValue {
  read(): Promise<TensorData>;
  dispose(): void;
}

/** A tree of tensors: the outside view of a tree of jax-js arrays. */
export type TensorTree = Tensor | TensorTree[] | { [key: string]: TensorTree };

/** The same tree type with every jax-js array replaced by a Tensor. */
export type Outside<T> = T extends JaxArray
  ? Tensor
  : T extends readonly unknown[]
    ? { [K in keyof T]: Outside<T[K]> }
    : T extends object
      ? { [K in keyof T]: Outside<T[K]> }
      : T;

export class Tensor {
  readonly shape: readonly number[];
  readonly dtype: DType;
  #host: TensorData | undefined;
  #device: DeviceValue | undefined;

  /** For executors; everybody else uses `Tensor.from`. */
  constructor(shape: readonly number[], dtype: DType, value: { host: TensorData } | { device: DeviceValue }) {
    this.shape = shape;
    this.dtype = dtype;
    if ("host" in value) this.#host = value.host;
    else this.#device = value.device;
  }

  /**
   * Wraps numbers in row-major order.
   * @param data a typed array is kept, not copied; plain numbers become float32 unless `dtype` says otherwise
   * @throws ShapeError when the element count does not fit `shape`
   */
  static from(data: TensorData | readonly number[] | number, shape?: readonly number[], dtype?: DType): Tensor {
    const values = typeof data === "number" ? [data] : data;
    const dims = shape ?? (typeof data === "number" ? [] : [values.length]);
    const count = dims.reduce((product, dim) => product * dim, 1);
    if (values.length !== count) throw new ShapeError(`Tensor.from: ${values.length} values do not fill [${dims}]`);
    const kind = dtype ?? dtypeOf(values);
    return new Tensor([...dims], kind, { host: toTyped(values, kind) });
  }

  /** Element count. */
  get size(): number {
    return this.shape.reduce((product, dim) => product * dim, 1);
  }

  /** The bytes if they are in host memory already, without waiting. */
  get host(): TensorData | undefined {
    return this.#host;
  }

  /** What the executor that made this tensor keeps for it. */
  get device(): DeviceValue | undefined {
    return this.#device;
  }

  /** Copies to host memory if need be; the caller must not write into the result. */
  async data(): Promise<TensorData> {
    if (this.#host) return this.#host;
    if (!this.#device) throw new ShapeError(`Tensor [${this.shape}] was used after dispose()`);
    return this.#device.read();
  }

  /** The single element of a one-element tensor, as a number. */
  async item(): Promise<number> {
    if (this.size !== 1) throw new ShapeError(`Tensor.item: expected one element, got [${this.shape}]`);
    return Number((await this.data())[0]);
  }

  dispose(): void {
    this.#device?.dispose();
    this.#device = undefined;
    this.#host = undefined;
  }
}

function dtypeOf(values: TensorData | readonly number[]): DType {
  if (values instanceof Int32Array) return "int32";
  if (values instanceof Uint32Array) return "uint32";
  if (values instanceof Float64Array) return "float64";
  if (values instanceof Uint8Array) return "bool";
  if (typeof Float16Array !== "undefined" && values instanceof Float16Array) return "float16";
  return "float32";
}

function toTyped(values: TensorData | readonly number[], dtype: DType): TensorData {
  if (ArrayBuffer.isView(values) && dtypeOf(values) === dtype) return values;
  switch (dtype) {
    case "float32":
      return Float32Array.from(values);
    case "float16":
      return Float16Array.from(values);
    case "float64":
      return Float64Array.from(values);
    case "int32":
      return Int32Array.from(values);
    case "uint32":
      return Uint32Array.from(values);
    case "bool":
      return Uint8Array.from(values, (value) => (value ? 1 : 0));
  }
}
