/**
 * A sequence classifier of two labels: a decoder's body and a linear score of the last token.
 * Source: spec section 2.2: the reward model of HuatuoGPT-o1 is such a classifier, and p = softmax(logits)[1]. The names
 * of its parameters are those of transformers' LlamaForSequenceClassification and Qwen2ForSequenceClassification.
 */
import "../../../compute/compile.ts"; // before jax-js, which looks for workers when it is loaded
import { nn, numpy as np, tree } from "@jax-js/jax";
import { compile } from "../../../compute/compile.ts";
import { normal } from "../../../compute/init.ts";
import { crossEntropy } from "../../../compute/layers/cross-entropy.ts";
import { type LinearParams, linear } from "../../../compute/layers/linear.ts";
import { type Outside, Tensor } from "../../../compute/tensor.ts";
import { disposeTree } from "../../../compute/tree.ts";
import type { Random } from "../../../core/random.ts";
import { decoderHidden } from "../../../language/decoder/decoder.ts";
import { type DecoderConfig, type DecoderParams, initDecoder } from "../../../language/decoder/index.ts";

export type ClassifierParams = {
  model: DecoderParams["model"];
  score: LinearParams; // weight [2, dim]
};

export interface Classifier {
  config: DecoderConfig;
  params: Outside<ClassifierParams>;
}

export type ClassifierBatch = {
  tokens: np.Array; // [texts, length] int32, padded at the end
  lasts: np.Array; // [texts] int32, the place of each text's last token
  labels: np.Array; // [texts] int32, 1 for right
};

export function initClassifier(config: DecoderConfig, rng: Random): Outside<ClassifierParams> {
  const { model } = initDecoder(config, rng.split("body"));
  return { model, score: { weight: initScore(config, rng) } };
}

/** Small, so that the first probabilities are near a half. */
export const initScore = ({ hiddenSize }: DecoderConfig, rng: Random): Tensor =>
  normal(0.1 / Math.sqrt(hiddenSize))(rng.split("score"), [2, hiddenSize]);

/**
 * @param params borrowed
 * @param batch tokens and lasts are consumed
 * @returns logits [texts, 2]: wrong, right
 */
export function classifierLogits(
  params: ClassifierParams,
  config: DecoderConfig,
  { tokens, lasts }: Omit<ClassifierBatch, "labels">,
): np.Array {
  const [texts, length] = tokens.shape as [number, number];
  const hidden = decoderHidden({ model: params.model }, config, { tokens }); // [texts, length, dim]
  // Picked by comparison, as in crossEntropy: the gradient is a product instead of a scatter.
  const isLast = np.equal(np.arange(length).reshape([1, length]), lasts.reshape([texts, 1]));
  const last = np.where(isLast.reshape([texts, length, 1]), hidden, 0).sum(1); // [texts, dim]
  return linear(params.score, last);
}

/** Mean cross-entropy, nats per text; consumes all it is given. */
export function classifierLoss(params: ClassifierParams, config: DecoderConfig, batch: ClassifierBatch): np.Array {
  const { labels, ...inputs } = batch;
  const logits = classifierLogits(params, config, inputs);
  tree.dispose(params);
  return crossEntropy(logits, labels);
}

/** Texts of unequal length as one batch of `rows` texts of `length` tokens; missing rows are one token long. */
export function batchOfTexts(
  texts: readonly { tokens: readonly number[]; label: boolean }[],
  { rows, length }: { rows: number; length: number },
): Outside<ClassifierBatch> {
  const tokens = new Int32Array(rows * length);
  const lasts = new Int32Array(rows);
  const labels = new Int32Array(rows);
  for (const [row, text] of texts.entries()) {
    tokens.set(text.tokens, row * length);
    lasts[row] = text.tokens.length - 1;
    labels[row] = Number(text.label);
  }
  return {
    tokens: Tensor.from(tokens, [rows, length]),
    lasts: Tensor.from(lasts, [rows]),
    labels: Tensor.from(labels, [rows]),
  };
}

export interface Scorer {
  /** The probability that each text says "right". */
  scores(texts: readonly (readonly number[])[]): Promise<number[]>;
  dispose(): void;
}

/** Texts at a time; short ones together cost less than one by one. */
const rowsPerBatch = 64;
/** Lengths are rounded up, so that few shapes are compiled. */
const lengthStep = 32;

/** @param classifier borrowed */
export function createScorer({ config, params }: Classifier): Scorer {
  const program = compile(
    (inside: ClassifierParams, batch: ClassifierBatch) => {
      const { labels, ...inputs } = batch;
      labels.dispose();
      const logits = classifierLogits(inside, config, inputs);
      tree.dispose(inside);
      return nn.softmax(logits, -1).slice([], 1); // [texts]
    },
    { name: "verifier scores" },
  );
  return {
    async scores(texts) {
      const found: number[] = [];
      for (let start = 0; start < texts.length; start += rowsPerBatch) {
        const chunk = texts.slice(start, start + rowsPerBatch).map((tokens) => ({ tokens, label: false }));
        const longest = Math.max(...chunk.map(({ tokens }) => tokens.length));
        const length = lengthStep * Math.ceil(longest / lengthStep);
        const batch = batchOfTexts(chunk, { rows: rowsPerBatch, length });
        const output = await program(params, batch);
        found.push(...(await output.data()).subarray(0, chunk.length));
        disposeTree({ output, batch });
      }
      return found;
    },
    dispose: () => program.dispose(),
  };
}
