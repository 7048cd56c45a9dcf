/**
 * The traced decoder as a runner: on every device, and for heads that the native graph cannot have.
 * Programs have fixed shapes and cannot write at a computed place, so a step only reads the cache and returns the new
 * keys and values, which are written to their place here. Shapes come in buckets, so that few are ever compiled.
 */
import "../../compute/compile.ts"; // before jax-js, which looks for workers when it is loaded
import { lax, nn, numpy as np, tree } from "@jax-js/jax";
import { compile } from "../../compute/compile.ts";
import type { Device } from "../../compute/device.ts";
import { Tensor } from "../../compute/tensor.ts";
import { disposeTree } from "../../compute/tree.ts";
import type { DecoderConfig } from "../decoder/config.ts";
import { type DecoderParams, decoderStack, outputLogits } from "../decoder/decoder.ts";
import type { KvRows } from "./kv-rows.ts";
import type { DecoderModel, RowBatch, TokenRunner } from "./runner.ts";

const rowSizes = [1, 4, 16, 32, 64];
const fewestSlots = 32;
/** Tokens of a prompt that are read at a time; shorter pieces are padded. */
const pieceTokens = 16;

/** Keys (already rotated) and values of one layer, [rows, kvHeads, slots, headDim] each. */
type LayerCache = { keys: np.Array; values: np.Array };
type ExtendInputs = {
  tokens: np.Array; // [rows, tokens] int32
  starts: np.Array; // [rows] int32, filled slots
  last: np.Array; // [rows] int32, each row's last token among its `tokens`
};

/**
 * Reads some tokens per row.
 * @param params borrowed
 * @param cache consumed; slots from a row's start on are ignored
 * @param inputs consumed
 * @returns logits of what follows each row's last token [rows, vocab], and the tokens' own keys and values
 * [rows, kvHeads, tokens, headDim]
 */
export function extend(params: DecoderParams, config: DecoderConfig, cache: LayerCache[], inputs: ExtendInputs) {
  const { headCount, kvHeadCount, headDim, hiddenSize } = config;
  const [rows, width] = inputs.tokens.shape as [number, number];
  const slots = cache[0]!.keys.shape[2]!;
  const group = headCount / kvHeadCount; // query heads that share a key
  const places = np.arange(width).astype(np.int32);
  const isFilled = np
    .arange(slots)
    .astype(np.int32)
    .reshape([1, slots])
    .less(inputs.starts.ref.reshape([rows, 1]));
  const pastBias = np.where(isFilled, 0, -1e30).reshape([rows, 1, 1, 1, slots]);
  const isSeen = np.lessEqual(places.ref.reshape([1, width]), places.ref.reshape([width, 1]));
  const ownBias = np.where(isSeen, 0, -1e30).reshape([1, 1, 1, width, width]);
  const positions = inputs.starts.reshape([rows, 1]).add(places.reshape([1, width]));

  const added: LayerCache[] = [];
  const perHead = { lhsBatchDims: [0, 1], rhsBatchDims: [0, 1] };
  const hidden = decoderStack(params, config, inputs.tokens, positions, (q, k, v, layer) => {
    const [key, value] = [k.transpose([0, 2, 1, 3]), v.transpose([0, 2, 1, 3])]; // [rows, kvHeads, tokens, headDim]
    added.push({ keys: key.ref, values: value.ref });
    const query = q
      .mul(headDim ** -0.5)
      .reshape([rows, width, kvHeadCount, group, headDim])
      .transpose([0, 2, 3, 1, 4]); // [rows, kvHeads, group, tokens, headDim]
    const scores = (keys: np.Array) =>
      lax.dot(query.ref, keys, { ...perHead, lhsContractingDims: [4], rhsContractingDims: [3] });
    const past = scores(cache[layer]!.keys).add(pastBias.ref);
    const own = scores(key).add(ownBias.ref);
    query.dispose();
    const weights = nn.softmax(np.concatenate([own, past], -1), -1); // [rows, kvHeads, group, tokens, tokens + slots]
    const [ownWeights, pastWeights] = np.split(weights, [width], -1) as [np.Array, np.Array];
    const mix = (shares: np.Array, values: np.Array) =>
      lax.dot(shares, values, { ...perHead, lhsContractingDims: [4], rhsContractingDims: [2] });
    const mixed = mix(pastWeights, cache[layer]!.values).add(mix(ownWeights, value));
    return mixed.transpose([0, 3, 1, 2, 4]).reshape([rows, width, headCount, headDim]);
  });
  pastBias.dispose();
  ownBias.dispose();
  const firsts = np.arange(rows).astype(np.int32).mul(width);
  const last = np.take(hidden.reshape([rows * width, hiddenSize]), firsts.add(inputs.last), 0);
  return { logits: outputLogits(params, last), added };
}

/** @param model borrowed */
export function createCompiledRunner({ config, params }: DecoderModel, device: Device): TokenRunner {
  const { vocabSize, maxPositions, eosTokenIds, layerCount, kvHeadCount, headDim } = config;
  const program = compile(
    (inside: DecoderParams, cache: LayerCache[], inputs: ExtendInputs) => {
      const result = extend(inside, config, cache, inputs);
      tree.dispose(inside); // parameters are consumed inside a program
      return result;
    },
    { name: "extend", device },
  );

  async function run(cache: KvRows, { firstRow, starts, tokens, isPrompt }: RowBatch): Promise<Float32Array[]> {
    const rows = rowBucket(tokens.length);
    const width = isPrompt ? pieceTokens : 1;
    const ids = new Int32Array(rows * width);
    for (const [row, own] of tokens.entries()) ids.set(own, row * width);
    const perRow = (value: (row: number) => number) =>
      Tensor.from(Int32Array.from({ length: rows }, (_, row) => (row < tokens.length ? value(row) : 0)));
    const stride = kvHeadCount * cache.slots * headDim;
    const view = (index: number) =>
      Tensor.from(cache.arrays[index]!.subarray(firstRow * stride, (firstRow + rows) * stride), [
        rows,
        kvHeadCount,
        cache.slots,
        headDim,
      ]);
    const layers = Array.from({ length: layerCount }, (_, layer) => ({
      keys: view(2 * layer),
      values: view(2 * layer + 1),
    }));
    const result = await program(params, layers, {
      tokens: Tensor.from(ids, [rows, width]),
      starts: perRow((row) => starts[row]!),
      last: perRow((row) => tokens[row]!.length - 1),
    });
    const logits = (await result.logits.data()) as Float32Array;
    const added = await Promise.all(result.added.flatMap(({ keys, values }) => [keys.data(), values.data()]));
    for (const [index, array] of cache.arrays.entries()) {
      const from = added[index] as Float32Array;
      for (const [row, own] of tokens.entries()) {
        for (let head = 0; head < kvHeadCount; head++) {
          const begin = (row * kvHeadCount + head) * width * headDim;
          const to = (((firstRow + row) * kvHeadCount + head) * cache.slots + starts[row]!) * headDim;
          array.set(from.subarray(begin, begin + own.length * headDim), to);
        }
      }
    }
    disposeTree(result);
    return tokens.map((_, row) => logits.slice(row * vocabSize, (row + 1) * vocabSize));
  }

  return {
    vocabSize,
    maxPositions,
    eosTokenIds,
    layout: { layerCount, kvHeadCount, headDim },
    sizes: (rows, slots) => ({
      rows: rowBucket(rows),
      slots: Math.max(fewestSlots, 2 ** Math.ceil(Math.log2(slots))),
    }),
    async extend(cache, { firstRow, starts, tokens, isPrompt }) {
      const fits = firstRow + rowBucket(tokens.length) <= cache.rows;
      const read = [...starts];
      let left = tokens.map((row) => [...row]);
      const logits: Float32Array[] = [];
      while (left.some((row) => row.length > 0)) {
        const pieces = left.map((row) => row.slice(0, pieceTokens));
        left = left.map((row) => row.slice(pieceTokens));
        const together = fits && pieces.every((piece) => piece.length > 0);
        if (together)
          logits.splice(0, logits.length, ...(await run(cache, { firstRow, starts: read, tokens: pieces, isPrompt })));
        else {
          for (const [row, piece] of pieces.entries()) {
            if (piece.length === 0) continue;
            const one = { firstRow: firstRow + row, starts: [read[row]!], tokens: [piece], isPrompt };
            [logits[row]] = (await run(cache, one)) as [Float32Array];
          }
        }
        for (const [row, piece] of pieces.entries()) read[row]! += piece.length;
      }
      return logits;
    },
    dispose: async () => program.dispose(),
  };
}

function rowBucket(rows: number): number {
  return rowSizes.find((size) => size >= rows) ?? 64 * Math.ceil(rows / 64);
}
