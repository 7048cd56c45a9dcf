/**
 * The arms of the claim and its sizes; spec section 6. The sizes were chosen on development seeds (1000 and up); seeds
 * below are for measuring alone.
 */
import type { TinySizes } from "../../../language/decoder/index.ts";

/** What a model is taught to write before it answers. */
export type Form = (typeof forms)[number];
/**
 * direct    nothing
 * simple    the accepted line of thought, without wrong turns and checks
 * complex   the whole search as a monologue
 * padded    the simple chain, made as long as the complex one with words that say nothing: a control for length
 */
export const forms = ["direct", "simple", "complex"] as const;
export type TaughtForm = Form | "padded";

export interface Plan {
  seeds: readonly number[];
  sizes: TinySizes;
  /** Texts of facts, each a dozen sentences, that every arm's model has read. */
  factTexts: number;
  factRate: number;
  /** Questions that the teacher's searches answer, for the supervised arms. */
  problems: number;
  epochs: number;
  rate: number;
  /** Rows of 256 tokens per step, in reading and in the supervised arms. */
  batch: number;
  /** Questions for training on rewards, none of them among `problems`; enough that none comes twice. */
  rlProblems: number;
  updates: number;
  rollouts: number;
  rlRate: number;
  /** Held-out questions. */
  test: number;
  /** Multiple-choice questions for the factory. */
  mcqs: number;
  verifierPairs: number;
  /** Seeds with side arms: other rewards, other methods, other shares of revealed answers. */
  sideSeeds: readonly number[];
}

/**
 * Few problems, as the data is what costs: with 1,200 and more, direct diagnosis is learned by heart from answers and
 * both kinds of chains come near all there is to win (docs/log.md).
 */
const shared = {
  sizes: { dim: 64, layers: 3, heads: 4 },
  factTexts: 16_000,
  factRate: 3e-3,
  problems: 600,
  epochs: 16,
  rate: 2e-3,
  batch: 8,
  rlProblems: 6400,
  updates: 100,
  rollouts: 64,
  rlRate: 1e-4,
  test: 2000,
  verifierPairs: 32_000,
} as const;

/** @param seed of the first round; full takes five in a row */
export function planOf(mode: "quick" | "full", seed: number): Plan {
  return mode === "quick"
    ? { ...shared, seeds: [seed], mcqs: 500, sideSeeds: [] }
    : { ...shared, seeds: [0, 1, 2, 3, 4].map((offset) => seed + offset), mcqs: 2000, sideSeeds: [seed] };
}
