/** Answers of finished paths, counted. A path without an answer is a group of its own: it lowers the certainty. */
import { certaindex } from "../signals.ts";
import type { Path, ProgramContext } from "./program.ts";

export interface Votes {
  /** Sizes of the groups, largest first. */
  sizes: number[];
  /** Agreement of the answers; undefined for fewer than two paths. */
  entropy: number | undefined;
  /** Of the heaviest group; of equal ones, that which came first. Null when no path has an answer. */
  answer: string | null;
}

/** @param weigh what a path's vote counts for the answer; default 1 each. Sizes and entropy count heads */
export async function countVotes(
  paths: readonly Path[],
  { group: groupAnswers }: Pick<ProgramContext, "group">,
  weigh: (path: Path) => number = () => 1,
): Promise<Votes> {
  const { groups } = await groupAnswers(paths.map(({ answer }) => answer));
  const sizes = groups.map(({ length }) => length);
  let best: { answer: string; weight: number; first: number } | undefined;
  for (const group of groups) {
    const { answer } = paths[group[0]!]!;
    if (answer === null) continue;
    const weight = group.reduce((sum, index) => sum + weigh(paths[index]!), 0);
    const isBetter = !best || weight > best.weight || (weight === best.weight && group[0]! < best.first);
    if (isBetter) best = { answer, weight, first: group[0]! };
  }
  return { sizes, entropy: certaindex(sizes), answer: best?.answer ?? null };
}

/** Signals that leave out what is not defined yet. */
export function entropySignal({ entropy }: Votes): { entropy?: number } {
  return entropy === undefined ? {} : { entropy };
}
