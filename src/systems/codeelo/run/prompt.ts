/**
 * What a model is asked. As in the paper: one message, the statement, leave to think first, the whole program in a fenced
 * block; no feedback, and no tests beyond those of the statement. The words are ours.
 */
import type { ChatMessage } from "../../../endpoint/endpoint.ts";
import type { LoadedProblem } from "../datasets/loaded-problem.ts";
import { languageNames } from "../judge/languages.ts";
import type { LanguageId } from "../schemas.ts";

/** Raised when the words change: it is part of a rating's protocol. */
export const promptVersion = "2026-11";

/** @param language the program is to be in */
export function promptOf({ problem, entryPoint, starterCode }: LoadedProblem, language: LanguageId): ChatMessage[] {
  const name = entryPoint ? languageNames.python : languageNames[language];
  const { input, output } = problem.ioFiles ?? { input: "standard input", output: "standard output" };
  const task = entryPoint
    ? `Write the ${name} method \`${entryPoint}\` of a class \`Solution\` that solves the problem below.`
    : `Write a ${name} program that solves the competitive programming problem below: it reads ${input} and writes ${output}.`;
  const samples = problem.tests
    .filter(({ isSample }) => isSample)
    .map(
      ({ input, answer }) => `Input:\n\`\`\`\n${input.trimEnd()}\n\`\`\`\nOutput:\n\`\`\`\n${answer.trimEnd()}\n\`\`\``,
    );
  const limits = `Time limit: ${problem.timeLimitMs / 1000} s. Memory limit: ${Math.round(problem.memoryLimitMb)} MB.`;
  const parts = [
    task,
    "Think first if you like. End with the complete solution in one fenced code block.",
    `# ${problem.title || problem.id}`,
    limits,
    problem.statement,
    ...(samples.length > 0 ? ["## Examples", ...samples] : []),
    ...(starterCode ? [`Begin with:\n\`\`\`python\n${starterCode.trimEnd()}\n\`\`\``] : []),
  ];
  return [{ role: "user", content: parts.join("\n\n") }];
}
