import { expect, suite, test } from "vitest";
import { ropeFrequencies } from "../../compute/layers/rope.ts";
import { decoderConfigJson, defineDecoder, parseDecoderConfig } from "./config.ts";

// The published config.json of Llama 3.2 1B and Qwen2.5 0.5B, fields that do not concern inference left out.
const llama = {
  architectures: ["LlamaForCausalLM"],
  attention_bias: false,
  bos_token_id: 128000,
  eos_token_id: [128001, 128008, 128009],
  head_dim: 64,
  hidden_act: "silu",
  hidden_size: 2048,
  intermediate_size: 8192,
  max_position_embeddings: 131072,
  mlp_bias: false,
  num_attention_heads: 32,
  num_hidden_layers: 16,
  num_key_value_heads: 8,
  rms_norm_eps: 1e-5,
  rope_scaling: {
    factor: 32.0,
    high_freq_factor: 4.0,
    low_freq_factor: 1.0,
    original_max_position_embeddings: 8192,
    rope_type: "llama3",
  },
  rope_theta: 500000.0,
  tie_word_embeddings: true,
  vocab_size: 128256,
};
const qwen = {
  architectures: ["Qwen2ForCausalLM"],
  bos_token_id: 151643,
  eos_token_id: 151645,
  hidden_act: "silu",
  hidden_size: 896,
  intermediate_size: 4864,
  max_position_embeddings: 32768,
  max_window_layers: 21,
  num_attention_heads: 14,
  num_hidden_layers: 24,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-6,
  rope_theta: 1000000.0,
  sliding_window: 32768,
  tie_word_embeddings: true,
  use_sliding_window: false,
  vocab_size: 151936,
};

suite("parseDecoderConfig", () => {
  test("reads Llama 3.2", () => {
    const config = parseDecoderConfig(llama);
    expect(config).toMatchObject({
      headCount: 32,
      kvHeadCount: 8,
      headDim: 64,
      qkvBias: false,
      tieWordEmbeddings: true,
    });
    expect(config.eosTokenIds).toEqual([128001, 128008, 128009]);
    expect(config.ropeScaling).toMatchObject({ rope_type: "llama3", factor: 32 });
  });
  test("reads Qwen2.5: biases on q, k and v only", () => {
    expect(parseDecoderConfig(qwen)).toMatchObject({ headDim: 64, qkvBias: true, outputBias: false, ropeTheta: 1e6 });
  });
  test("reads what it wrote", () => {
    for (const json of [llama, qwen]) {
      const config = parseDecoderConfig(json);
      expect(parseDecoderConfig(JSON.parse(JSON.stringify(decoderConfigJson(config, "float32"))))).toEqual(config);
    }
  });
  test("yarn as Qwen2.5 documents it: short waves stay, long ones stretch, logits sharpen", () => {
    const rope_scaling = { type: "yarn", factor: 4, original_max_position_embeddings: 32768 };
    const { ropeScaling: scaling, ropeTheta: theta } = parseDecoderConfig({ ...qwen, rope_scaling });
    const [plain, stretched] = [ropeFrequencies(64, { theta }), ropeFrequencies(64, { theta, scaling })];
    expect(stretched.frequencies[0]).toBe(plain.frequencies[0]);
    expect(stretched.frequencies.at(-1)! * 4).toBeCloseTo(plain.frequencies.at(-1)!, 12);
    expect(stretched.amplitude).toBeCloseTo(0.1 * Math.log(4) + 1, 12);
  });
  test("refuses what it would get wrong", () => {
    const parse = (change: object) => () => parseDecoderConfig({ ...qwen, ...change }, "m/config.json");
    expect(parse({ use_sliding_window: true })).toThrow("m/config.json: use_sliding_window: expected false, got true");
    expect(parse({ hidden_act: "gelu" })).toThrow('m/config.json: hidden_act: expected "silu", got "gelu" (text)');
    expect(parse({ num_key_value_heads: 3 })).toThrow("num_key_value_heads: 3 does not divide num_attention_heads 14");
    expect(parse({ eos_token_id: 151936 })).toThrow("eos_token_id: 151936 is outside vocab_size 151936");
    expect(parse({ rope_scaling: { type: "llama3", factor: 2 } })).toThrow(
      "rope_scaling.low_freq_factor: llama3 scaling needs it",
    );
    expect(() => parseDecoderConfig(null, "m/config.json")).toThrow("m/config.json: architectures: expected one of");
  });
});

suite("defineDecoder", () => {
  test("fills in the usual sizes", () => {
    const config = defineDecoder({ vocabSize: 50, hiddenSize: 64, layerCount: 2, headCount: 4 });
    expect(config).toMatchObject({ intermediateSize: 176, kvHeadCount: 4, headDim: 16, tieWordEmbeddings: true });
  });
  test("refuses an odd head", () => {
    const sizes = { vocabSize: 50, hiddenSize: 60, layerCount: 2, headCount: 4 };
    expect(() => defineDecoder(sizes)).toThrow("defineDecoder: head_dim: 15 is odd");
  });
});
