/**
 * The moves that may follow a wrong conclusion, and the draw among them.
 * Source: spec section 2.3: uniform; Backtracking only from the second refinement on, since before it there is nothing
 * to go back over (the paper's sentence says the opposite of its own definition; the authors' code is followed).
 */
import { z } from "zod";
import type { Random } from "../../../core/random.ts";
import { defaultPrompts, type PromptName } from "../prompts/defaults.ts";
import { checkPlaceholders, type Prompts } from "../prompts/prompts.ts";

export type Strategy = z.output<typeof Strategy>;
export const Strategy = z.object({
  /** Stands in `response_type` as `Re_CoT_<name>`. */
  name: z.string().regex(/^\S(?:.*\S)?$/, "must not be empty or begin or end with blanks"),
  /** The first refinement, from 1, in which it may be drawn. */
  fromDepth: z.int().min(1).default(1),
  /** With {{question}} and {{chain}}. */
  prompt: z.string(),
});

const own: readonly [name: string, fromDepth: number, prompt: PromptName][] = [
  ["Exploring New Paths", 1, "strategy-exploring-new-paths"],
  ["Backtracking", 2, "strategy-backtracking"],
  ["Verification", 1, "strategy-verification"],
  ["Correction", 1, "strategy-correction"],
];

export function ownStrategies(prompts: Prompts): Strategy[] {
  return own.map(([name, fromDepth, prompt]) => ({ name, fromDepth, prompt: prompts[prompt] }));
}

/** Strategies of the user's, in place of ours. @throws ConfigError naming one that cannot be used */
export const Strategies = z
  .array(Strategy)
  .min(1)
  .superRefine((strategies, context) => {
    const fail = (path: (string | number)[], message: string) => context.addIssue({ code: "custom", path, message });
    for (const [index, { name }] of strategies.entries()) {
      if (strategies.findIndex((other) => other.name === name) !== index)
        fail([index, "name"], `"${name}" is there twice`);
    }
    if (!strategies.some(({ fromDepth }) => fromDepth === 1))
      fail([], "none has fromDepth 1: the first refinement has no move");
  });

/** @throws ConfigError for a prompt that does not show the question and the chain */
export function checkStrategies(strategies: readonly Strategy[], origin: string): void {
  for (const { name, prompt } of strategies) {
    checkPlaceholders(prompt, defaultPrompts["strategy-correction"], `${origin}: ${name}: prompt`);
  }
}

/** Uniform among those that the depth allows. @param depth the refinement that is to come, from 1 */
export function pickStrategy(strategies: readonly Strategy[], depth: number, random: Random): Strategy {
  return random.choice(strategies.filter(({ fromDepth }) => depth >= fromDepth));
}
