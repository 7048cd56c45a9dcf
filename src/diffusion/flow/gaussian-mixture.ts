/**
 * A world whose best velocity is known: data from a mixture of round Gaussians, noise from N(0, I).
 * On the straight path x_t = t x1 + (1 - t) x0 a component with mean μ and deviation s passes through
 * N(t μ, σ²) with σ² = t² s² + (1 - t)², and given x_t and the component
 *   E[x1 - x0] = μ + ((t s² - (1 - t)) / σ²) (x_t - t μ).
 * The velocity is the mean of these over the components, weighted by how likely each has made x_t.
 * Source: conditioning of jointly normal variables (Bishop 2006, eq. 2.81); Lipman et al. 2023, eq. 8.
 */
import type { Random } from "../../core/random.ts";

export interface Component {
  /** Need not sum to one over the components. */
  weight: number;
  mean: readonly number[];
  /** The same in every dimension. */
  deviation: number;
}

export interface GaussianMixture {
  readonly dimension: number;
  readonly components: readonly Component[];
  /** A point and the component it came from. */
  draw(rng: Random): { point: number[]; component: number };
  /** The velocity that an infinitely long training would find, at one point; of one component alone where it is given. */
  velocity(point: ArrayLike<number>, time: number, component?: number): number[];
}

/** @throws RangeError when the means have different lengths */
export function gaussianMixture(components: readonly Component[]): GaussianMixture {
  const dimension = components[0]?.mean.length ?? 0;
  if (dimension === 0 || components.some(({ mean }) => mean.length !== dimension))
    throw new RangeError("gaussianMixture: the components' means must have one and the same length");
  const weights = components.map(({ weight }) => weight);

  return {
    dimension,
    components,
    draw(rng) {
      const component = rng.weighted(weights);
      const { mean, deviation } = components[component]!;
      return { point: mean.map((centre) => centre + deviation * rng.normal()), component };
    },
    velocity(point, time, component) {
      const chosen = component === undefined ? components : [components[component]!];
      const shares = softmax(chosen.map((one) => Math.log(one.weight) + logDensity(one, point, time)));
      const velocity = new Array<number>(dimension).fill(0);
      for (const [index, { mean, deviation }] of chosen.entries()) {
        const slope = (time * deviation ** 2 - (1 - time)) / variance(deviation, time);
        for (let d = 0; d < dimension; d++)
          velocity[d]! += shares[index]! * (mean[d]! + slope * (point[d]! - time * mean[d]!));
      }
      return velocity;
    },
  };
}

function variance(deviation: number, time: number): number {
  return (time * deviation) ** 2 + (1 - time) ** 2;
}

/** Of x_t under one component, up to a constant. */
function logDensity({ mean, deviation }: Component, point: ArrayLike<number>, time: number): number {
  const spread = variance(deviation, time);
  const square = mean.reduce((sum, centre, d) => sum + (point[d]! - time * centre) ** 2, 0);
  return -square / (2 * spread) - (mean.length / 2) * Math.log(spread);
}

function softmax(logits: readonly number[]): number[] {
  const highest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - highest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}
