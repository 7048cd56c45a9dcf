/**
 * The decoder as an ONNX graph written by hand, for decoding on ONNX Runtime. What the traced program cannot have:
 *   one GroupQueryAttention per layer, which adds the new keys and values to the cache where it lies and reads of each
 *   row only what is filled;
 *   weights as constants, which ONNX Runtime packs once into the layout of its products;
 *   sizes (rows, tokens, slots) that are known only at run time, so that one session serves all of them.
 * Products of packed weights and attention row by row give each row the same bits whatever is beside it.
 */
import { ropeFrequencies } from "../../compute/layers/rope.ts";
import type { Attribute, OnnxModel, OnnxNode, OnnxPort, OnnxTensor } from "../../compute/lowering/onnx-proto.ts";
import type { Outside, Tensor } from "../../compute/tensor.ts";
import { namedLeaves } from "../../compute/tree.ts";
import type { DecoderConfig } from "../decoder/config.ts";
import type { DecoderParams } from "../decoder/decoder.ts";

/**
 * inputs   tokens, positions [rows, tokens]; last [rows], the place of each row's last token among rows · tokens;
 *          filled [rows], its number of tokens after this step, less one; total [1], the largest of them;
 *          keys.0, values.0, ... [rows, kvHeads, slots, headDim]
 * outputs  logits [rows, vocab]; the cache again, as written.0.keys, written.0.values, ...: the same buffers
 * @param params in host memory
 * @param contextLength positions that occur at most
 */
export async function decoderGraph(
  config: DecoderConfig,
  params: Outside<DecoderParams>,
  contextLength: number,
): Promise<OnnxModel> {
  const weights = new Map<string, Float32Array<ArrayBuffer>>();
  for (const [name, leaf] of namedLeaves<Tensor>(params))
    weights.set(name, (await leaf.data()) as Float32Array<ArrayBuffer>);
  const { hiddenSize: dim, headCount, kvHeadCount, headDim, layerCount, intermediateSize, vocabSize } = config;
  const [queryDim, kvDim] = [headCount * headDim, kvHeadCount * headDim];
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];

  let nameCount = 0;
  const emit = (
    op: string,
    inputs: readonly string[],
    attributes: Record<string, Attribute> = {},
    { contrib = false, outputs = [`%${nameCount++}`] }: { contrib?: boolean; outputs?: string[] } = {},
  ): string[] => {
    nodes.push({ op, domain: contrib ? "com.microsoft" : undefined, inputs, outputs, attributes });
    return outputs;
  };
  const fresh = (count: number) => Array.from({ length: count }, () => `%${nameCount++}`);
  const constant = (name: string, shape: readonly number[], parts: readonly Float32Array[]) => {
    const [only] = parts;
    const data = parts.length === 1 ? only! : concatenate(parts);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    initializers.push({ name, type: "float32", shape, bytes, external: bytes.byteLength > 1024 });
    return name;
  };
  const int64s = (name: string, values: readonly number[]) => {
    const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    initializers.push({ name, type: "int64", shape: [values.length], bytes });
    return name;
  };
  /** x · weightᵀ + bias, of several projections of one input at once. */
  const project = (x: string, names: readonly string[], outs: readonly number[], inputs: number): string => {
    const total = outs.reduce((sum, out) => sum + out, 0);
    const matrices = names.map((name) => weights.get(`${name}.weight`)!);
    const weight = constant(`${names.join("+")}.weight`, [total, inputs], matrices);
    const [product] = emit("FusedMatMul", [x, weight], { transB: 1 }, { contrib: true });
    if (!names.some((name) => weights.has(`${name}.bias`))) return product!;
    const biases = names.map((name, i) => weights.get(`${name}.bias`) ?? new Float32Array(outs[i]!));
    return emit("Add", [product!, constant(`${names.join("+")}.bias`, [total], biases)])[0]!;
  };
  const norm = (name: string, size: number) => constant(`${name}.weight`, [size], [weights.get(`${name}.weight`)!]);
  const normalise = { axis: -1, epsilon: { float: config.rmsNormEps }, stash_type: 1 };
  const rmsNorm = (x: string, gamma: string) => emit("SimplifiedLayerNormalization", [x, gamma], normalise)[0]!;
  /** The sum of the residual stream and what is added to it, and that sum normalised. */
  const addAndNorm = (x: string, added: string, gamma: string) => {
    const [normed, sum] = fresh(2) as [string, string];
    emit(
      "SkipSimplifiedLayerNormalization",
      [x, added, gamma],
      { epsilon: { float: config.rmsNormEps } },
      {
        contrib: true,
        outputs: [normed, "", "", sum],
      },
    );
    return { normed, sum };
  };

  const { cos, sin } = rotaryTables(config, contextLength);
  const tables = [constant("rope.cos", [contextLength, headDim / 2], [cos])];
  tables.push(constant("rope.sin", [contextLength, headDim / 2], [sin]));
  const turn = (x: string) => emit("RotaryEmbedding", [x, "positions", ...tables], {}, { contrib: true })[0]!;
  const perHead = int64s("perHead", [0, 0, -1, headDim]);
  const joined = int64s("joined", [0, 0, -1]);
  /** Qwen3: each head of queries or keys normalised by itself. */
  const normHeads = (x: string, name: string) => {
    if (!config.qkNorm) return x;
    const normed = rmsNorm(emit("Reshape", [x, perHead])[0]!, norm(name, headDim));
    return emit("Reshape", [normed, joined])[0]!;
  };
  const qkvSizes = int64s("qkvSizes", [queryDim, kvDim, kvDim]);
  const mlpSizes = int64s("mlpSizes", [intermediateSize, intermediateSize]);
  const heads = { num_heads: headCount, kv_num_heads: kvHeadCount };

  const embedding = constant(
    "model.embed_tokens.weight",
    [vocabSize, dim],
    [weights.get("model.embed_tokens.weight")!],
  );
  let [x] = emit("Gather", [embedding, "tokens"], { axis: 0 }) as [string];
  let normed = rmsNorm(x, norm("model.layers.0.input_layernorm", dim));
  for (let layer = 0; layer < layerCount; layer++) {
    const prefix = `model.layers.${layer}`;
    const attention = `${prefix}.self_attn`;
    const names = [`${attention}.q_proj`, `${attention}.k_proj`, `${attention}.v_proj`];
    const qkv = project(normed, names, [queryDim, kvDim, kvDim], dim);
    const [q, k, v] = emit("Split", [qkv, qkvSizes], { axis: -1 }, { outputs: fresh(3) }) as [string, string, string];
    const query = turn(normHeads(q, `${attention}.q_norm`));
    const key = turn(normHeads(k, `${attention}.k_norm`));
    const [mixed] = fresh(1) as [string];
    const cache = [`keys.${layer}`, `values.${layer}`];
    emit("GroupQueryAttention", [query, key, v, ...cache, "filled", "total"], heads, {
      contrib: true,
      outputs: [mixed, `written.${layer}.keys`, `written.${layer}.values`],
    });
    const attended = project(mixed, [`${attention}.o_proj`], [dim], queryDim);
    const between = addAndNorm(x, attended, norm(`${prefix}.post_attention_layernorm`, dim));
    const mlp = [`${prefix}.mlp.gate_proj`, `${prefix}.mlp.up_proj`];
    const gateUp = project(between.normed, mlp, [intermediateSize, intermediateSize], dim);
    const [gate, up] = emit("Split", [gateUp, mlpSizes], { axis: -1 }, { outputs: fresh(2) }) as [string, string];
    const [silu] = emit("QuickGelu", [gate], { alpha: { float: 1 } }, { contrib: true }) as [string]; // gate · sigmoid(gate)
    const down = project(emit("Mul", [silu, up])[0]!, [`${prefix}.mlp.down_proj`], [dim], intermediateSize);
    if (layer + 1 < layerCount) {
      const next = addAndNorm(between.sum, down, norm(`model.layers.${layer + 1}.input_layernorm`, dim));
      [x, normed] = [next.sum, next.normed];
    } else x = emit("Add", [between.sum, down])[0]!;
  }
  // Only the last token of each row is scored.
  const [rows] = emit("Reshape", [x, int64s("flat", [-1, dim])]) as [string];
  const final = rmsNorm(emit("Gather", [rows, "last"], { axis: 0 })[0]!, norm("model.norm", dim));
  const head = config.tieWordEmbeddings
    ? embedding
    : constant("lm_head.weight", [vocabSize, dim], [weights.get("lm_head.weight")!]);
  emit("FusedMatMul", [final, head], { transB: 1 }, { contrib: true, outputs: ["logits"] });

  const cacheShape = ["rows", kvHeadCount, "slots", headDim];
  const layers = Array.from({ length: layerCount }, (_, layer) => layer);
  const cachePorts = (name: (layer: number, part: string) => string): OnnxPort[] =>
    layers.flatMap((layer) =>
      ["keys", "values"].map((part) => ({ name: name(layer, part), type: "float32" as const, shape: cacheShape })),
    );
  return {
    nodes,
    initializers,
    inputs: [
      { name: "tokens", type: "int32", shape: ["rows", "tokens"] },
      { name: "positions", type: "int64", shape: ["rows", "tokens"] },
      { name: "last", type: "int32", shape: ["rows"] },
      { name: "filled", type: "int32", shape: ["rows"] },
      { name: "total", type: "int32", shape: [1] },
      ...cachePorts((layer, part) => `${part}.${layer}`),
    ],
    outputs: [
      { name: "logits", type: "float32", shape: ["rows", vocabSize] },
      ...cachePorts((layer, part) => `written.${layer}.${part}`),
    ],
  };
}

function rotaryTables({ headDim, ropeTheta, ropeScaling }: DecoderConfig, contextLength: number) {
  const { frequencies, amplitude } = ropeFrequencies(headDim, { theta: ropeTheta, scaling: ropeScaling });
  const table = (turn: (angle: number) => number) =>
    Float32Array.from({ length: (contextLength * headDim) / 2 }, (_, at) => {
      const position = Math.floor((2 * at) / headDim);
      return amplitude * turn(position * frequencies[at % (headDim / 2)]!);
    });
  return { cos: table(Math.cos), sin: table(Math.sin) };
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
