/** Programs of the size that matters: gradients of any test program, a decoder's training step, an autoencoder's. */
import { grad, type Array as JaxArray, lax, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { Tensor } from "../tensor.ts";
import { integers, normal, type TestProgram } from "./programs.fixtures.ts";

type Arrays = [JaxArray, JaxArray, JaxArray];

/** Sum of the float results, each element weighted differently: its gradient tells the axes apart. */
export function gradientsOf({ fn }: TestProgram, floatInputs: number[]): (...args: JaxArray[]) => unknown {
  const weighted = (...args: JaxArray[]) => {
    const results = tree.leaves(fn(...args)) as JaxArray[];
    return results
      .map((result) => {
        const weights = Float32Array.from({ length: result.size }, (_, index) => Math.cos(0.7 * index));
        return result.mul(np.array(weights, { shape: result.shape })).sum();
      })
      .reduce((a, b) => a.add(b));
  };
  return grad(weighted as any, { argnums: floatInputs as any }) as any;
}

/** One AdamW step of a two-layer decoder with tied shapes of all kinds: the program that matters most. */
export function decoderStep({
  vocab = 11,
  dim = 16,
  heads = 2,
  tokens = 6,
  batch = 3,
  hidden = 24,
  layerCount = 2,
} = {}) {
  const headDim = dim / heads;
  const linear = (x: JaxArray, w: JaxArray) => np.dot(x, w.ref.transpose());
  const norm = (x: JaxArray, gain: JaxArray) => {
    const scale = np.sqrt(np.mean(np.square(x.ref), -1, { keepdims: true }).add(1e-6));
    return x.div(scale).mul(gain.ref);
  };
  const loss = (params: any, ids: JaxArray, targets: JaxArray) => {
    let x = np.take(params.embed.ref, ids, 0).add(params.position.ref) as JaxArray;
    for (const layer of params.layers) {
      const normed = norm(x.ref, layer.norm1);
      const [q, k, v] = [layer.q, layer.k, layer.v].map((w) =>
        linear(normed.ref, w).reshape([batch, tokens, heads, headDim]),
      ) as Arrays;
      normed.dispose();
      const mixed = nn.dotProductAttention(q, k, v, { isCausal: true }).reshape([batch, tokens, dim]);
      x = x.add(linear(mixed, layer.o));
      const inner = norm(x.ref, layer.norm2);
      x = x.add(linear(nn.silu(linear(inner.ref, layer.gate)).mul(linear(inner, layer.up)), layer.down));
    }
    const logits = linear(x, params.embed);
    tree.dispose(params);
    const logprobs = np.takeAlongAxis(nn.logSoftmax(logits, -1), targets.reshape([batch, tokens, 1]), -1);
    return logprobs.mean().neg();
  };
  const step = (state: any, ids: JaxArray, targets: JaxArray, lr: JaxArray) => {
    const [value, grads] = valueAndGrad(loss as any)(tree.ref(state.params), ids, targets) as [JaxArray, any];
    const m = tree.map((old: JaxArray, g: JaxArray) => old.mul(0.9).add(g.ref.mul(0.1)), state.m, grads);
    const v = tree.map((old: JaxArray, g: JaxArray) => old.mul(0.99).add(np.square(g).mul(0.01)), state.v, grads);
    const update = (p: JaxArray, a: JaxArray, b: JaxArray) =>
      p.ref.sub(lr.ref.mul(a.ref.div(np.sqrt(b.ref).add(1e-8)).add(p.mul(0.01))));
    const params = tree.map(update, state.params, m, v);
    lr.dispose();
    return [{ params, m, v }, value];
  };
  let seed = 0;
  const weight = (...shape: number[]) => {
    const values = normal(shape, seed++).host as Float32Array;
    return Tensor.from(
      values.map((value) => value * 0.3),
      shape,
    );
  };
  const ones = (...shape: number[]) => Tensor.from(new Float32Array(shape.reduce((a, b) => a * b)).fill(1), shape);
  const params = {
    embed: weight(vocab, dim),
    position: weight(tokens, dim),
    layers: Array.from({ length: layerCount }, () => ({
      norm1: ones(dim),
      q: weight(dim, dim),
      k: weight(dim, dim),
      v: weight(dim, dim),
      o: weight(dim, dim),
      norm2: ones(dim),
      gate: weight(hidden, dim),
      up: weight(hidden, dim),
      down: weight(dim, hidden),
    })),
  };
  const zeros = () => tree.map((t: any) => Tensor.from(new Float32Array(t.size), t.shape), params as any);
  const state = { params, m: zeros(), v: zeros() };
  const ids = (at: number) => integers([batch, tokens], 0, vocab, at);
  return { step, loss, state, batch: (at: number) => [ids(at), ids(at + 1)] as const };
}

/** Loss and gradients of a small convolutional autoencoder: strided down, transposed up. */
export function autoencoder() {
  const loss = (params: any, x: JaxArray) => {
    const conv = (h: JaxArray, w: JaxArray, stride: number) =>
      lax.convGeneralDilated(
        h,
        w.ref,
        [stride, stride],
        [
          [1, 1],
          [1, 1],
        ],
      );
    let h = nn.silu(conv(x.ref, params.in, 1));
    h = nn.silu(conv(h, params.down, 2));
    h = lax.convGeneralDilated(
      h,
      params.up.ref,
      [1, 1],
      [
        [1, 2],
        [1, 2],
      ],
      { lhsDilation: [2, 2] },
    );
    h = conv(nn.silu(h), params.out, 1);
    tree.dispose(params);
    return np.square(h.sub(x)).mean();
  };
  // Small, because jax-js's silu has no gradient where exp(-x) is infinite: NaN equals NaN in a comparison.
  const small = (shape: readonly number[], seed: number) =>
    Tensor.from(
      Float32Array.from(normal(shape, seed).host!, (value) => 0.2 * Number(value)),
      shape,
    );
  const params = {
    in: small([4, 3, 3, 3], 1),
    down: small([6, 4, 3, 3], 2),
    up: small([4, 6, 3, 3], 3),
    out: small([3, 4, 3, 3], 4),
  };
  return { fn: valueAndGrad(loss as any), params, x: normal([2, 3, 8, 6], 5) };
}
