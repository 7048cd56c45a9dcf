/** The loss of next-token and class prediction. */
import { nn, numpy as np } from "@jax-js/jax";
import { expectAxes } from "../axes.ts";

/**
 * Mean over tokens of -log softmax(logits)[target], weighted by `weights` (0 leaves a token out).
 * The target's logit is picked by comparison, not by gather: its gradient is then a subtraction instead of a scatter.
 * @param logits consumed; [tokens, vocab]
 * @param targets consumed; int32 [tokens]
 * @param weights consumed; [tokens], not all zero
 * @returns scalar, nats per token
 */
export function crossEntropy(logits: np.Array, targets: np.Array, weights?: np.Array): np.Array {
  const [tokens, vocab] = expectAxes("crossEntropy: logits", logits, ["tokens", "vocab"]);
  expectAxes("crossEntropy: targets", targets, [["tokens", tokens]]);
  if (weights) expectAxes("crossEntropy: weights", weights, [["tokens", tokens]]);
  const isTarget = np.equal(targets.reshape([tokens, 1]), np.arange(vocab));
  const total = nn.logsumexp(logits.ref, -1);
  const losses = total.sub(np.where(isTarget, logits, 0).sum(-1)); // [tokens]
  if (!weights) return losses.mean();
  return losses.mul(weights.ref).sum().div(weights.sum());
}
