/**
 * A Llama-shaped model as a GGUF file, which llama.cpp reads.
 * Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (version 3, little-endian) and, for what llama.cpp
 * wants of a Llama, the names and the permutation in its convert_hf_to_gguf.py.
 */
import { open } from "node:fs/promises";
import type { DecoderConfig } from "../../src/language/decoder/index.ts";

/** Row-major, by Hugging Face name. */
export type Weights = ReadonlyMap<string, { shape: readonly number[]; data: Float32Array }>;

/** How matrices are stored; vectors are always float32. `q8_0`: blocks of 32 bytes that share a float16 scale. */
export type GgufFormat = "f32" | "q8_0";

/** ggml_type, and llama_ftype of a file that is mostly of it. */
const typeCodes = { f32: { tensor: 0, file: 0 }, q8_0: { tensor: 8, file: 7 } };
const alignment = 32;
const quantBlock = 32;

/** Rows of quantised matrices must be whole numbers of blocks. */
export async function writeGguf(
  file: string,
  config: DecoderConfig,
  weights: Weights,
  format: GgufFormat,
): Promise<void> {
  const tensors = [...weights].map(([name, { shape, data }]) => {
    const stored: GgufFormat = shape.length === 1 ? "f32" : format;
    const bytes = () => encode(arrange(name, data, shape, config.headDim), stored);
    return { name: ggufName(name), shape, stored, bytes };
  });
  const head = new GgufWriter();
  head.raw(new TextEncoder().encode("GGUF"));
  head.uint32(3);
  head.uint64(tensors.length);
  describe(config, format, head);
  let offset = 0;
  for (const { name, shape, stored } of tensors) {
    head.text(name);
    head.uint32(shape.length);
    for (const size of shape.toReversed()) head.uint64(size); // the innermost axis first
    head.uint32(typeCodes[stored].tensor);
    head.uint64(offset);
    offset += padded(byteLength(shape, stored));
  }
  const handle = await open(file, "w");
  try {
    await handle.writeFile(pad(head.finish()));
    for (const { bytes } of tensors) await handle.writeFile(pad(bytes()));
  } finally {
    await handle.close();
  }
}

/** The vocabulary cannot read or write text: the benchmark passes token ids. */
function describe(config: DecoderConfig, format: GgufFormat, head: GgufWriter): void {
  const numbers = {
    "general.file_type": typeCodes[format].file,
    "llama.vocab_size": config.vocabSize,
    "llama.context_length": config.maxPositions,
    "llama.embedding_length": config.hiddenSize,
    "llama.block_count": config.layerCount,
    "llama.feed_forward_length": config.intermediateSize,
    "llama.attention.head_count": config.headCount,
    "llama.attention.head_count_kv": config.kvHeadCount,
    "llama.attention.key_length": config.headDim,
    "llama.attention.value_length": config.headDim,
    "llama.rope.dimension_count": config.headDim,
  };
  const fractions = {
    "llama.attention.layer_norm_rms_epsilon": config.rmsNormEps,
    "llama.rope.freq_base": config.ropeTheta,
  };
  const texts = {
    "general.architecture": "llama",
    "tokenizer.ggml.model": "gpt2", // the only kind that asks for no particular words
    "tokenizer.ggml.pre": "default",
  };
  const words = Array.from({ length: config.vocabSize }, (_, id) => `<${id}>`);
  const lists: [string, ValueType, (string | number)[]][] = [
    ["tokenizer.ggml.tokens", "text", words],
    ["tokenizer.ggml.token_type", "int32", words.map(() => 1)], // normal words
    ["tokenizer.ggml.merges", "text", []],
  ];
  const single: [ValueType, Record<string, number | string>][] = [
    ["text", texts],
    ["uint32", numbers],
    ["float32", fractions],
  ];
  head.uint64(lists.length + single.reduce((count, [, entries]) => count + Object.keys(entries).length, 0));
  for (const [type, entries] of single) {
    for (const [key, value] of Object.entries(entries)) {
      head.text(key);
      head.value(type, value);
    }
  }
  for (const [key, type, values] of lists) {
    head.text(key);
    head.array(type, values);
  }
}

function ggufName(name: string): string {
  const top: Record<string, string> = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
  };
  if (top[name]) return top[name];
  const [, layer, part] = /^model\.layers\.(\d+)\.(.+)\.weight$/.exec(name)!;
  const inLayer: Record<string, string> = {
    input_layernorm: "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    post_attention_layernorm: "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
  };
  return `blk.${layer}.${inLayer[part!]}.weight`;
}

/** llama.cpp turns neighbouring pairs of a head where Hugging Face turns its halves: rows of q and k change places. */
function arrange(name: string, data: Float32Array, [, columns]: readonly number[], headDim: number): Float32Array {
  if (!/\.[qk]_proj\.weight$/.test(name)) return data;
  const arranged = new Float32Array(data.length);
  const rowCount = data.length / columns!;
  for (let row = 0; row < rowCount; row++) {
    const inHead = row % headDim;
    const half = inHead < headDim / 2 ? 0 : 1;
    const to = row - inHead + 2 * (inHead - half * (headDim / 2)) + half;
    arranged.set(data.subarray(row * columns!, (row + 1) * columns!), to * columns!);
  }
  return arranged;
}

function byteLength(shape: readonly number[], format: GgufFormat): number {
  const size = shape.reduce((product, axis) => product * axis, 1);
  return format === "q8_0" ? (size / quantBlock) * (quantBlock + 2) : size * 4;
}

function encode(data: Float32Array, format: GgufFormat): Uint8Array {
  if (format === "q8_0") return quantize(data);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Each block of 32 as a float16 scale and 32 signed bytes. */
function quantize(data: Float32Array): Uint8Array {
  const out = new DataView(new ArrayBuffer((data.length / quantBlock) * (quantBlock + 2)));
  for (let from = 0, to = 0; from < data.length; from += quantBlock) {
    let largest = 0;
    for (let i = from; i < from + quantBlock; i++) largest = Math.max(largest, Math.abs(data[i]!));
    const scale = largest / 127;
    out.setFloat16(to, scale, true);
    to += 2;
    for (let i = from; i < from + quantBlock; i++) out.setInt8(to++, scale === 0 ? 0 : Math.round(data[i]! / scale));
  }
  return new Uint8Array(out.buffer);
}

const padded = (length: number) => alignment * Math.ceil(length / alignment);

function pad(bytes: Uint8Array): Uint8Array {
  if (bytes.length % alignment === 0) return bytes;
  const out = new Uint8Array(padded(bytes.length));
  out.set(bytes);
  return out;
}

/** Values of metadata, each with the code of its type before it. */
const valueCodes = { uint32: 4, int32: 5, float32: 6, text: 8, array: 9 };
type ValueType = Exclude<keyof typeof valueCodes, "array">;

class GgufWriter {
  readonly #chunks: Uint8Array[] = [];

  raw(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
  }

  uint32(value: number): void {
    this.raw(new Uint8Array(Uint32Array.of(value).buffer));
  }

  uint64(value: number): void {
    this.raw(new Uint8Array(BigUint64Array.of(BigInt(value)).buffer));
  }

  text(value: string): void {
    const bytes = new TextEncoder().encode(value);
    this.uint64(bytes.length);
    this.raw(bytes);
  }

  value(type: ValueType, value: number | string): void {
    this.uint32(valueCodes[type]);
    this.#bare(type, value);
  }

  array(type: ValueType, values: readonly (number | string)[]): void {
    this.uint32(valueCodes.array);
    this.uint32(valueCodes[type]);
    this.uint64(values.length);
    for (const value of values) this.#bare(type, value);
  }

  finish(): Uint8Array {
    return Buffer.concat(this.#chunks);
  }

  #bare(type: ValueType, value: number | string): void {
    if (typeof value === "string") this.text(value);
    else if (type === "float32") this.raw(new Uint8Array(Float32Array.of(value).buffer));
    else this.uint32(value);
  }
}
