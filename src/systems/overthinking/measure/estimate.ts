/** A running mean with its 95 % interval, in memory that does not grow with the data. */
import { bootstrapInterval, clopperPearson, normalQuantile } from "../../../core/statistics/index.ts";

export type Estimate = { value: number; low: number; high: number };

/** So many values are kept for a bootstrap; of more, the mean is as good as normally distributed. */
const keptCount = 400;
const resampleCount = 2000;

export class RunningMean {
  count = 0;
  #sum = 0;
  #squares = 0;
  readonly #kept: number[] = [];

  add(value: number, copies = 1): void {
    this.count += copies;
    this.#sum += copies * value;
    this.#squares += copies * value * value;
    for (let copy = 0; copy < copies && this.#kept.length <= keptCount; copy++) this.#kept.push(value);
  }

  get mean(): number | null {
    return this.count === 0 ? null : this.#sum / this.count;
  }

  /** @returns null without values; the interval is about the mean of a population that these were drawn from */
  estimate(): Estimate | null {
    const value = this.mean;
    if (value === null) return null;
    if (this.count <= keptCount) {
      const { low, high } = bootstrapInterval(this.#kept, { resampleCount });
      return { value, low, high };
    }
    const variance = Math.max(0, this.#squares - this.count * value * value) / (this.count - 1);
    const reach = normalQuantile(0.975) * Math.sqrt(variance / this.count);
    return { value, low: value - reach, high: value + reach };
  }
}

/** A share with its exact interval. */
export class RunningShare {
  count = 0;
  hits = 0;

  add(hit: boolean, copies = 1): void {
    this.count += copies;
    if (hit) this.hits += copies;
  }

  estimate(): Estimate | null {
    if (this.count === 0) return null;
    const { value, low, high } = clopperPearson(this.hits, this.count);
    return { value, low, high };
  }
}
