/** Runs the graph of decoder-graph.ts: keys and values are added where they lie, and a step allocates next to nothing. */
import { availableParallelism } from "node:os";
import { type GraphTensor, graphTensor, openNativeGraph } from "../../compute/native-graph.ts";
import { countParameters } from "../../compute/tree.ts";
import type { DecoderConfig } from "../decoder/config.ts";
import { decoderGraph } from "./decoder-graph.ts";
import type { KvRows } from "./kv-rows.ts";
import type { DecoderModel, RowBatch, TokenRunner } from "./runner.ts";

/** Below so many parameters a second thread costs more than it brings (docs/log.md). */
const parametersPerThread = 16e6;
/** Slots are added so many at a time: each growth copies the cache. */
const slotStep = 64;

/** What one run of the graph reads and writes, and the arrays behind it. */
interface Call {
  inputs: Record<string, GraphTensor>;
  outputs: Record<string, GraphTensor>;
  ids: Int32Array;
  positions: BigInt64Array;
  last: Int32Array;
  filled: Int32Array;
  total: Int32Array;
  logits: Float32Array;
}

/** GroupQueryAttention wants heads of whole vectors. */
export function canRunNatively({ headDim }: DecoderConfig): boolean {
  return headDim % 8 === 0;
}

/** @param model borrowed; its weights are copied into ONNX Runtime's own layout */
export async function openNativeRunner({ config, params }: DecoderModel): Promise<TokenRunner> {
  const { vocabSize, maxPositions, eosTokenIds, layerCount, kvHeadCount, headDim } = config;
  const threads = countParameters(params) < parametersPerThread ? 1 : availableParallelism();
  const graph = await openNativeGraph(await decoderGraph(config, params, maxPositions), { threads });
  const cacheNames = Array.from({ length: layerCount }, (_, layer) => [
    [`keys.${layer}`, `written.${layer}.keys`],
    [`values.${layer}`, `written.${layer}.values`],
  ]).flat() as [string, string][];

  function prepare(cache: KvRows, firstRow: number, rows: number, width: number): Call {
    const ids = new Int32Array(rows * width);
    const positions = new BigInt64Array(rows * width);
    const [last, filled, total] = [new Int32Array(rows), new Int32Array(rows), new Int32Array(1)];
    const logits = new Float32Array(rows * vocabSize);
    const inputs: Record<string, GraphTensor> = {
      tokens: graphTensor("int32", ids, [rows, width]),
      positions: graphTensor("int64", positions, [rows, width]),
      last: graphTensor("int32", last, [rows]),
      filled: graphTensor("int32", filled, [rows]),
      total: graphTensor("int32", total, [1]),
    };
    const outputs: Record<string, GraphTensor> = { logits: graphTensor("float32", logits, [rows, vocabSize]) };
    const stride = kvHeadCount * cache.slots * headDim;
    for (const [index, [read, written]] of cacheNames.entries()) {
      const part = cache.arrays[index]!.subarray(firstRow * stride, (firstRow + rows) * stride);
      const view = graphTensor("float32", part, [rows, kvHeadCount, cache.slots, headDim]);
      inputs[read] = view;
      outputs[written] = view;
    }
    return { inputs, outputs, ids, positions, last, filled, total, logits };
  }

  /** Steps that write are many and alike: what they pass is made once per number of rows. */
  let steps = new Map<number, Call>();
  let stepsOf: { cache: KvRows; version: number } | undefined;
  function prepareStep(cache: KvRows, rows: number): Call {
    if (stepsOf?.cache !== cache || stepsOf.version !== cache.version) {
      steps = new Map();
      stepsOf = { cache, version: cache.version };
    }
    const call = steps.get(rows) ?? prepare(cache, 0, rows, 1);
    steps.set(rows, call);
    return call;
  }

  /** Rows that begin may have different lengths; of rows that go on with several tokens the operator takes one. */
  async function run(cache: KvRows, { firstRow, starts, tokens, isPrompt }: RowBatch): Promise<Float32Array[]> {
    const rows = tokens.length;
    // A single token of a prompt is read as two, of which the second means nothing: attention of one query differs in
    // the last bit from that of several, and what is read must not depend on how a prompt was cut.
    const width = isPrompt ? Math.max(2, ...tokens.map((row) => row.length)) : 1;
    const call = width === 1 && firstRow === 0 ? prepareStep(cache, rows) : prepare(cache, firstRow, rows, width);
    const { ids, positions, last, filled, logits } = call;
    for (let row = 0; row < rows; row++) {
      const [own, start] = [tokens[row]!, starts[row]!];
      for (let at = 0; at < width; at++) {
        ids[row * width + at] = own[at] ?? 0;
        positions[row * width + at] = BigInt(Math.min(start + at, maxPositions - 1));
      }
      last[row] = row * width + own.length - 1;
      filled[row] = start + width - 1;
    }
    call.total[0] = Math.max(...filled) + 1;
    await graph.run(call.inputs, call.outputs);
    return Array.from({ length: rows }, (_, row) => logits.subarray(row * vocabSize, (row + 1) * vocabSize));
  }

  return {
    vocabSize,
    maxPositions,
    eosTokenIds,
    layout: { layerCount, kvHeadCount, headDim },
    sizes: (rows, slots) => ({
      rows,
      slots: slotStep * Math.ceil((slots + 1) / slotStep), // one more than asked for, for the token that means nothing
    }),
    async extend(cache, batch) {
      if (!batch.isPrompt || batch.starts.every((start) => start === 0)) return run(cache, batch);
      const logits: Float32Array[] = [];
      for (const [index, tokens] of batch.tokens.entries()) {
        const one = { ...batch, firstRow: batch.firstRow + index, starts: [batch.starts[index]!], tokens: [tokens] };
        logits.push(...(await run(cache, one)));
      }
      return logits;
    },
    dispose: () => graph.dispose(),
  };
}
