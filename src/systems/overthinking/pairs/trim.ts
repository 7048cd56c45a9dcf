/**
 * The positives of the self-training data: each trims one correct sample, or leaves it whole.
 * Source: papers/overthinking section 2.6 (Chen et al. 2024, table 3; FCS+1 from Sky-T1-32B-Flash).
 *
 * How the paper closes a trimmed trace is not published. Ours: the kept solutions, then the end marker and the final
 * answer of the same sample; that answer must equal what the last kept solution states, or the candidate is dropped.
 * Wrong starts before the first correct solution stay in: the model should learn when to stop, not to look right at once.
 */
import { answersEqual } from "../../../endpoint/answers/index.ts";
import type { PairSample, PositiveKind, Solution } from "../schemas.ts";

/** What a sample of a given kind consists of. */
export type Candidate = { text: string; tokenCount: number; solutions: Solution[] };

/** Why a correct sample gives no candidate of a kind. */
export type TrimFailure = "no-correct-solution" | "no-second-correct" | "answer-disagrees";

/**
 * @param sample its final answer is right
 * @param options.repeats for gds: `stop` at the first repeated strategy (default), or `skip` it and go on
 */
export function trim(
  sample: PairSample,
  kind: Exclude<PositiveKind, "silc">,
  { repeats = "stop" }: { repeats?: "stop" | "skip" } = {},
): Candidate | TrimFailure {
  if (kind === "shortest") return assemble(sample, sample.solutions);
  const first = sample.solutions.findIndex(({ correct }) => correct);
  if (first === -1) return "no-correct-solution";
  const kept = keep(sample.solutions, first, kind, repeats);
  if (!kept) return "no-second-correct";
  return agrees(sample, kept.at(-1)!) ? assemble(sample, kept) : "answer-disagrees";
}

/** A sample as it is. */
export const whole = (sample: PairSample): Candidate => assemble(sample, sample.solutions);

function keep(
  solutions: readonly Solution[],
  first: number,
  kind: Exclude<PositiveKind, "silc" | "shortest">,
  repeats: "stop" | "skip",
): Solution[] | undefined {
  const start = solutions.slice(0, first + 1);
  if (kind === "fcs") return start;
  if (kind === "fcs-plus-one") return solutions.slice(0, first + 2); // nothing follows: the first correct one alone
  if (kind === "gds") return extend(start, solutions.slice(first + 1), repeats);
  const second = solutions.findIndex(({ correct }, index) => index > first && correct);
  return second === -1 ? undefined : solutions.slice(0, second + 1);
}

/** Greedily diverse solutions; one of unknown strategy cannot be shown to be new, so it counts as a repeat. */
function extend(start: Solution[], rest: readonly Solution[], repeats: "stop" | "skip"): Solution[] {
  const kept = [...start];
  for (const solution of rest) {
    const { strategy } = solution;
    const isNew = strategy !== null && !kept.some((earlier) => earlier.strategy === strategy);
    if (isNew) kept.push(solution);
    else if (repeats === "stop") break;
  }
  return kept;
}

/** A last solution whose answer is not known can only be vouched for by its verdict: right, as the final answer is. */
function agrees(sample: PairSample, last: Solution): boolean {
  if (sample.answer === null || last.answer === null) return last.correct === true;
  return answersEqual(sample.answer, last.answer).equal;
}

function assemble({ opening, closing, frameTokenCount }: PairSample, kept: readonly Solution[]): Candidate {
  return {
    text:
      opening +
      kept
        .map(({ text }) => text)
        .join("")
        .trimEnd() +
      closing,
    tokenCount: kept.reduce((total, { tokenCount }) => total + tokenCount, frameTokenCount),
    solutions: [...kept],
  };
}
