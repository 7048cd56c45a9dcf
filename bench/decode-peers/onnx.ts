/**
 * A Llama-shaped model as the ONNX graph that transformers.js runs, in the form that the exporter of onnxruntime-genai
 * gives it for processors: one GroupQueryAttention per layer, which also turns q and k where the size of the heads
 * allows it (then one product makes q, k and v), and fused norms. Names of inputs and outputs are those that transformers.js looks for.
 */
import { writeFile } from "node:fs/promises";
import {
  type Attribute,
  encodeModel,
  type OnnxNode,
  type OnnxPort,
  type OnnxTensor,
} from "../../src/compute/lowering/onnx-proto.ts";
import type { DecoderConfig } from "../../src/language/decoder/index.ts";
import type { Weights } from "./gguf.ts";

/** Batches must be of equally long prompts: GroupQueryAttention on a processor knows no padding on the left. */
export async function writeOnnx(file: string, config: DecoderConfig, weights: Weights): Promise<void> {
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const add = (
    op: string,
    inputs: string[],
    outputs: string[],
    attributes: Record<string, Attribute> = {},
    domain?: string,
  ) => {
    nodes.push({ op, inputs, outputs, attributes, domain });
    return outputs[0]!;
  };
  const contrib = "com.microsoft";
  const floats = (name: string, shape: readonly number[], data: Float32Array) => {
    initializers.push({
      name,
      type: "float32",
      shape,
      bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    });
    return name;
  };
  const int64s = (name: string, values: number[], shape = [values.length]) => {
    initializers.push({ name, type: "int64", shape, bytes: new Uint8Array(BigInt64Array.from(values, BigInt).buffer) });
    return name;
  };
  const vector = (name: string) => floats(name, weights.get(name)!.shape, weights.get(name)!.data);
  /** x · (all these matrices below each other)ᵀ; ONNX Runtime packs the weight once. */
  const project = (x: string, names: string[], output: string) => {
    const parts = names.map((name) => weights.get(`${name}.weight`)!);
    const rows = parts.reduce((sum, { shape }) => sum + shape[0]!, 0);
    const columns = parts[0]!.shape[1]!;
    const weight = floats(`${output}.weight`, [rows, columns], joined(parts.map(({ data }) => data)));
    return add("FusedMatMul", [x, weight], [output], { transB: 1 }, contrib);
  };
  const epsilon = { float: config.rmsNormEps };
  const { layerCount, headCount, kvHeadCount, headDim, vocabSize } = config;
  const turnsInside = headDim % 16 === 0; // what GroupQueryAttention's own rotation asks for

  // Per row the tokens after this step, less one; over all rows the longest.
  const zero = int64s("zero", [0]);
  const one = int64s("one", [1]);
  const counted = add("ReduceSum", ["attention_mask", one], ["row_lengths"], { keepdims: 0 });
  const lastPlaces = add("Cast", [add("Sub", [counted, one], ["last_places_64"])], ["last_places"], { to: 6 });
  const maskShape = add("Shape", ["attention_mask"], ["mask_shape"]);
  const total = add("Gather", [maskShape, int64s("one_scalar", [1], [])], ["total_64"], { axis: 0 });
  const totalLength = add("Cast", [total], ["total_length"], { to: 6 });
  const tables = rotaryTables(config);
  const cos = floats("cos_cache", [config.maxPositions, headDim / 2], tables.cos);
  const sin = floats("sin_cache", [config.maxPositions, headDim / 2], tables.sin);

  const embedding = vector("model.embed_tokens.weight");
  let x = add("Gather", [embedding, "input_ids"], ["embedded"], { axis: 0 });
  let normed = add(
    "SimplifiedLayerNormalization",
    [x, vector("model.layers.0.input_layernorm.weight")],
    ["layer0.input"],
    { axis: -1, epsilon, stash_type: 1 },
  );
  for (let layer = 0; layer < layerCount; layer++) {
    const prefix = `model.layers.${layer}`;
    const attention = ["q", "k", "v"].map((part) => `${prefix}.self_attn.${part}_proj`);
    const operands = turnsInside
      ? [project(normed, attention, `layer${layer}.qkv`), "", ""]
      : attention.map((part) => project(normed, [part], part));
    const turn = (operand: string) =>
      add("RotaryEmbedding", [operand, "position_ids", cos, sin], [`${operand}.turned`], {}, contrib);
    const [q, k, v] = operands as [string, string, string];
    const mixed = add(
      "GroupQueryAttention",
      [
        ...(turnsInside ? [q, k, v] : [turn(q), turn(k), v]),
        ...[`past_key_values.${layer}.key`, `past_key_values.${layer}.value`, lastPlaces, totalLength],
        ...(turnsInside ? [cos, sin] : []),
      ],
      [`layer${layer}.mixed`, `present.${layer}.key`, `present.${layer}.value`],
      { num_heads: headCount, kv_num_heads: kvHeadCount, do_rotary: turnsInside ? 1 : 0 },
      contrib,
    );
    const attended = project(mixed, [`${prefix}.self_attn.o_proj`], `layer${layer}.attended`);
    const middle = vector(`${prefix}.post_attention_layernorm.weight`);
    const between = [`layer${layer}.between`, "", "", `layer${layer}.residual`];
    add("SkipSimplifiedLayerNormalization", [x, attended, middle], between, { epsilon }, contrib);
    const gate = project(between[0]!, [`${prefix}.mlp.gate_proj`], `layer${layer}.gate`);
    const up = project(between[0]!, [`${prefix}.mlp.up_proj`], `layer${layer}.up`);
    const silu = add("Mul", [gate, add("Sigmoid", [gate], [`layer${layer}.sigmoid`])], [`layer${layer}.silu`]);
    const down = project(
      add("Mul", [silu, up], [`layer${layer}.gated`]),
      [`${prefix}.mlp.down_proj`],
      `layer${layer}.down`,
    );
    const isLast = layer + 1 === layerCount;
    const next = isLast ? "model.norm.weight" : `model.layers.${layer + 1}.input_layernorm.weight`;
    const after = [`layer${layer + 1}.input`, ...(isLast ? [] : ["", "", `layer${layer + 1}.residual.in`])];
    add("SkipSimplifiedLayerNormalization", [between[3]!, down, vector(next)], after, { epsilon }, contrib);
    [x, normed] = [after[3] ?? "", after[0]!];
  }
  // transformers.js asks for the last token's logits only, by num_logits_to_keep; 0 means all.
  const from = add("Neg", [add("Unsqueeze", ["num_logits_to_keep", zero], ["logits_to_keep"])], ["first_kept"]);
  const end = int64s("end", [2 ** 31 - 1]);
  const kept = add("Slice", [normed, from, end, one], ["kept"]);
  if (config.tieWordEmbeddings) add("FusedMatMul", [kept, embedding], ["logits"], { transB: 1 }, contrib);
  else project(kept, ["lm_head"], "logits");

  const cachePorts = (prefix: string, length: string): OnnxPort[] =>
    Array.from({ length: layerCount }, (_, layer) =>
      ["key", "value"].map((part) => ({
        name: `${prefix}.${layer}.${part}`,
        type: "float32" as const,
        shape: ["batch_size", kvHeadCount, length, headDim],
      })),
    ).flat();
  const positions: OnnxPort = { name: "position_ids", type: "int64", shape: ["batch_size", "sequence_length"] };
  const inputs: OnnxPort[] = [
    { name: "input_ids", type: "int64", shape: ["batch_size", "sequence_length"] },
    { name: "attention_mask", type: "int64", shape: ["batch_size", "total_sequence_length"] },
    ...(turnsInside ? [] : [positions]),
    { name: "num_logits_to_keep", type: "int64", shape: [] },
    ...cachePorts("past_key_values", "past_sequence_length"),
  ];
  const outputs: OnnxPort[] = [
    { name: "logits", type: "float32", shape: ["batch_size", "kept_length", vocabSize] },
    ...cachePorts("present", "total_sequence_length"),
  ];
  await writeFile(file, encodeModel({ nodes, initializers, inputs, outputs }));
}

function rotaryTables({ headDim, ropeTheta, maxPositions }: DecoderConfig) {
  const half = headDim / 2;
  const angles = Array.from({ length: maxPositions * half }, (_, at) => {
    return Math.floor(at / half) / ropeTheta ** ((at % half) / half);
  });
  return { cos: Float32Array.from(angles, Math.cos), sin: Float32Array.from(angles, Math.sin) };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  if (parts.length === 1) return parts[0]!;
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
