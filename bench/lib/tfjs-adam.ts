/** Adam and AdamW (Loshchilov and Hutter 2019, algorithm 2) in PyTorch's form of the step, for TensorFlow.js. */
import * as tf from "@tensorflow/tfjs";

export interface AdamSettings {
  lr: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Of matrices and larger kernels, not of vectors; default 0. */
  weightDecay?: number;
}

export function adam(variables: Record<string, tf.Variable>, settings: AdamSettings) {
  const { lr, beta1, beta2, epsilon, weightDecay = 0 } = settings;
  const zeros = (name: string) => tf.variable(tf.zerosLike(variables[name]!), false);
  const names = Object.keys(variables);
  const means = Object.fromEntries(names.map((name) => [name, zeros(name)]));
  const squares = Object.fromEntries(names.map((name) => [name, zeros(name)]));
  let step = 0;
  return (grads: tf.NamedTensorMap): void => {
    step++;
    const meanScale = lr / (1 - beta1 ** step);
    const squareScale = 1 / Math.sqrt(1 - beta2 ** step);
    for (const name of names) {
      const [variable, mean, square, grad] = [variables[name]!, means[name]!, squares[name]!, grads[name]!];
      mean.assign(mean.mul(beta1).add(grad.mul(1 - beta1)));
      square.assign(square.mul(beta2).add(grad.square().mul(1 - beta2)));
      const change = mean.mul(meanScale).div(square.sqrt().mul(squareScale).add(epsilon));
      const kept = weightDecay > 0 && variable.rank >= 2 ? variable.mul(1 - lr * weightDecay) : variable;
      variable.assign(kept.sub(change));
    }
  };
}
