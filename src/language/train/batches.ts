/** From packed rows to the batch of a step: a pure function of the step and the seed. */
import type { numpy as np } from "@jax-js/jax";
import { type Outside, Tensor } from "../../compute/tensor.ts";
import { Random } from "../../core/random.ts";
import type { PackedRow } from "./packing.ts";

export type SftBatch = {
  tokens: np.Array; // [rows, length] int32
  targets: np.Array; // [rows, length] int32
  weights: np.Array; // [rows, length]
  segments: np.Array; // [rows, length] int32
  positions: np.Array; // [rows, length] int32
};

/** Rows of equal length as the tensors of one batch; `undefined` is an empty row. */
export function batchOfRows(rows: readonly (PackedRow | undefined)[]): Outside<SftBatch> {
  const length = rows.find((row) => row)!.tokens.length;
  const shape = [rows.length, length];
  const joined = <T extends Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>>(out: T, key: keyof PackedRow) => {
    for (const [index, row] of rows.entries()) if (row) out.set(row[key], index * length);
    return Tensor.from(out, shape);
  };
  const int32 = (key: keyof PackedRow) => joined(new Int32Array(rows.length * length), key);
  return {
    tokens: int32("tokens"),
    targets: int32("targets"),
    weights: joined(new Float32Array(rows.length * length), "weights"),
    segments: int32("segments"),
    positions: int32("positions"),
  };
}

/**
 * Draws batch after batch from the rows: epochs follow each other without a gap, each in an order of its own.
 * @returns the rows of batch `index` (0 for the first)
 */
export function rowSampler<Row>(rows: readonly Row[], batchSize: number, seed: number | string) {
  const rng = new Random(seed).split("epoch order");
  const orders = new Map<number, number[]>(); // a batch may touch two epochs
  const orderOf = (epoch: number) => {
    let order = orders.get(epoch);
    if (!order) {
      order = rng.split(epoch).shuffle([...rows.keys()]);
      orders.delete(epoch - 2);
      orders.set(epoch, order);
    }
    return order;
  };
  return (index: number): Row[] =>
    Array.from({ length: batchSize }, (_, offset) => {
      const place = index * batchSize + offset;
      return rows[orderOf(Math.floor(place / rows.length))[place % rows.length]!]!;
    });
}
