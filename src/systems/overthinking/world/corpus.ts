/**
 * The lessons of the base model, each a pure function of (seed, index). Three kinds, in all of which whatever is learned
 * is what the overthinking teacher would write there:
 * - a trace of the teacher, as it is;
 * - a shaky trace: the teacher slips often, and the slips are shown but not taught. The model sees many more first
 *   solutions that are wrong, so it learns to compute and to compare, not to copy its first answer (right in 91 %);
 * - a drill: one solution by any strategy, whose choice is not taught. With nothing to copy from it must be computed,
 *   and most of its tokens are arithmetic.
 */
import type { Random } from "../../../core/random.ts";
import { LEVELS, type Problem, sampleProblem } from "./problem.ts";
import { STRATEGIES, work } from "./strategies.ts";
import { completionTokens, promptTokens, teach } from "./teacher.ts";
import { ROUND_MARKERS, THINK } from "./vocabulary.ts";

export const LESSON_KINDS = ["trace", "shaky", "drill"] as const;
export type LessonKind = (typeof LESSON_KINDS)[number];

/** Shares of lessons; drills are short, so they are a fifth of the tokens. */
const KIND_WEIGHTS = [0.3, 0.2, 0.5];
const SHAKY_SLIP_RATE = 0.35;

export type Lesson = {
  kind: LessonKind;
  problem: Problem;
  /** Prompt and completion. */
  tokens: string[];
  /** Whether the model shall learn to write the token. */
  trained: boolean[];
};

/** Lesson number `index` of the corpus whose random numbers are `rng`: levels take turns. */
export function lesson(rng: Random, index: number): Lesson {
  const stream = rng.split(index);
  const problem = sampleProblem(stream, LEVELS[index % LEVELS.length]!, "train");
  const kind = LESSON_KINDS[stream.weighted(KIND_WEIGHTS)]!;
  const prompt = promptTokens(problem);
  const { tokens, trained } = kind === "drill" ? drill(problem, stream) : trace(problem, stream, kind);
  return { kind, problem, tokens: [...prompt, ...tokens], trained: [...prompt.map(() => false), ...trained] };
}

function trace(problem: Problem, rng: Random, kind: "trace" | "shaky") {
  const taught = teach(problem, rng, kind === "shaky" ? SHAKY_SLIP_RATE : undefined);
  const tokens = completionTokens(taught);
  const trained = tokens.map(() => true);
  if (kind === "shaky") {
    let start = 1; // after <think>
    for (const solution of taught.solutions) {
      if (solution.slipped) trained.fill(false, start + solution.slipped[0], start + solution.slipped[1]);
      start += solution.tokens.length;
    }
  }
  return { tokens, trained };
}

function drill(problem: Problem, rng: Random) {
  const working = work(rng.choice(STRATEGIES), problem).tokens;
  const opening = [THINK, ROUND_MARKERS[0]!];
  return { tokens: [...opening, ...working], trained: [true, true, false, ...working.slice(1).map(() => true)] };
}
