/** Analysed traces as samples of the pair builder, grouped by problem. */

import type { TokenCounter } from "../measure/count-tokens.ts";
import type { AnalysedTrace } from "../prepare.ts";
import type { PairSample, SampleSet, Solution } from "../schemas.ts";
import { endMark } from "../traces/marks.ts";

export function toSample(trace: AnalysedTrace, counter: TokenCounter): PairSample {
  const { format, answer, correct, solutions, reasoning } = trace;
  // A server that keeps the two apart took the marks out: the model wrote them, and is trained on them.
  const opening = format === "separate" ? "<think>\n" : trace.opening;
  const closing = format === "separate" ? endMark.separate + trace.closing.trimStart() : trace.closing;
  return {
    opening,
    solutions: alignSolutions(reasoning, solutions),
    closing,
    answer,
    correct: correct === true,
    frameTokenCount: counter.count(opening) + counter.count(closing),
  };
}

/**
 * Solutions as slices of the reasoning. Cuts that a file brings have lost the blanks between them; where a solution
 * cannot be found again its own text stays, followed by a blank line.
 */
export function alignSolutions(reasoning: string, solutions: readonly Solution[]): Solution[] {
  if (solutions.map(({ text }) => text).join("") === reasoning) return [...solutions];
  const starts: number[] = [];
  for (const { text } of solutions) {
    const wanted = text.trim();
    const from = starts.at(-1) === undefined ? 0 : starts.at(-1)! + 1;
    const at = reasoning.indexOf(wanted.slice(0, 60), from);
    if (at === -1) return solutions.map((solution) => ({ ...solution, text: `${solution.text.trim()}\n\n` }));
    starts.push(at);
  }
  return solutions.map((solution, index) => ({
    ...solution,
    text: reasoning.slice(index === 0 ? 0 : starts[index], starts[index + 1] ?? reasoning.length),
  }));
}

/** Sets in the order in which their problems first appear. */
export function groupSamples(
  samples: readonly { trace: AnalysedTrace; sample: PairSample }[],
  greedy: ReadonlyMap<string, PairSample> = new Map(),
): SampleSet[] {
  const sets = new Map<string, SampleSet>();
  for (const { trace, sample } of samples) {
    const { problem: prompt, id } = trace;
    const likeliest = greedy.get(prompt);
    const set = sets.get(prompt) ?? { id, prompt, samples: [], ...(likeliest && { greedy: likeliest }) };
    sets.set(prompt, set);
    set.samples.push(sample);
  }
  return [...sets.values()];
}
