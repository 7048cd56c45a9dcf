/** A model folder made ready to answer: weights, tokenizer, chat template. */
import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { UsageError } from "../../core/errors.ts";
import { createGenerator, type Generator } from "../../language/generate/index.ts";
import { loadModel } from "../../language/hugging-face.ts";
import { ChatTemplate, loadTokenizer } from "../../language/tokenizers/index.ts";
import { type Piece, splitThinking } from "./think-splitter.ts";
import type { Voice } from "./voice.ts";

export interface LocalModel {
  name: string;
  generator: Generator;
  parameterCount: number;
  /** Absent for base models, which only go on with a text. */
  template: ChatTemplate | undefined;
}

/** Opens any Llama or Qwen2 folder in Hugging Face format. */
export async function openLocalModel(folder: string): Promise<LocalModel> {
  if (!existsSync(join(folder, "config.json"))) {
    throw new UsageError(`${folder} is no model folder: it has no config.json`, {
      hint: "Give the folder of a Llama or Qwen2 model in Hugging Face format, downloaded whole.",
    });
  }
  const [model, tokenizer] = await Promise.all([loadModel(folder), loadTokenizer(folder)]);
  return {
    name: basename(resolve(folder)),
    generator: createGenerator({ model, tokenizer }),
    parameterCount: model.parameterCount,
    template: await ChatTemplate.load(folder),
  };
}

export interface AnswerOptions {
  maxTokens: number;
  temperature: number;
  seed: number;
  signal: AbortSignal;
  voice: Voice;
}

/** Lets the model answer one message, as its chat template puts it. */
export async function askModel(model: LocalModel, message: string, options: AnswerOptions) {
  const { voice, ...rest } = options;
  const prompt = model.template?.render([{ role: "user", content: message }], { addGenerationPrompt: true }) ?? message;
  const said = { thinking: "", answer: "" };
  const splitter = splitThinking(/<think>\s*$/.test(prompt) ? "thinking" : "answer");
  const say = (pieces: Piece[]) => {
    for (const piece of pieces) {
      said[piece.kind] += piece.text;
      voice.say(piece);
    }
  };
  const { completions, tokenCount, tokensPerSecond } = await model.generator.generate({
    prompts: [prompt],
    special: model.template === undefined, // a template writes its own
    skipSpecial: false, // the tags that tell thinking from answer may be special tokens
    ...rest,
    onToken: (_, { text }) => say(splitter.push(text)),
  });
  say(splitter.end());
  return {
    answer: said.answer.trim(),
    thinking: said.thinking.trim(),
    tokens: tokenCount,
    tokensPerSecond: Math.round(tokensPerSecond),
    finished: completions[0]!.finishReason === "stop",
    model: model.name,
  };
}
