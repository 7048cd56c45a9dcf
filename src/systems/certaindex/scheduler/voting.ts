/** Self-consistency as the load generator runs it: branches vote, and the certaindex is the agreement of their answers. */

import type { Step } from "../schemas.ts";
import { certaindex } from "../signals.ts";
import type { BranchResult } from "./drive.ts";
import { type ProgramTemplate, stepOf } from "./workload.ts";

/** A question as a live engine is asked it. */
export interface VotingTask {
  id: string;
  prompt: string | readonly number[];
  promptTokens: number;
  /** Guess for a branch. */
  estimatedTokens: number;
  /** The answer in what a branch wrote, or null. */
  readAnswer(text: string): string | null;
  /** Whether two answers are one; default that of equal texts. */
  equal?(a: string, b: string): boolean;
  /** The right answer, where known. */
  target: string | null;
}

/** The program of a question. @param id of the program, where a question is asked more than once; default its own */
export function votingProgram(task: VotingTask, id = task.id): ProgramTemplate {
  const { prompt, promptTokens, estimatedTokens, readAnswer } = task;
  const observe = (results: readonly BranchResult[]): Step =>
    stepOf(
      results,
      promptTokens,
      judge(
        task,
        results.map(({ text }) => readAnswer(text)),
      ),
    );
  return { id, question: task.id, prompt, promptTokens, estimatedTokens, observe };
}

/** Answers counted; each that is missing is a group of its own. Of equal groups the one that came first wins. */
function judge({ target, equal = (a, b) => a === b }: VotingTask, answers: readonly (string | null)[]) {
  const groups: { answer: string | null; count: number }[] = [];
  for (const answer of answers) {
    const group = groups.find((one) => answer !== null && one.answer !== null && equal(one.answer, answer));
    if (group) group.count++;
    else groups.push({ answer, count: 1 });
  }
  const best = groups.filter((one) => one.answer !== null).toSorted((a, b) => b.count - a.count)[0];
  const votes = groups.map(({ count }) => count).sort((a, b) => b - a);
  const entropy = certaindex(votes);
  const answer = best?.answer ?? null;
  const correct = target === null ? null : answer !== null && equal(answer, target);
  return { votes, answer, signals: entropy === undefined ? {} : { entropy }, correct };
}
