/** `polymath ask`: a model thinks aloud, dimmed on stderr, and answers on stdout; at a terminal, a chat. */
import { text as readAll } from "node:stream/consumers";
import { z } from "zod";
import { defineCommand } from "../../core/command.ts";
import { UsageError } from "../../core/errors.ts";
import {
  defaultModel,
  type EndpointOptions,
  endpointOptions,
  findPlace,
  openEndpoint,
} from "../../language/endpoint-options.ts";
import { type Answer, answerChat, type Sampling } from "./answer.ts";
import { type ChatOptions, type ChatResult, chat } from "./chat.ts";
import { answerSum, openReasoner } from "./reasoner.ts";
import { createVoice, describeFigures, silence, type Voice } from "./voice.ts";

export const askCommand = defineCommand({
  name: "ask",
  summary: "Ask a model a question, or chat with it, and watch it think",
  description:
    "Without --endpoint and --model, the reasoner that ships with Polymath answers: it adds 2 to 6 whole numbers from " +
    "1 to 99. Thinking goes to stderr, the answer to stdout. The question may also come from a pipe; at a terminal, " +
    "no question begins a chat.",
  examples: [
    'polymath ask "17+25+38"',
    "polymath ask what is 17 plus 25",
    'echo "97+86+64" | polymath ask --json',
    'polymath ask --model ./Qwen2.5-0.5B-Instruct "Why is the sky blue?"',
    "polymath ask --endpoint http://127.0.0.1:8000/v1",
  ],
  args: z.array(z.string()).meta({ label: "question" }).describe("left out at a terminal: a chat"),
  options: z.object({
    ...endpointOptions,
    maxTokens: z
      .number()
      .int()
      .min(1)
      .default(1024)
      .describe("the most that thinking and answer may take; the reasoner's end by themselves"),
    temperature: z
      .number()
      .min(0)
      .optional()
      .describe("0 for the likeliest token, 1 for chance as the model learned it; default 0, or the server's"),
    seed: z.number().int().optional().describe("what chance starts from; default 0, or the server's choice"),
  }),
  run: async (words, { endpoint, model, apiKeyEnv, ...sampling }, { json, signal, interactive }) => {
    const chosen = { endpoint, model, apiKeyEnv };
    const voice = json ? silence : createVoice();
    const question = words.join(" ").trim() || (interactive ? undefined : await readQuestion());
    const responder = await openResponder(chosen, sampling);
    try {
      if (question === undefined) return await chat({ ...responder, signal, answer: answerAloud(responder) });
      const result = await responder.answer([{ role: "user", content: question }], { signal, voice });
      voice.end(describeFigures(result));
      return result;
    } finally {
      await responder.close();
    }
  },
  print: () => "", // the voice said it
  exitCode: (result: ChatResult | { answer: string | null }) => ("answer" in result && result.answer === null ? 1 : 0),
});

type AskResult = Omit<Answer, "answer"> & { answer: string | null; solutions?: number };

interface Responder {
  greeting: string;
  /** False where only the last message counts. */
  remembers: boolean;
  answer(
    messages: Parameters<typeof answerChat>[1],
    options: { signal: AbortSignal; voice: Voice },
  ): Promise<AskResult>;
  close(): Promise<void>;
}

/** Each answer of a chat with its figures below. */
function answerAloud(responder: Responder): ChatOptions["answer"] {
  return async (messages, signal) => {
    const voice = createVoice();
    const result = await responder.answer(messages, { signal, voice });
    voice.end(describeFigures(result));
    return result.answer ?? "";
  };
}

async function openResponder(chosen: EndpointOptions, sampling: Sampling): Promise<Responder> {
  const place = findPlace(chosen);
  if (place.kind === "embedded" && place.name === defaultModel) return openSums(sampling);
  // What runs here answers the same twice unless asked otherwise; a server has its own defaults.
  const defaults = place.kind === "openai" ? {} : { temperature: 0, seed: 0 };
  const given = Object.fromEntries(Object.entries(sampling).filter(([, value]) => value !== undefined));
  const endpoint = await openEndpoint(chosen);
  return {
    greeting: `${endpoint.model} listens. Ctrl-C stops an answer, /new begins anew, Ctrl-D ends.`,
    remembers: true,
    answer: (messages, options) => answerChat(endpoint, messages, { ...sampling, ...defaults, ...given, ...options }),
    close: () => endpoint.close(),
  };
}

function openSums({ temperature = 0, seed = 0 }: Sampling): Responder {
  let reasoner: ReturnType<typeof openReasoner> | undefined;
  const open = () => (reasoner ??= openReasoner());
  return {
    greeting: "The reasoner adds 2 to 6 whole numbers from 1 to 99, one sum per line. Ctrl-D ends.",
    remembers: false,
    answer: (messages, options) => answerSum(open, String(messages.at(-1)!.content), { temperature, seed, ...options }),
    async close() {
      await reasoner?.then(
        ({ generator }) => generator.dispose(),
        () => {}, // it was never opened, and the caller has heard why
      );
    },
  };
}

async function readQuestion(): Promise<string> {
  const question = process.stdin.isTTY ? "" : (await readAll(process.stdin)).trim();
  if (question) return question;
  throw new UsageError("There is no question", { hint: 'Write it after the command: polymath ask "17+25+38"' });
}
