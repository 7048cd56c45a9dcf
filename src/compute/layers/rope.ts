/**
 * Rotary position embedding: each pair of head dimensions is turned by position · frequency.
 * Source: Su et al. 2021, "RoFormer", eq. 34; the pairs are (i, i + headDim/2), the "rotate_half" layout of
 * Llama and Qwen2 checkpoints. Scaling for longer contexts as in Hugging Face's modeling_rope_utils.
 */
import { numpy as np } from "@jax-js/jax";
import { ConfigError } from "../../core/errors.ts";
import { expectAxes } from "../axes.ts";

/** `rope_scaling` of a config.json, with its keys. */
export type RopeScaling =
  /** Positions are divided by `factor` (Chen et al. 2023, arXiv 2306.15595). */
  | { rope_type: "linear"; factor: number }
  /** Long wavelengths are divided by `factor`, short ones kept, those between blended (Llama 3.1). */
  | {
      rope_type: "llama3";
      factor: number;
      low_freq_factor: number;
      high_freq_factor: number;
      original_max_position_embeddings: number;
    }
  /** The same idea by number of rotations, and a temperature on the logits (Peng et al. 2023, arXiv 2309.00071). */
  | {
      rope_type: "yarn";
      factor: number;
      original_max_position_embeddings: number;
      beta_fast?: number;
      beta_slow?: number;
      attention_factor?: number;
    };

export interface RopeOptions {
  /** Base of the frequencies; default 10000. */
  theta?: number;
  scaling?: RopeScaling;
}

/** What to turn by: cosines and sines, both [batch, seq, 1, headDim/2]. Worth making once and sharing by all layers. */
export type RopeTables = { cos: np.Array; sin: np.Array };

/**
 * @param positions consumed; [batch, seq], integers or floats; batch may be 1
 * @throws ConfigError when `headDim` is odd
 */
export function ropeTables(
  positions: np.Array,
  { headDim, ...options }: RopeOptions & { headDim: number },
): RopeTables {
  expectAxes("rope: positions", positions, ["batch", "seq"]);
  const { frequencies, amplitude } = ropeFrequencies(headDim, options);
  const dtype = positions.dtype === np.float64 ? np.float64 : np.float32;
  const turns = np.array(frequencies, { dtype }).reshape([1, 1, 1, headDim / 2]);
  const [batch, seq] = positions.shape;
  const angles = positions.astype(dtype).reshape([batch!, seq!, 1, 1]).mul(turns);
  const cos = np.cos(angles.ref);
  const sin = np.sin(angles);
  return amplitude === 1 ? { cos, sin } : { cos: cos.mul(amplitude), sin: sin.mul(amplitude) };
}

/**
 * @param x consumed; [batch, seq, heads, headDim]
 * @param tables borrowed
 */
export function applyRope(x: np.Array, { cos, sin }: RopeTables): np.Array {
  const half = cos.shape[3]!;
  expectAxes("rope: x", x, ["batch", "seq", "heads", ["headDim", 2 * half]]);
  const [first, second] = np.split(x, 2, -1) as [np.Array, np.Array];
  const turnedFirst = first.ref.mul(cos.ref).sub(second.ref.mul(sin.ref));
  const turnedSecond = second.mul(cos.ref).add(first.mul(sin.ref));
  return np.concatenate([turnedFirst, turnedSecond], -1);
}

/**
 * `applyRope` with tables of its own.
 * @param x consumed; [batch, seq, heads, headDim]
 * @param positions consumed; [batch, seq]
 */
export function rope(x: np.Array, positions: np.Array, options: RopeOptions = {}): np.Array {
  const [, , , headDim] = expectAxes("rope: x", x, ["batch", "seq", "heads", "headDim"]);
  const tables = ropeTables(positions, { ...options, headDim });
  const turned = applyRope(x, tables);
  tables.cos.dispose();
  tables.sin.dispose();
  return turned;
}

/**
 * Radians per position for each pair of dimensions, and the factor that yarn puts on both tables.
 * Computed on the host in float64.
 */
export function ropeFrequencies(
  headDim: number,
  { theta = 10000, scaling }: RopeOptions = {},
): { frequencies: number[]; amplitude: number } {
  if (headDim % 2 !== 0) throw new ConfigError(`rope: headDim ${headDim} is odd, but dimensions turn in pairs`);
  const base = Array.from({ length: headDim / 2 }, (_, pair) => theta ** ((-2 * pair) / headDim));
  if (!scaling) return { frequencies: base, amplitude: 1 };
  const { factor } = scaling;
  switch (scaling.rope_type) {
    case "linear":
      return { frequencies: base.map((frequency) => frequency / factor), amplitude: 1 };
    case "llama3": {
      const { low_freq_factor: low, high_freq_factor: high, original_max_position_embeddings: context } = scaling;
      const frequencies = base.map((frequency) => {
        const rotations = (context * frequency) / (2 * Math.PI); // over the original context
        const keep = clamp((rotations - low) / (high - low)); // 1: as it was, 0: divided
        return keep * frequency + ((1 - keep) * frequency) / factor;
      });
      return { frequencies, amplitude: 1 };
    }
    case "yarn": {
      const { original_max_position_embeddings: context, beta_fast = 32, beta_slow = 1 } = scaling;
      const pairWithRotations = (rotations: number) =>
        (headDim * Math.log(context / (rotations * 2 * Math.PI))) / (2 * Math.log(theta));
      const low = Math.max(Math.floor(pairWithRotations(beta_fast)), 0);
      const high = Math.min(Math.ceil(pairWithRotations(beta_slow)), headDim - 1);
      const frequencies = base.map((frequency, pair) => {
        const keep = 1 - clamp((pair - low) / Math.max(high - low, 0.001));
        return keep * frequency + ((1 - keep) * frequency) / factor;
      });
      return { frequencies, amplitude: scaling.attention_factor ?? (factor > 1 ? 0.1 * Math.log(factor) + 1 : 1) };
    }
    default:
      throw new ConfigError(`rope: unknown scaling type "${(scaling as { rope_type: string }).rope_type}"`, {
        hint: "Supported are linear, llama3 and yarn.",
      });
  }
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
