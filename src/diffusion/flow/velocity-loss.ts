/**
 * How far a predicted velocity is from the true one: mean((v - u)²), and the direction by itself,
 * mean over positions of 1 - cos(v, u) along the channels.
 * Source: Yao et al. 2025 (LightningDiT), section 4; the direction term after Yao et al. 2024, "FasterDiT", eq. 12.
 */
import { numpy as np } from "@jax-js/jax";
import { expectAxes } from "../../compute/axes.ts";

/** Norms below this count as this much: torch.nn.functional.cosine_similarity's default. */
const smallestNorm = 1e-8;

/**
 * @param predicted consumed; [batch, channels, height, width]
 * @param velocity consumed; the same shape
 * @returns scalars: `squares` is the first term, `direction` the second (from 0, the same direction, to 2, the opposite)
 */
export function velocityLoss(predicted: np.Array, velocity: np.Array): { squares: np.Array; direction: np.Array } {
  const shape = expectAxes("velocityLoss: predicted", predicted, ["batch", "channels", "height", "width"]);
  expectAxes("velocityLoss: velocity", velocity, [
    ["batch", shape[0]],
    ["channels", shape[1]],
    ["height", shape[2]],
    ["width", shape[3]],
  ]);
  const squares = np.square(predicted.ref.sub(velocity.ref)).mean();
  return { squares, direction: np.subtract(1, cosine(predicted, velocity).mean()) };
}

/**
 * Cosine along axis 1; [batch, height, width].
 * An output layer that starts at zero predicts exactly zero: there the root has no gradient, so that the maximum, taken
 * of squares, hands it none; the direction's own gradient is then velocity / (‖velocity‖ · 1e-8), as in PyTorch.
 * It is finite but enormous: clip gradients, or Adam remembers it for some hundred steps.
 */
function cosine(a: np.Array, b: np.Array): np.Array {
  const inverse = (x: np.Array) => np.reciprocal(np.sqrt(np.maximum(np.square(x).sum(1), smallestNorm ** 2)));
  const product = a.ref.mul(b.ref).sum(1);
  return product.mul(inverse(a)).mul(inverse(b));
}
