/** A perfectly trained model, for tests: it samples its answers from what the teacher would say. */
import type { Random } from "../../../core/random.ts";
import type { Recording, Step } from "../schemas.ts";
import { certaindex } from "../signals.ts";
import { answerChances, type Question, sampleMixed, trueAnswer } from "./question.ts";
import { chainsTask } from "./task.ts";
import { STEP_TOKENS } from "./teacher.ts";

const cap = 20;

/** Self-consistency with 20 branches, as a recording. */
export function oracleRecording(question: Question, rng: Random): Recording {
  const { id, target } = chainsTask(question, "fast");
  const chances = answerChances(question);
  const counts = new Map<string, number>();
  const steps = Array.from({ length: cap }, (_, index): Step => {
    const answer = String(rng.weighted(chances));
    counts.set(answer, (counts.get(answer) ?? 0) + 1);
    const votes = [...counts.values()].sort((a, b) => b - a);
    const leader = [...counts].reduce((best, next) => (next[1] > best[1] ? next : best))[0];
    const entropy = certaindex(votes);
    return {
      knob: index + 1,
      tokens: (index + 1) * (STEP_TOKENS * question.operations.length + 4),
      probeTokens: 0,
      promptTokens: 0,
      sharedPromptTokens: 0,
      signals: entropy === undefined ? {} : { entropy },
      votes,
      answer: leader,
      correct: leader === target,
    };
  });
  return { id, program: "self-consistency", cap, settings: {}, model: "oracle", target, steps };
}

/** Share right by the majority of n answers, for n from 1 to 20. */
export function simulateEven(rng: Random, questionCount: number): number[] {
  const right = Array<number>(cap + 1).fill(0);
  for (let index = 0; index < questionCount; index++) {
    const question = sampleMixed(rng, "train");
    for (const { knob, answer } of oracleRecording(question, rng).steps)
      if (answer === trueAnswer(question)) right[knob]! += 1 / questionCount;
  }
  return right;
}
