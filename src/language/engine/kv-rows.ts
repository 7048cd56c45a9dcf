/**
 * Keys and values of the rows that are being written: per layer one array of keys and one of values,
 * [rows, kvHeads, slots, headDim]. A row's first `length` slots hold its tokens; what is behind them is never read.
 * The arrays grow and shrink one after the other, so that at no time much more than their final size is held.
 */

/** What the keys and values of one token look like. */
export interface KvLayout {
  layerCount: number;
  kvHeadCount: number;
  headDim: number;
}

/** Numbers per token, keys and values of all layers. */
export function numbersPerToken({ layerCount, kvHeadCount, headDim }: KvLayout): number {
  return 2 * layerCount * kvHeadCount * headDim;
}

/** Arrays of keys and values, and what is done with whole rows of them. */
export class KvRows {
  readonly layout: KvLayout;
  /** Keys of layer 0, values of layer 0, keys of layer 1, ... */
  readonly arrays: Float32Array<ArrayBuffer>[];
  rows = 0;
  slots = 0;
  /** Counts changes of the arrays: views made before are stale. */
  version = 0;

  constructor(layout: KvLayout) {
    this.layout = layout;
    this.arrays = Array.from({ length: 2 * layout.layerCount }, () => new Float32Array(0));
  }

  /** Bytes that arrays of these sizes take. */
  bytesOf(rows: number, slots: number): number {
    return 4 * rows * slots * numbersPerToken(this.layout);
  }

  get bytes(): number {
    return this.bytesOf(this.rows, this.slots);
  }

  /** @param lengths filled slots of the rows to keep */
  resize(rows: number, slots: number, lengths: readonly number[]): void {
    if (rows === this.rows && slots === this.slots) return;
    const { kvHeadCount, headDim } = this.layout;
    const strip = this.slots * headDim; // of one head of one row
    for (const [index, from] of this.arrays.entries()) {
      const to = new Float32Array(rows * kvHeadCount * slots * headDim);
      for (const [row, length] of lengths.entries()) {
        for (let head = row * kvHeadCount; head < (row + 1) * kvHeadCount; head++) {
          to.set(from.subarray(head * strip, head * strip + length * headDim), head * slots * headDim);
        }
      }
      this.arrays[index] = to;
    }
    this.rows = rows;
    this.slots = slots;
    this.version++;
  }

  /** Row `to` becomes a copy of the first `length` tokens of row `from`. */
  copyRow(from: number, to: number, length: number): void {
    const { kvHeadCount, headDim } = this.layout;
    for (const array of this.arrays) {
      for (let head = 0; head < kvHeadCount; head++) {
        const begin = (from * kvHeadCount + head) * this.slots * headDim;
        array.copyWithin((to * kvHeadCount + head) * this.slots * headDim, begin, begin + length * headDim);
      }
    }
  }

  /** Exchanges two rows, of which at most `length` tokens are filled. */
  swapRows(a: number, b: number, length: number): void {
    const kept = this.read(a, 0, length);
    this.copyRow(b, a, length);
    this.write(b, 0, kept, length, length);
  }

  /** Keys and values of `count` tokens from `start` on: [2 · layers, kvHeads, count, headDim]. */
  read(row: number, start: number, count: number): Float32Array<ArrayBuffer> {
    const { kvHeadCount, headDim } = this.layout;
    const block = new Float32Array(count * numbersPerToken(this.layout));
    let to = 0;
    for (const array of this.arrays) {
      for (let head = 0; head < kvHeadCount; head++) {
        const begin = ((row * kvHeadCount + head) * this.slots + start) * headDim;
        block.set(array.subarray(begin, begin + count * headDim), to);
        to += count * headDim;
      }
    }
    return block;
  }

  /** Writes the first `count` tokens of a block that `read` returned and that holds `size` of them. */
  write(row: number, start: number, block: Float32Array, size: number, count: number): void {
    const { kvHeadCount, headDim } = this.layout;
    let from = 0;
    for (const array of this.arrays) {
      for (let head = 0; head < kvHeadCount; head++) {
        const to = ((row * kvHeadCount + head) * this.slots + start) * headDim;
        array.set(block.subarray(from, from + count * headDim), to);
        from += size * headDim;
      }
    }
  }
}
