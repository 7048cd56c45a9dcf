/** A person's question, answered by the reasoner: question text → problem → streamed thinking → checked answer. */
import type { Generator } from "../../language/generate/index.ts";
import { efficiency } from "./metrics.ts";
import { parseQuestion, type RefusalReason } from "./questions.ts";
import { solveSums } from "./solve.ts";
import { renderPrompt } from "./world/problem.ts";

export type ReasonerReply =
  | { kind: "refused"; reason: RefusalReason; message: string }
  | {
      kind: "answered";
      /** As the model read it: "17+25+38=". */
      prompt: string;
      /** Digits; null when the model lost the thread and gave no answer. */
      answer: string | null;
      /** Everything it wrote, with <think> and <answer> tags. */
      text: string;
      solutionCount: number;
      tokenCount: number;
      /** Share of the thinking up to the first right solution, and on strategies not tried before. */
      outcome: number;
      process: number;
      /** What is malformed about the text; empty as a rule. */
      faults: string[];
    };

export interface AskOptions {
  /** Default 0, greedy. */
  temperature?: number;
  seed?: number | string;
  /** Text as it is written, tags included. */
  onText?(text: string): void;
  signal?: AbortSignal;
}

/** @param makeGenerator called only for a question that is a sum, so that a refusal loads no model */
export async function askReasoner(
  makeGenerator: () => Generator | Promise<Generator>,
  question: string,
  { onText, ...options }: AskOptions = {},
): Promise<ReasonerReply> {
  const parsed = parseQuestion(question);
  if (parsed.kind === "refused") return parsed;
  const { problem } = parsed;
  const generator = await makeGenerator();
  const { solved } = await solveSums(generator, [problem], {
    ...options,
    onText: onText && ((_, text) => onText(text)),
  });
  const { text, trace, solutions } = solved[0]!;
  const { outcome, process } = efficiency([solutions]);
  return {
    kind: "answered",
    prompt: renderPrompt(problem),
    answer: trace.answer === null ? null : String(trace.answer),
    text,
    solutionCount: solutions.length,
    tokenCount: trace.tokenCount,
    outcome,
    process,
    faults: trace.faults,
  };
}
