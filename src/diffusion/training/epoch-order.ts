/** Which examples a step sees: every one once per epoch, in an order that depends on the seed and the epoch alone. */
import { Random } from "../../core/random.ts";

/** @returns from a step (from 0) to the indices of its examples; epochs follow each other without a gap */
export function epochOrder(count: number, batch: number, seed: number | string): (step: number) => number[] {
  const rng = new Random(seed).split("epoch order");
  const known = new Map<number, number[]>(); // a batch may touch two epochs
  const order = (epoch: number) => {
    let indices = known.get(epoch);
    if (!indices) {
      indices = rng.split(epoch).shuffle(Array.from({ length: count }, (_, index) => index));
      known.delete(epoch - 2);
      known.set(epoch, indices);
    }
    return indices;
  };
  return (step) =>
    Array.from({ length: batch }, (_, offset) => {
      const place = step * batch + offset;
      return order(Math.floor(place / count))[place % count]!;
    });
}
