/** Seeds by name: what a call draws depends on its question and its label alone, not on what ran before it. */
import { Random } from "../../../core/random.ts";

/** @returns 0 to 2^31 - 1, which every server takes */
export function seedOf(seed: number | string, label: string): number {
  return new Random(seed).split(label).uint32() >>> 1;
}
