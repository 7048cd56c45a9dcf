/** `polymath ask`: a local model thinks aloud, dimmed on stderr, and answers on stdout. */
import { text as readAll } from "node:stream/consumers";
import { z } from "zod";
import { defineCommand } from "../../core/command.ts";
import { UsageError } from "../../core/errors.ts";
import { askModel, openLocalModel } from "./local-model.ts";
import { promptPerson } from "./prompt.ts";
import { answerSum, openReasoner } from "./reasoner.ts";
import { createVoice, describeFigures, silence } from "./voice.ts";

export const askCommand = defineCommand({
  name: "ask",
  summary: "Ask a local model a question and watch it think",
  description:
    "Without --model, the reasoner that ships with Polymath answers: it adds 2 to 6 whole numbers from 1 to 99. " +
    "Thinking goes to stderr, the answer to stdout. The question may also come from a pipe.",
  examples: [
    'polymath ask "17+25+38"',
    "polymath ask what is 17 plus 25",
    'echo "97+86+64" | polymath ask --json',
    'polymath ask --model ./Qwen2.5-0.5B-Instruct "Why is the sky blue?"',
  ],
  args: z.array(z.string()).meta({ label: "question" }).describe("asked for on a terminal when left out"),
  options: z.object({
    model: z.string().optional().meta({ label: "dir" }).describe("folder of any Llama or Qwen2 model"),
    maxTokens: z
      .number()
      .int()
      .min(1)
      .default(1024)
      .describe("the most that thinking and answer may take, with --model"),
    temperature: z
      .number()
      .min(0)
      .default(0)
      .describe("0 for the likeliest token, 1 for chance as the model learned it"),
    seed: z.number().int().default(0).describe("what chance starts from"),
  }),
  run: async (words, { model: folder, ...sampling }, { json, signal, interactive }) => {
    const question = words.join(" ").trim() || (await readQuestion(interactive));
    const voice = json ? silence : createVoice();
    const options = { ...sampling, signal, voice };
    const result =
      folder === undefined
        ? await answerSum(openReasoner, question, options)
        : await askModel(await openLocalModel(folder), question, options);
    voice.end(describeFigures(result));
    return result;
  },
  print: () => "", // the voice said it
  exitCode: ({ answer }) => (answer === null ? 1 : 0),
});

async function readQuestion(interactive: boolean): Promise<string> {
  if (!interactive && process.stdin.isTTY) throw noQuestion();
  const question = interactive ? await promptPerson("Your question: ") : await readAll(process.stdin);
  if (!question.trim()) throw noQuestion();
  return question.trim();
}

function noQuestion(): UsageError {
  return new UsageError("There is no question", { hint: 'Write it after the command: polymath ask "17+25+38"' });
}
