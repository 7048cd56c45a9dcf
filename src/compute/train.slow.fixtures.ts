/** Trains a small language model into the checkpoint folder it is given; for train.slow.test.ts. */
import { type numpy as np, tree } from "@jax-js/jax";
import { Random } from "../core/random.ts";
import { type AttentionParams, attention, initAttention } from "./layers/attention.ts";
import { crossEntropy } from "./layers/cross-entropy.ts";
import { type EmbeddingParams, embedding, initEmbedding } from "./layers/embedding.ts";
import { initLinear, type LinearParams, linear } from "./layers/linear.ts";
import { initRmsNorm, type RmsNormParams, rmsNorm } from "./layers/rms-norm.ts";
import { adamw } from "./optim/adamw.ts";
import { cosine } from "./schedules.ts";
import { Tensor } from "./tensor.ts";
import { train } from "./train.ts";

const [vocab, dim, heads, seq, size] = [32, 32, 2, 16, 8];
const steps = 120;

type Params = { embed_tokens: EmbeddingParams; norm: RmsNormParams; self_attn: AttentionParams; lm_head: LinearParams };
type Batch = { tokens: np.Array; targets: np.Array };

function loss(params: Params, { tokens, targets }: Batch): np.Array {
  const x = embedding(params.embed_tokens, tokens);
  const mixed = attention(params.self_attn, rmsNorm(params.norm, x.ref), { heads, causal: true });
  const logits = linear(params.lm_head, x.add(mixed));
  tree.dispose(params);
  return crossEntropy(logits.reshape([size * seq, vocab]), targets.reshape([size * seq]));
}

function batch(_step: number, rng: Random) {
  const tokens = Int32Array.from({ length: size * seq }, () => rng.int(0, vocab - 1));
  const targets = tokens.map((token, i) => (i % seq === 0 ? token : tokens[i - 1]!)); // repeat the one before
  return { tokens: Tensor.from(tokens, [size, seq]), targets: Tensor.from(targets, [size, seq]) };
}

const rng = new Random(1);
await train<Params, Batch>({
  params: {
    embed_tokens: initEmbedding(rng.split("embed_tokens"), { vocab, dim }),
    norm: initRmsNorm(dim),
    self_attn: initAttention(rng.split("self_attn"), { dim, heads }),
    lm_head: initLinear(rng.split("lm_head"), { in: dim, out: vocab, bias: false }),
  },
  loss,
  batch,
  optimizer: adamw(),
  schedule: cosine({ peak: 1e-3, steps, warmup: 5 }),
  steps,
  seed: 3,
  clipNorm: 1,
  ema: 0.99,
  checkpointDir: process.argv[2]!,
  checkpointEvery: 7,
});
