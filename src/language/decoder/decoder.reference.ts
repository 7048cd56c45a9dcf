/**
 * For tests only: the decoder again, in plain float64 loops over one sequence, sharing no code with the real one.
 * Written from the papers and the transformers documentation: Llama (RMS norm, rotary halves, SwiGLU, grouped-query
 * attention, llama3 rope scaling), Qwen2 (biases on q, k, v), Qwen3 (norm on each head of q and k).
 */
import type { DecoderConfig } from "./config.ts";

/** Weights by Hugging Face name, row-major. */
export type ReferenceWeights = ReadonlyMap<string, ArrayLike<number>>;

/** @returns logits[position][token] of one text that starts at position 0 */
export function referenceLogits(
  config: DecoderConfig,
  weights: ReferenceWeights,
  tokens: readonly number[],
): number[][] {
  const { hiddenSize, headCount, kvHeadCount, headDim } = config;
  const get = (name: string) => {
    const values = weights.get(name);
    if (!values) throw new Error(`reference: no tensor ${name}`);
    return values;
  };
  const embed = get("model.embed_tokens.weight");
  const states = tokens.map((token) => Array.from({ length: hiddenSize }, (_, i) => embed[token * hiddenSize + i]!));

  for (let layer = 0; layer < config.layerCount; layer++) {
    const prefix = `model.layers.${layer}`;
    const project = (name: string, x: number[]) =>
      affine(x, get(`${prefix}.${name}.weight`), weights.get(`${prefix}.${name}.bias`));
    const keys: number[][] = [];
    const values: number[][] = [];
    for (let position = 0; position < tokens.length; position++) {
      const state = states[position]!;
      const normed = rmsNormalise(state, get(`${prefix}.input_layernorm.weight`), config.rmsNormEps);
      const heads = (name: "q" | "k", flat: number[]) => {
        const norm = weights.get(`${prefix}.self_attn.${name}_norm.weight`);
        const rows = chunk(flat, headDim).map((head) => (norm ? rmsNormalise(head, norm, config.rmsNormEps) : head));
        return rows.flatMap((head) => rotate(head, position, config));
      };
      const query = heads("q", project("self_attn.q_proj", normed));
      keys.push(heads("k", project("self_attn.k_proj", normed)));
      values.push(project("self_attn.v_proj", normed));

      const mixed: number[] = [];
      for (let head = 0; head < headCount; head++) {
        const shared = Math.floor((head * kvHeadCount) / headCount) * headDim;
        const scores = keys.map((key) => {
          let score = 0;
          for (let i = 0; i < headDim; i++) score += query[head * headDim + i]! * key[shared + i]!;
          return score / Math.sqrt(headDim);
        });
        const highest = Math.max(...scores);
        const exps = scores.map((score) => Math.exp(score - highest));
        const total = exps.reduce((sum, value) => sum + value, 0);
        for (let i = 0; i < headDim; i++) {
          mixed.push(values.reduce((sum, value, at) => sum + (exps[at]! / total) * value[shared + i]!, 0));
        }
      }
      addTo(state, project("self_attn.o_proj", mixed));

      const second = rmsNormalise(state, get(`${prefix}.post_attention_layernorm.weight`), config.rmsNormEps);
      const gate = project("mlp.gate_proj", second);
      const up = project("mlp.up_proj", second);
      addTo(
        state,
        project(
          "mlp.down_proj",
          gate.map((value, i) => (value / (1 + Math.exp(-value))) * up[i]!),
        ),
      );
    }
  }
  const head = config.tieWordEmbeddings ? embed : get("lm_head.weight");
  return states.map((state) => affine(rmsNormalise(state, get("model.norm.weight"), config.rmsNormEps), head));
}

function affine(x: number[], weight: ArrayLike<number>, bias?: ArrayLike<number>): number[] {
  const out: number[] = [];
  for (let row = 0; row < weight.length / x.length; row++) {
    let sum = bias ? bias[row]! : 0;
    for (let i = 0; i < x.length; i++) sum += weight[row * x.length + i]! * x[i]!;
    out.push(sum);
  }
  return out;
}

function rmsNormalise(x: number[], weight: ArrayLike<number>, epsilon: number): number[] {
  const meanSquare = x.reduce((sum, value) => sum + value * value, 0) / x.length;
  return x.map((value, i) => (value / Math.sqrt(meanSquare + epsilon)) * weight[i]!);
}

function rotate(head: number[], position: number, { ropeTheta, ropeScaling }: DecoderConfig): number[] {
  const half = head.length / 2;
  const out = [...head];
  for (let i = 0; i < half; i++) {
    let frequency = 1 / ropeTheta ** (i / half);
    if (ropeScaling?.rope_type === "linear") frequency /= ropeScaling.factor;
    if (ropeScaling?.rope_type === "llama3") {
      const wavelength = (2 * Math.PI) / frequency;
      const { factor, low_freq_factor: low, high_freq_factor: high } = ropeScaling;
      const context = ropeScaling.original_max_position_embeddings;
      if (wavelength > context / low) frequency /= factor;
      else if (wavelength > context / high) {
        const smooth = (context / wavelength - low) / (high - low);
        frequency = ((1 - smooth) * frequency) / factor + smooth * frequency;
      }
    }
    if (ropeScaling?.rope_type === "yarn") throw new Error("reference: yarn is not covered");
    const [cos, sin] = [Math.cos(position * frequency), Math.sin(position * frequency)];
    out[i] = head[i]! * cos - head[i + half]! * sin;
    out[i + half] = head[i + half]! * cos + head[i]! * sin;
  }
  return out;
}

function chunk(flat: number[], size: number): number[][] {
  return Array.from({ length: flat.length / size }, (_, i) => flat.slice(i * size, (i + 1) * size));
}

function addTo(target: number[], addend: number[]): void {
  for (const [i, value] of addend.entries()) target[i]! += value;
}
