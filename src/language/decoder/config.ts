/**
 * What a decoder looks like: read from and written to the config.json of a Hugging Face folder.
 * Supported families: Llama, Qwen2 (biases on q, k, v) and Qwen3 (RMS norm on each query and key head).
 * Both spellings of the rotary settings are read: `rope_theta` + `rope_scaling`, and `rope_parameters` (transformers 5).
 */
import { z } from "zod";
import type { RopeScaling } from "../../compute/layers/rope.ts";
import { ConfigError } from "../../core/errors.ts";
import { validate } from "../../core/schema.ts";

export const ARCHITECTURES = ["LlamaForCausalLM", "Qwen2ForCausalLM", "Qwen3ForCausalLM"] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

export interface DecoderConfig {
  architecture: Architecture;
  vocabSize: number;
  hiddenSize: number;
  intermediateSize: number;
  layerCount: number;
  headCount: number;
  /** Fewer than `headCount` means grouped-query attention. */
  kvHeadCount: number;
  headDim: number;
  rmsNormEps: number;
  ropeTheta: number;
  ropeScaling?: RopeScaling;
  /** The output projection is the embedding matrix. */
  tieWordEmbeddings: boolean;
  /** Biases on q, k and v; on the attention output; in the MLP. */
  qkvBias: boolean;
  outputBias: boolean;
  mlpBias: boolean;
  /** RMS norm on each head of q and k before the rotation. */
  qkNorm: boolean;
  /** Longest sequence the model was made for. */
  maxPositions: number;
  bosTokenId?: number;
  /** Each of these ends a generated text. */
  eosTokenIds: number[];
  padTokenId?: number;
}

const count = z.int().positive();
const tokenId = z.int().nonnegative();
const factor = z.number().positive();

const RopeJson = z.looseObject({
  rope_type: z.enum(["default", "linear", "llama3", "yarn"]).optional(),
  type: z.enum(["default", "linear", "llama3", "yarn"]).optional(),
  rope_theta: factor.optional(),
  factor: factor.optional(),
  low_freq_factor: factor.optional(),
  high_freq_factor: factor.optional(),
  original_max_position_embeddings: count.optional(),
  beta_fast: factor.nullish(),
  beta_slow: factor.nullish(),
  attention_factor: factor.nullish(),
  mscale: factor.nullish(),
  mscale_all_dim: factor.nullish(),
});
type RopeJson = z.output<typeof RopeJson>;

const ConfigJson = z.looseObject({
  architectures: z.array(z.string()).min(1),
  vocab_size: count,
  hidden_size: count,
  intermediate_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: count.nullish(),
  head_dim: count.nullish(),
  rms_norm_eps: factor.default(1e-6),
  rope_theta: factor.nullish(),
  rope_scaling: RopeJson.nullish(),
  rope_parameters: RopeJson.nullish(),
  tie_word_embeddings: z.boolean().default(false),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  max_position_embeddings: count.default(2048),
  hidden_act: z.literal("silu").default("silu"),
  use_sliding_window: z.literal(false).default(false),
  bos_token_id: tokenId.nullish(),
  eos_token_id: z.union([tokenId, z.array(tokenId)]).nullish(),
  pad_token_id: tokenId.nullish(),
});

/**
 * Checks and translates the JSON of a config.json.
 * @param file named in errors
 * @throws ConfigError naming the file and every field at fault, or the supported architectures
 */
export function parseDecoderConfig(json: unknown, file = "config.json"): DecoderConfig {
  const architecture = supportedArchitecture(json, file);
  const checked = validate(ConfigJson, json);
  if ("problem" in checked) {
    const hint = checked.problem.hint ?? "Compare with the config.json the model came with.";
    throw new ConfigError(`${file}: ${checked.problem.message}`, { hint });
  }
  const raw = checked.value;
  const ropeSettings = { ...raw.rope_scaling, ...raw.rope_parameters };
  const qwen2 = architecture === "Qwen2ForCausalLM";
  const config: DecoderConfig = {
    architecture,
    vocabSize: raw.vocab_size,
    hiddenSize: raw.hidden_size,
    intermediateSize: raw.intermediate_size,
    layerCount: raw.num_hidden_layers,
    headCount: raw.num_attention_heads,
    kvHeadCount: raw.num_key_value_heads ?? raw.num_attention_heads,
    headDim: raw.head_dim ?? Math.floor(raw.hidden_size / raw.num_attention_heads),
    rmsNormEps: raw.rms_norm_eps,
    ropeTheta: ropeSettings.rope_theta ?? raw.rope_theta ?? 10_000,
    ropeScaling: parseRopeScaling(ropeSettings, raw.max_position_embeddings, file),
    tieWordEmbeddings: raw.tie_word_embeddings,
    qkvBias: qwen2 || raw.attention_bias,
    outputBias: !qwen2 && raw.attention_bias,
    mlpBias: raw.mlp_bias,
    qkNorm: architecture === "Qwen3ForCausalLM",
    maxPositions: raw.max_position_embeddings,
    bosTokenId: raw.bos_token_id ?? undefined,
    eosTokenIds: [raw.eos_token_id ?? []].flat(),
    padTokenId: raw.pad_token_id ?? undefined,
  };
  return checkDecoderConfig(config, file);
}

/** The sizes of a new model; what is left out takes the usual value. */
export type DecoderSizes = Pick<DecoderConfig, "vocabSize" | "hiddenSize" | "layerCount" | "headCount"> &
  Partial<DecoderConfig>;

/**
 * The configuration of a new model: Llama-shaped, tied head, 8/3 wide MLP (rounded up to 8) unless `sizes` says otherwise.
 * @throws ConfigError when the sizes do not fit each other
 */
export function defineDecoder(sizes: DecoderSizes): DecoderConfig {
  const architecture = sizes.architecture ?? "LlamaForCausalLM";
  const config = {
    architecture,
    intermediateSize: 8 * Math.ceil(sizes.hiddenSize / 3),
    kvHeadCount: sizes.headCount,
    headDim: Math.floor(sizes.hiddenSize / sizes.headCount),
    rmsNormEps: 1e-6,
    ropeTheta: 10_000,
    tieWordEmbeddings: true,
    qkvBias: architecture === "Qwen2ForCausalLM",
    outputBias: false,
    mlpBias: false,
    qkNorm: architecture === "Qwen3ForCausalLM",
    maxPositions: 2048,
    eosTokenIds: [],
    ...sizes,
  };
  return checkDecoderConfig(config, "defineDecoder");
}

/** Sizes of a small model of our own, as its training command takes them. */
export interface TinySizes {
  dim: number;
  layers: number;
  heads: number;
}

/**
 * The shape of a small model of our own: a Llama over a closed vocabulary, its head tied to the embedding.
 * @param ends ids of the tokens that begin, end and pad a text
 */
export function defineTinyDecoder(
  { dim, layers, heads }: TinySizes,
  { vocabSize, maxPositions, ends }: { vocabSize: number; maxPositions: number; ends: readonly number[] },
): DecoderConfig {
  const [bosTokenId, eosTokenId, padTokenId] = ends;
  return defineDecoder({
    vocabSize,
    hiddenSize: dim,
    layerCount: layers,
    headCount: heads,
    maxPositions,
    bosTokenId,
    eosTokenIds: [eosTokenId!],
    padTokenId,
  });
}

/** The config.json of a model, in a fixed key order so that the same model gives the same bytes. */
export function decoderConfigJson(config: DecoderConfig, dtype: "float32" | "float16" | "bfloat16"): object {
  const { architecture } = config;
  return {
    architectures: [architecture],
    model_type: { LlamaForCausalLM: "llama", Qwen2ForCausalLM: "qwen2", Qwen3ForCausalLM: "qwen3" }[architecture],
    vocab_size: config.vocabSize,
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    num_hidden_layers: config.layerCount,
    num_attention_heads: config.headCount,
    num_key_value_heads: config.kvHeadCount,
    head_dim: config.headDim,
    hidden_act: "silu",
    rms_norm_eps: config.rmsNormEps,
    rope_theta: config.ropeTheta,
    rope_scaling: config.ropeScaling ?? null,
    max_position_embeddings: config.maxPositions,
    tie_word_embeddings: config.tieWordEmbeddings,
    ...(architecture !== "Qwen2ForCausalLM" && { attention_bias: config.qkvBias }),
    ...(architecture === "LlamaForCausalLM" && { mlp_bias: config.mlpBias }),
    attention_dropout: 0,
    initializer_range: 0.02,
    use_cache: true,
    bos_token_id: config.bosTokenId ?? null,
    eos_token_id: config.eosTokenIds.length > 1 ? config.eosTokenIds : (config.eosTokenIds[0] ?? null),
    pad_token_id: config.padTokenId ?? null,
    torch_dtype: dtype,
  };
}

function supportedArchitecture(json: unknown, file: string): Architecture {
  const found = (json as { architectures?: unknown } | null)?.architectures;
  const supported = ARCHITECTURES.find((name) => Array.isArray(found) && found.includes(name));
  if (supported) return supported;
  throw new ConfigError(
    `${file}: architectures: expected one of ${ARCHITECTURES.join(", ")}, got ${JSON.stringify(found)}`,
    {
      hint: "Choose a model of the Llama, Qwen2 or Qwen3 family; others can be served behind an OpenAI-compatible endpoint.",
    },
  );
}

function parseRopeScaling(json: RopeJson, maxPositions: number, file: string): RopeScaling | undefined {
  const type = json.rope_type ?? json.type ?? "default";
  if (type === "default") return undefined;
  const need = (key: "factor" | "low_freq_factor" | "high_freq_factor" | "original_max_position_embeddings") => {
    const value = json[key];
    if (value === undefined)
      throw new ConfigError(`${file}: rope_scaling.${key}: ${type} scaling needs it, found nothing`);
    return value;
  };
  if (type === "linear") return { rope_type: type, factor: need("factor") };
  if (type === "llama3") {
    return {
      rope_type: type,
      factor: need("factor"),
      low_freq_factor: need("low_freq_factor"),
      high_freq_factor: need("high_freq_factor"),
      original_max_position_embeddings: need("original_max_position_embeddings"),
    };
  }
  const stretch = need("factor");
  return {
    rope_type: type,
    factor: stretch,
    original_max_position_embeddings: json.original_max_position_embeddings ?? maxPositions,
    beta_fast: json.beta_fast ?? 32,
    beta_slow: json.beta_slow ?? 1,
    attention_factor: json.attention_factor ?? yarnAttentionFactor(stretch, json.mscale, json.mscale_all_dim),
  };
}

/** Peng et al. 2023, arXiv 2309.00071, eq. 22, with the two multipliers that DeepSeek added. */
function yarnAttentionFactor(stretch: number, mscale?: number | null, mscaleAllDim?: number | null): number {
  const scale = (multiplier: number) => (stretch <= 1 ? 1 : 0.1 * multiplier * Math.log(stretch) + 1);
  return mscale && mscaleAllDim ? scale(mscale) / scale(mscaleAllDim) : scale(1);
}

function checkDecoderConfig(config: DecoderConfig, file: string): DecoderConfig {
  const { headCount, kvHeadCount, headDim, vocabSize } = config;
  const fault = (field: string, problem: string, hint: string) =>
    new ConfigError(`${file}: ${field}: ${problem}`, { hint });
  if (headCount % kvHeadCount !== 0) {
    throw fault(
      "num_key_value_heads",
      `${kvHeadCount} does not divide num_attention_heads ${headCount}`,
      "Use a divisor.",
    );
  }
  if (headDim % 2 !== 0) throw fault("head_dim", `${headDim} is odd`, "Rotary positions pair up the halves of a head.");
  const outside = config.eosTokenIds.find((id) => id >= vocabSize);
  if (outside !== undefined)
    throw fault("eos_token_id", `${outside} is outside vocab_size ${vocabSize}`, "Mend either.");
  return config;
}
