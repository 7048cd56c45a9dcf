/**
 * Rows of text of different lengths that grow together, one token per step, over the programs of kv-cache.ts.
 * Keys and values live in host arrays that are written between steps, one place per row, and read by the next step.
 * Rows and slots come in buckets, so few shapes are ever compiled; when rows leave or enter, or the slots are used
 * up, what is there is copied into arrays of the next fitting size.
 */
import { type Outside, Tensor } from "../../compute/tensor.ts";
import { disposeTree } from "../../compute/tree.ts";
import { DataError } from "../../core/errors.ts";
import type { DecoderConfig } from "./config.ts";
import type { DecoderParams } from "./decoder.ts";
import type { DecoderPrograms, LayerCache } from "./kv-cache.ts";

const batchSizes = [1, 4, 16, 32, 64];
const fewestSlots = 32;
/** Bounds the attention scores of one prefill (rows · tokens²) to 64 MB per head. */
const prefillScores = 2 ** 24;

/** Rows of text that grow together, one token per step. */
export interface DecodingSession {
  /**
   * Keeps the rows `keep`, in that order, and starts a row for each prompt after them.
   * @returns logits of what follows each prompt
   */
  reshape(keep: readonly number[], prompts: readonly (readonly number[])[]): Promise<Float32Array[]>;
  /**
   * Appends one token to each row.
   * @returns logits of what follows
   */
  step(tokens: readonly number[]): Promise<Float32Array[]>;
  dispose(): void;
}

/** Per layer keys, then values, each [batch, kvHeads, slots, headDim]. */
interface HostCache {
  slots: number;
  arrays: Float32Array<ArrayBuffer>[];
}

/** The first `length` slots of a row. */
interface Source {
  cache: HostCache;
  row: number;
  length: number;
}

/** @param params borrowed: they must outlive the session */
export function startDecoding(
  config: DecoderConfig,
  params: Outside<DecoderParams>,
  programs: DecoderPrograms,
): DecodingSession {
  const { vocabSize, kvHeadCount, headDim, layerCount } = config;
  let lengths: number[] = []; // tokens read, by row
  let batch = 0;
  let cache: HostCache = { slots: 0, arrays: [] };
  /** The same memory as programs take it; executors read host memory anew at each call. */
  let tensors: Outside<LayerCache[]> = [];

  /** Prompts through the prefill program, a bounded number at a time. */
  async function readPrompts(prompts: readonly (readonly number[])[]) {
    const logits: Float32Array[] = [];
    const sources: Source[] = [];
    const seq = slotBucket(Math.max(...prompts.map((prompt) => prompt.length)));
    const chunkSize = Math.max(1, Math.floor(prefillScores / seq ** 2));
    for (let start = 0; start < prompts.length; start += chunkSize) {
      const chunk = prompts.slice(start, start + chunkSize);
      const rows = batchBucket(chunk.length);
      const tokens = new Int32Array(rows * seq);
      const promptLengths = new Int32Array(rows).fill(1); // of an empty row too some token is the last
      for (const [row, prompt] of chunk.entries()) {
        if (prompt.length === 0)
          throw new DataError(`prompt ${start + row} has no tokens`, { hint: "Start with a bos token." });
        tokens.set(prompt, row * seq);
        promptLengths[row] = prompt.length;
      }
      const read = await programs.prefill(params, {
        tokens: Tensor.from(tokens, [rows, seq]),
        lengths: Tensor.from(promptLengths),
      });
      logits.push(...(await rowsOf(read.logits, chunk.length)));
      const filled = { slots: seq, arrays: await toHost(read.cache) };
      sources.push(...chunk.map(({ length }, row) => ({ cache: filled, row, length })));
      disposeTree(read);
    }
    return { logits, sources };
  }

  /** Copies rows into new arrays with room for at least one token more. */
  function pack(sources: readonly Source[]) {
    batch = batchBucket(sources.length);
    const slots = slotBucket(Math.max(...sources.map(({ length }) => length)) + 1);
    const arrays = Array.from({ length: 2 * layerCount }, (_, index) => {
      const packed = new Float32Array(batch * kvHeadCount * slots * headDim);
      for (const [to, { cache: from, row, length }] of sources.entries()) {
        for (let head = 0; head < kvHeadCount; head++) {
          const begin = (row * kvHeadCount + head) * from.slots * headDim;
          const filled = from.arrays[index]!.subarray(begin, begin + length * headDim);
          packed.set(filled, (to * kvHeadCount + head) * slots * headDim);
        }
      }
      return packed;
    });
    cache = { slots, arrays };
    lengths = sources.map(({ length }) => length);
    const tensor = (index: number) => Tensor.from(arrays[index]!, [batch, kvHeadCount, slots, headDim]);
    tensors = Array.from({ length: layerCount }, (_, layer) => ({
      keys: tensor(2 * layer),
      values: tensor(2 * layer + 1),
    }));
  }

  /** Writes one token's keys and values per row behind what is there. */
  function append(added: readonly Float32Array[]) {
    for (const [index, array] of cache.arrays.entries()) {
      const from = added[index]!;
      for (const [row, length] of lengths.entries()) {
        for (let head = row * kvHeadCount; head < (row + 1) * kvHeadCount; head++) {
          const to = (head * cache.slots + length) * headDim;
          for (let i = 0; i < headDim; i++) array[to + i] = from[head * headDim + i]!;
        }
      }
    }
    for (const row of lengths.keys()) lengths[row]!++;
  }

  async function rowsOf(logits: Tensor, count: number): Promise<Float32Array[]> {
    const data = (await logits.data()) as Float32Array;
    return Array.from({ length: count }, (_, row) => data.subarray(row * vocabSize, (row + 1) * vocabSize));
  }

  const sourceOf = (row: number): Source => ({ cache, row, length: lengths[row]! });

  return {
    async reshape(keep, prompts) {
      const { logits, sources } = prompts.length > 0 ? await readPrompts(prompts) : { logits: [], sources: [] };
      if (keep.length + prompts.length > 0) pack([...keep.map(sourceOf), ...sources]);
      else lengths = [];
      return logits;
    },
    async step(tokens) {
      if (Math.max(...lengths) === cache.slots) pack(lengths.map((_, row) => sourceOf(row)));
      const perRow = (values: readonly number[]) =>
        Tensor.from(Int32Array.from({ length: batch }, (_, row) => values[row] ?? 0));
      const stepped = await programs.step(params, tensors, { tokens: perRow(tokens), lengths: perRow(lengths) });
      const logits = await rowsOf(stepped.logits, tokens.length);
      append(await toHost(stepped.added));
      disposeTree(stepped);
      return logits;
    },
    dispose() {
      [lengths, tensors, cache] = [[], [], { slots: 0, arrays: [] }];
    },
  };
}

async function toHost(cache: Outside<LayerCache[]>): Promise<Float32Array<ArrayBuffer>[]> {
  const arrays = await Promise.all(cache.flatMap(({ keys, values }) => [keys.data(), values.data()]));
  return arrays as Float32Array<ArrayBuffer>[];
}

function slotBucket(length: number): number {
  return Math.max(fewestSlots, 2 ** Math.ceil(Math.log2(length)));
}

function batchBucket(rows: number): number {
  return batchSizes.find((size) => size >= rows) ?? 64 * Math.ceil(rows / 64);
}
