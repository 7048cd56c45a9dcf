/**
 * Seeded, splittable random numbers: the same seed gives the same numbers on every machine.
 * Source: xoshiro128** 1.1 (Blackman and Vigna 2018), seeded by splitmix32 over a hash of the label path.
 *
 * `split(label)` derives an independent stream without advancing this one, so the numbers that item 17
 * draws do not depend on whether item 16 was computed in this process, before a crash, or on another machine.
 */
import { createHash } from "node:crypto";

/** All there is to know to go on later: JSON-safe. */
export type RandomState = { key: string; words: [number, number, number, number]; spareNormal: number | null };

export class Random {
  readonly #key: string;
  #a: number;
  #b: number;
  #c: number;
  #d: number;
  #spareNormal: number | null = null;

  constructor(seed: number | string) {
    this.#key = String(seed);
    const digest = createHash("sha256").update(this.#key).digest();
    this.#a = digest.readInt32LE(0);
    this.#b = digest.readInt32LE(4);
    this.#c = digest.readInt32LE(8);
    this.#d = digest.readInt32LE(12);
  }

  static fromState(state: RandomState): Random {
    const random = new Random(state.key);
    [random.#a, random.#b, random.#c, random.#d] = state.words;
    random.#spareNormal = state.spareNormal;
    return random;
  }

  state(): RandomState {
    return { key: this.#key, words: [this.#a, this.#b, this.#c, this.#d], spareNormal: this.#spareNormal };
  }

  /** An independent stream named by `label`; this stream does not advance. */
  split(label: string | number): Random {
    // A slash inside a label must not pass for two labels.
    return new Random(`${this.#key}/${String(label).replaceAll("%", "%25").replaceAll("/", "%2F")}`);
  }

  /** Uniform 32-bit unsigned integer. */
  uint32(): number {
    const scrambled = Math.imul(this.#b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** Uniform in [0, 1) with 53 bits. */
  next(): number {
    return ((this.uint32() >>> 5) * 67108864 + (this.uint32() >>> 6)) / 9007199254740992;
  }

  /** Uniform integer in [low, high], both ends included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  bool(probability = 0.5): boolean {
    return this.next() < probability;
  }

  /** Standard normal by the polar method (Marsaglia and Bray 1964), which yields two at a time. */
  normal(): number {
    if (this.#spareNormal !== null) {
      const spare = this.#spareNormal;
      this.#spareNormal = null;
      return spare;
    }
    for (;;) {
      const u = 2 * this.next() - 1;
      const v = 2 * this.next() - 1;
      const s = u * u + v * v;
      if (s === 0 || s >= 1) continue;
      const scale = Math.sqrt((-2 * Math.log(s)) / s);
      this.#spareNormal = v * scale;
      return u * scale;
    }
  }

  choice<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError("Random.choice: the list is empty");
    return items[this.int(0, items.length - 1)]!;
  }

  /** An index drawn with probability proportional to `weights[index]`. */
  weighted(weights: ArrayLike<number>): number {
    let total = 0;
    for (let i = 0; i < weights.length; i++) total += weights[i]!;
    let left = this.next() * total;
    for (let i = 0; i < weights.length; i++) {
      left -= weights[i]!;
      if (left < 0) return i;
    }
    return weights.length - 1;
  }

  /** Fisher-Yates in place; returns the same list. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.int(0, i);
      [items[i], items[j]] = [items[j]!, items[i]!];
    }
    return items;
  }
}
