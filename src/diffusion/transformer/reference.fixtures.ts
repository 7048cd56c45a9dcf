/** LightningDiT once more, in plain loops and float64, from the published description: what the program is held to. */
import type { DitConfig } from "./config.ts";

type Vector = number[];
/** Weights by their official names; rows of a matrix are outputs. */
export type Weights = (name: string) => { shape: readonly number[]; values: ArrayLike<number> };

/** @returns the velocity of one example, channel by channel, row by row */
export function referenceDit(
  weights: Weights,
  latents: Vector,
  time: number,
  label: number,
  config: DitConfig,
): Vector {
  const { width, heads, patch, grid, channels, depth } = config;
  const side = grid / patch;
  const apply = (name: string, x: Vector): Vector => {
    const { values: w } = weights(`${name}.weight`);
    const { values: b } = weights(`${name}.bias`);
    return Array.from(b, (bias, row) => x.reduce((sum, value, i) => sum + value * w[row * x.length + i]!, bias));
  };
  const silu = (x: number) => x / (1 + Math.exp(-x));
  const rms = (x: Vector, name: string) => {
    const scale = 1 / Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length + 1e-6);
    return x.map((v, i) => v * scale * weights(`${name}.weight`).values[i]!);
  };
  const layer = (x: Vector, epsilon: number, name?: string) => {
    const mean = x.reduce((sum, v) => sum + v, 0) / x.length;
    const variance = x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.length;
    const even = x.map((v) => (v - mean) / Math.sqrt(variance + epsilon));
    if (!name) return even;
    return even.map((v, i) => v * weights(`${name}.weight`).values[i]! + weights(`${name}.bias`).values[i]!);
  };
  const norm = (x: Vector, name: string) => (config.rmsNorm ? rms(x, name) : layer(x, 1e-6));
  const headNorm = (x: Vector, name: string) => {
    if (!config.qkNorm) return x;
    return config.rmsNorm ? rms(x, name) : layer(x, 1e-5, name);
  };

  const frequencies = Array.from({ length: 128 }, (_, i) => Math.exp((-Math.log(10000) * i) / 128));
  const sinusoid = [...frequencies.map((f) => Math.cos(time * f)), ...frequencies.map((f) => Math.sin(time * f))];
  const embedded = apply("t_embedder.mlp.2", apply("t_embedder.mlp.0", sinusoid).map(silu));
  const table = weights("y_embedder.embedding_table.weight").values;
  const condition = embedded.map((v, i) => silu(v + table[label * width + i]!));

  const kernel = weights("x_embedder.proj.weight").values;
  let tokens = Array.from({ length: side * side }, (_, token) => {
    const [row, column] = [Math.floor(token / side), token % side];
    return Array.from({ length: width }, (_, out) => {
      let sum = weights("x_embedder.proj.bias").values[out]!;
      for (let c = 0; c < channels; c++)
        for (let p = 0; p < patch; p++)
          for (let q = 0; q < patch; q++)
            sum +=
              kernel[((out * channels + c) * patch + p) * patch + q]! *
              latents[(c * grid + row * patch + p) * grid + column * patch + q]!;
      const half = width / 2;
      const place = out < half ? column : row;
      const i = out % half;
      const angle = place / 10000 ** ((i % (half / 2)) / (half / 2));
      return sum + (i < half / 2 ? Math.sin(angle) : Math.cos(angle));
    });
  });

  const headDim = width / heads;
  const turn = (x: Vector, token: number): Vector => {
    if (!config.rope) return x;
    const places = [Math.floor(token / side), token % side];
    return x.map((v, i) => {
      const local = i % (headDim / 2);
      const angle = places[i < headDim / 2 ? 0 : 1]! / 10000 ** ((2 * Math.floor(local / 2)) / (headDim / 2));
      const partner = i % 2 === 0 ? -x[i + 1]! : x[i - 1]!;
      return v * Math.cos(angle) + partner * Math.sin(angle);
    });
  };
  const cut = (x: Vector, parts: number) =>
    Array.from({ length: parts }, (_, i) => x.slice((i * x.length) / parts, ((i + 1) * x.length) / parts));
  for (let index = 0; index < depth; index++) {
    const name = `blocks.${index}`;
    const pieces = cut(apply(`${name}.adaLN_modulation.1`, condition), config.shift ? 6 : 4);
    const none = new Array<number>(width).fill(0);
    const [b1, s1, g1, b2, s2, g2] = (
      config.shift ? pieces : [none, pieces[0], pieces[1], none, pieces[2], pieces[3]]
    ) as Vector[];
    const modulate = (x: Vector, shift: Vector, scale: Vector) => x.map((v, i) => v * (1 + scale[i]!) + shift[i]!);
    const joint = tokens.map((x) => cut(apply(`${name}.attn.qkv`, modulate(norm(x, `${name}.norm1`), b1!, s1!)), 3));
    const head = (x: Vector, h: number) => x.slice(h * headDim, (h + 1) * headDim);
    const q = joint.map(([x], t) =>
      Array.from({ length: heads }, (_, h) => turn(headNorm(head(x!, h), `${name}.attn.q_norm`), t)),
    );
    const k = joint.map(([, x], t) =>
      Array.from({ length: heads }, (_, h) => turn(headNorm(head(x!, h), `${name}.attn.k_norm`), t)),
    );
    const attended = tokens.map((_, t) =>
      Array.from({ length: heads }, (_, h) => {
        const powers = k.map((key) =>
          Math.exp(q[t]![h]!.reduce((sum, v, i) => sum + v * key[h]![i]!, 0) / Math.sqrt(headDim)),
        );
        const total = powers.reduce((sum, v) => sum + v, 0);
        return Array.from({ length: headDim }, (_, i) =>
          powers.reduce((sum, power, other) => sum + (power / total) * joint[other]![2]![h * headDim + i]!, 0),
        );
      }).flat(),
    );
    tokens = tokens.map((x, t) => apply(`${name}.attn.proj`, attended[t]!).map((v, i) => x[i]! + g1![i]! * v));
    tokens = tokens.map((x) => {
      const y = modulate(norm(x, `${name}.norm2`), b2!, s2!);
      let out: Vector;
      if (config.swiglu) {
        const [gate, up] = cut(apply(`${name}.mlp.w12`, y), 2);
        out = apply(
          `${name}.mlp.w3`,
          gate!.map((v, i) => silu(v) * up![i]!),
        );
      } else {
        const tanh = (v: number) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)));
        out = apply(`${name}.mlp.fc2`, apply(`${name}.mlp.fc1`, y).map(tanh));
      }
      return out.map((v, i) => x[i]! + g2![i]! * v);
    });
  }
  const [shift, scale] = cut(apply("final_layer.adaLN_modulation.1", condition), 2);
  const outputs = tokens.map((x) =>
    apply(
      "final_layer.linear",
      norm(x, "final_layer.norm_final").map((v, i) => v * (1 + scale![i]!) + shift![i]!),
    ),
  );
  const velocity = new Array<number>(channels * grid * grid);
  for (const [token, x] of outputs.entries())
    for (const [at, v] of x.entries()) {
      const [p, q, c] = [Math.floor(at / (patch * channels)), Math.floor(at / channels) % patch, at % channels];
      velocity[(c * grid + Math.floor(token / side) * patch + p) * grid + (token % side) * patch + q] = v;
    }
  return velocity;
}
