/** The two feed-forward blocks of transformers, keyed as in Hugging Face checkpoints. */
import type { numpy as np } from "@jax-js/jax";
import type { Random } from "../../core/random.ts";
import type { Initializer } from "../init.ts";
import type { Outside } from "../tensor.ts";
import { gelu, silu } from "./activations.ts";
import { initLinear, type LinearParams, linear } from "./linear.ts";

export type SwigluParams = {
  gate_proj: LinearParams; // [hidden, dim]
  up_proj: LinearParams; // [hidden, dim]
  down_proj: LinearParams; // [dim, hidden]
};

/**
 * down(silu(gate(x)) · up(x)).
 * Source: Shazeer 2020, "GLU Variants Improve Transformer", eq. 6 (FFN_SwiGLU); as in Llama and Qwen2.
 * @param params borrowed
 * @param x consumed; [..., dim]
 */
export function swiglu({ gate_proj, up_proj, down_proj }: SwigluParams, x: np.Array): np.Array {
  const gate = silu(linear(gate_proj, x.ref));
  return linear(down_proj, gate.mul(linear(up_proj, x)));
}

export type GeluMlpParams = {
  fc1: LinearParams; // [hidden, dim]
  fc2: LinearParams; // [dim, hidden]
};

/**
 * fc2(gelu(fc1(x))), as in ViT, CLIP and DiT.
 * Source: Vaswani et al. 2017, eq. 2, with GELU in place of ReLU.
 * @param params borrowed
 * @param x consumed; [..., dim]
 * @param options.gelu default "exact"; DiT, GPT-2 and SigLIP use "tanh"
 */
export function geluMlp({ fc1, fc2 }: GeluMlpParams, x: np.Array, options: { gelu?: "exact" | "tanh" } = {}): np.Array {
  return linear(fc2, gelu(linear(fc1, x), options.gelu));
}

export interface MlpInit {
  dim: number;
  hidden: number;
  /** Of every projection. */
  bias?: boolean;
  init?: Initializer;
}

/** Without biases by default, as in Llama. */
export function initSwiglu(rng: Random, { dim, hidden, bias = false, init }: MlpInit): Outside<SwigluParams> {
  return {
    gate_proj: initLinear(rng.split("gate_proj"), { in: dim, out: hidden, bias, init }),
    up_proj: initLinear(rng.split("up_proj"), { in: dim, out: hidden, bias, init }),
    down_proj: initLinear(rng.split("down_proj"), { in: hidden, out: dim, bias, init }),
  };
}

/** With biases by default, as in ViT. */
export function initGeluMlp(rng: Random, { dim, hidden, bias = true, init }: MlpInit): Outside<GeluMlpParams> {
  return {
    fc1: initLinear(rng.split("fc1"), { in: dim, out: hidden, bias, init }),
    fc2: initLinear(rng.split("fc2"), { in: hidden, out: dim, bias, init }),
  };
}
