/** `polymath overthinking solve`: an answer with early exit, from any endpoint that streams. */
import pc from "picocolors";
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { UsageError } from "../../../core/errors.ts";
import { defaultModel, endpointOptions, findPlace, openEndpoint } from "../../../language/endpoint-options.ts";
import { solveEarly } from "../early-exit/solve.ts";
import { parseQuestion } from "../questions.ts";
import { renderPrompt } from "../world/problem.ts";

export const solveCommand = defineCommand({
  name: "overthinking solve",
  summary: "Ask a reasoning model, and stop it as soon as two of its solutions agree",
  description:
    "Reads the reasoning as it streams and leaves when it has been confirmed: no training, no log-probabilities. " +
    "Without --endpoint and --model, the reasoner that ships with Polymath answers sums of 2 to 6 numbers.",
  examples: [
    'polymath overthinking solve "17+25+38"',
    'polymath overthinking solve --endpoint http://127.0.0.1:8000/v1 --finish model "What is 12% of 350?"',
  ],
  args: z.array(z.string()).min(1).meta({ label: "question" }).describe("words of the question"),
  options: z.object({
    ...endpointOptions,
    agree: z.int().min(2).default(2).describe("solutions that must state the same answer"),
    finish: z
      .enum(["agreed", "model"])
      .default("agreed")
      .describe("who states the final answer: what was agreed on, or the model, asked to close its reasoning"),
    maxTokens: z.int().positive().optional().describe("the most that reasoning and answer may take"),
    temperature: z.number().min(0).optional().describe("default 0 for a model of this machine, or the server's"),
    seed: z.int().optional().describe("what chance starts from"),
  }),
  async run(words, { endpoint, model, apiKeyEnv, agree, temperature, maxTokens, seed, finish }, { signal, json }) {
    const place = findPlace({ endpoint, model });
    const isReasoner = place.kind === "embedded" && place.name === defaultModel;
    const content = isReasoner ? asSum(words.join(" ")) : words.join(" ");
    const opened = await openEndpoint({ endpoint, model, apiKeyEnv });
    const chosen = place.kind === "openai" ? temperature : (temperature ?? 0);
    try {
      const reply = await solveEarly(opened, [{ role: "user", content }], {
        agreeing: agree,
        finish,
        signal,
        ...(chosen !== undefined && { temperature: chosen }),
        ...(maxTokens !== undefined && { maxTokens }),
        ...(seed !== undefined && { seed }),
        ...(!json && { onText: ({ text }) => void process.stderr.write(pc.dim(text)) }),
      });
      if (!json) process.stderr.write("\n");
      return reply;
    } finally {
      await opened.close();
    }
  },
  print: ({ answer, stoppedEarly, solutionCount, tokenCount }) =>
    `${answer ?? "no answer"}\n${solutionCount} solutions, ${tokenCount} tokens${stoppedEarly ? ", stopped early" : ""}`,
  exitCode: ({ answer }) => (answer === null ? 1 : 0),
});

/** The reasoner reads "17+25+38" alone. */
function asSum(question: string): string {
  const parsed = parseQuestion(question);
  if (parsed.kind === "refused") throw new UsageError(parsed.message);
  return renderPrompt(parsed.problem);
}
