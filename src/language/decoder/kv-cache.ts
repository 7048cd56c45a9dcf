/**
 * The two programs of token-by-token decoding: read prompts, and read one more token per row.
 *
 * Programs have fixed shapes and cannot write at a computed place, so a cache that went through them would be copied
 * whole at each step. A step therefore only reads the cache and returns the new token's keys and values, which
 * decoding-session.ts writes to their place on the host.
 */
import "../../compute/compile.ts"; // before jax-js, which looks for workers when it is loaded
import { lax, nn, numpy as np, tree } from "@jax-js/jax";
import { compile } from "../../compute/compile.ts";
import { scaledDotProductAttention } from "../../compute/layers/attention.ts";
import type { DecoderConfig } from "./config.ts";
import { type DecoderParams, decoderStack, outputLogits } from "./decoder.ts";

/** Keys (already rotated) and values of one layer, [batch, kvHeads, slots, headDim] each. */
export type LayerCache = { keys: np.Array; values: np.Array };
export type TokenInputs = { tokens: np.Array; lengths: np.Array };

/**
 * Reads whole prompts.
 * @param params borrowed
 * @param inputs consumed; tokens [batch, seq] padded at the right, lengths [batch] int32
 * @returns logits of what follows each prompt [batch, vocab], and the cache with `seq` slots
 */
export function prefill(params: DecoderParams, config: DecoderConfig, inputs: TokenInputs) {
  const [batch, seq] = inputs.tokens.shape as [number, number];
  const cache: LayerCache[] = [];
  const positions = np.arange(seq).astype(np.int32).reshape([1, seq]);
  const hidden = decoderStack(params, config, inputs.tokens, positions, (q, k, v) => {
    cache.push({ keys: k.ref.transpose([0, 2, 1, 3]), values: v.ref.transpose([0, 2, 1, 3]) });
    return scaledDotProductAttention(q, k, v, { causal: true }); // padding is in the future of every real token
  });
  const firsts = np.arange(batch).astype(np.int32).mul(seq);
  const last = np.take(hidden.reshape([batch * seq, config.hiddenSize]), firsts.add(inputs.lengths).sub(1), 0);
  return { logits: outputLogits(params, last), cache };
}

/**
 * Reads one token per row.
 * @param params borrowed
 * @param cache consumed; slots from a row's length on are ignored
 * @param inputs consumed; tokens [batch] and lengths [batch] int32, the number of tokens read before
 * @returns logits of what follows [batch, vocab], and the tokens' own keys and values [batch, kvHeads, 1, headDim]
 */
export function decodeStep(params: DecoderParams, config: DecoderConfig, cache: LayerCache[], inputs: TokenInputs) {
  const { tokens, lengths } = inputs;
  const { headCount, kvHeadCount, headDim, hiddenSize } = config;
  const [batch, , slots] = cache[0]!.keys.shape as [number, number, number];
  const isFilled = np
    .arange(slots)
    .astype(np.int32)
    .reshape([1, slots])
    .less(lengths.ref.reshape([batch, 1]));
  const bias = np.where(isFilled, 0, -1e30).reshape([batch, 1, 1, slots]);

  const added: LayerCache[] = [];
  const perHead = { lhsBatchDims: [0, 1], rhsBatchDims: [0, 1], lhsContractingDims: [3] };
  const hidden = decoderStack(
    params,
    config,
    tokens.reshape([batch, 1]),
    lengths.reshape([batch, 1]),
    (q, k, v, layer) => {
      const key = k.reshape([batch, kvHeadCount, 1, headDim]);
      const value = v.reshape([batch, kvHeadCount, 1, headDim]);
      added.push({ keys: key.ref, values: value.ref });
      // The query heads that share a key are the rows of one product.
      const query = q.mul(headDim ** -0.5).reshape([batch, kvHeadCount, headCount / kvHeadCount, headDim]);
      const past = lax.dot(query.ref, cache[layer]!.keys, { ...perHead, rhsContractingDims: [3] }).add(bias.ref);
      const own = query.mul(key).sum(-1, { keepdims: true });
      const weights = nn.softmax(np.concatenate([past, own], -1), -1); // [batch, kvHeads, group, slots + 1]
      const [pastWeights, ownWeight] = np.split(weights, [slots], -1) as [np.Array, np.Array];
      const fromPast = lax.dot(pastWeights, cache[layer]!.values, { ...perHead, rhsContractingDims: [2] });
      return fromPast.add(ownWeight.mul(value)).reshape([batch, 1, headCount, headDim]);
    },
  );
  bias.dispose();
  return { logits: outputLogits(params, hidden.reshape([batch, hiddenSize])), added };
}

/** Compiled once per model and shared by all its sessions. Inside a program parameters are consumed, hence the disposals. */
export function compileDecoder(config: DecoderConfig) {
  const readPrompts = (params: DecoderParams, inputs: TokenInputs) => {
    const result = prefill(params, config, inputs);
    tree.dispose(params);
    return result;
  };
  const readTokens = (params: DecoderParams, cache: LayerCache[], inputs: TokenInputs) => {
    const result = decodeStep(params, config, cache, inputs);
    tree.dispose(params);
    return result;
  };
  const programs = {
    prefill: compile(readPrompts, { name: "prefill" }),
    step: compile(readTokens, { name: "decode step" }),
  };
  const dispose = () => {
    programs.prefill.dispose();
    programs.step.dispose();
  };
  return { ...programs, dispose };
}

export type DecoderPrograms = ReturnType<typeof compileDecoder>;
