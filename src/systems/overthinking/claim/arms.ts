/** The arms of the experiment and its sizes; papers/overthinking section 6. */
import { Random } from "../../../core/random.ts";
import type { PreferenceMethod } from "../../../language/train/index.ts";
import type { PositiveKind, PreferencePair } from "../schemas.ts";

export interface Arm {
  name: ArmName;
  method: PreferenceMethod;
  positive: PositiveKind;
  /** Which response is preferred is decided by a coin: what still changes is not the preference's doing. */
  isControl?: true;
}

export const ARM_NAMES = [
  "simpo-fcs-reflection",
  "simpo-fcs",
  "coin",
  "simpo-shortest",
  "sft-shortest",
  "simpo-gds",
  "dpo-shortest",
  "rpo-shortest",
  "simpo-fcs-plus-one",
] as const;
export type ArmName = (typeof ARM_NAMES)[number];

/** In the order of their importance: a run that is cut short has the first ones. */
export const ARMS: readonly Arm[] = [
  { name: "simpo-fcs-reflection", method: "simpo", positive: "fcs-reflection" },
  { name: "simpo-fcs", method: "simpo", positive: "fcs" },
  { name: "coin", method: "simpo", positive: "fcs-reflection", isControl: true },
  { name: "simpo-shortest", method: "simpo", positive: "shortest" },
  { name: "sft-shortest", method: "sft", positive: "shortest" },
  { name: "simpo-gds", method: "simpo", positive: "gds" },
  { name: "dpo-shortest", method: "dpo", positive: "shortest" },
  { name: "rpo-shortest", method: "rpo", positive: "shortest" },
  { name: "simpo-fcs-plus-one", method: "simpo", positive: "fcs-plus-one" },
];

export interface Plan {
  arms: readonly Arm[];
  seeds: readonly number[];
  /** Self-training problems, and answers to each. */
  problems: number;
  samples: number;
  epochs: number;
  batch: number;
  accumulate: number;
  validation: number;
  testPerLevel: number;
  /** Answers to each test problem at temperature 1. */
  testSamples: number;
}

/** @param seed of the first round; full takes five in a row */
export function planOf(mode: "quick" | "full", seed: number): Plan {
  const shared = { samples: 10, batch: 32, accumulate: 4, validation: 200 };
  if (mode === "full") {
    const seeds = [0, 1, 2, 3, 4].map((offset) => seed + offset);
    return { ...shared, arms: ARMS, seeds, problems: 1500, epochs: 2, testPerLevel: 200, testSamples: 4 };
  }
  // A third of the problems, seen three times: half as many steps as in full.
  return {
    ...shared,
    arms: ARMS.slice(0, 3),
    seeds: [seed],
    problems: 500,
    epochs: 3,
    testPerLevel: 100,
    testSamples: 2,
  };
}

/** Learning rates to choose from. A model of half a million parameters wants more than the 1e-6 of large ones. */
export const RATES: Record<PreferenceMethod, readonly number[]> = {
  simpo: [5e-5, 1e-4, 2e-4],
  dpo: [5e-5, 1e-4, 2e-4],
  rpo: [5e-5, 1e-4, 2e-4],
  sft: [1e-4, 3e-4, 1e-3],
};

/** The control's pairs: each turned around by a coin. */
export function tossPairs(pairs: readonly PreferencePair[], seed: number): PreferencePair[] {
  const rng = new Random(seed).split("coin");
  return pairs.map((pair) =>
    rng.bool()
      ? pair
      : {
          ...pair,
          chosen: pair.rejected,
          rejected: pair.chosen,
          chosenTokenCount: pair.rejectedTokenCount,
          rejectedTokenCount: pair.chosenTokenCount,
          chosenSolutionCount: pair.rejectedSolutionCount,
          rejectedSolutionCount: pair.chosenSolutionCount,
        },
  );
}
