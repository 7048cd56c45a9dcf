/** The reasoner that ships with Polymath: one sum, thought aloud. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { MissingError, UsageError } from "../../core/errors.ts";
import { askReasoner } from "../../systems/overthinking/index.ts";
import { modelsRoot } from "../models.ts";
import { type LocalModel, openLocalModel } from "./local-model.ts";
import { splitThinking } from "./think-splitter.ts";
import type { Voice } from "./voice.ts";

/** @throws MissingError when it has not been trained yet */
export async function openReasoner(): Promise<LocalModel> {
  const folder = join(modelsRoot, "reasoner");
  if (existsSync(join(folder, "config.json"))) return openLocalModel(folder);
  throw new MissingError(`There is no model in ${folder}`, { hint: "`polymath train reasoner` makes it." });
}

/** The reasoner after self-training against overthinking; undefined where the folder of models has none. */
export async function openConciseReasoner(): Promise<LocalModel | undefined> {
  const folder = join(modelsRoot, "reasoner-concise");
  return existsSync(join(folder, "config.json")) ? openLocalModel(folder) : undefined;
}

/**
 * Lets the reasoner answer while `voice` says it.
 * @param open called only for a question it can answer
 * @throws UsageError with a friendly line for any other
 */
export async function answerSum(
  open: () => LocalModel | Promise<LocalModel>,
  question: string,
  { voice, ...sampling }: { temperature: number; seed: number; signal: AbortSignal; voice: Voice },
) {
  const splitter = splitThinking();
  let began = performance.now();
  const reply = await askReasoner(
    async () => {
      const { generator } = await open();
      began = performance.now(); // loading is no part of the rate
      return generator;
    },
    question,
    { ...sampling, onText: (text) => splitter.push(text).forEach(voice.say) },
  );
  if (reply.kind === "refused") throw new UsageError(reply.message);
  splitter.end().forEach(voice.say);
  return {
    answer: reply.answer,
    thinking: (/<think>(.*?)(<\/think>|$)/s.exec(reply.text)?.[1] ?? "").trim(),
    solutions: reply.solutionCount,
    tokens: reply.tokenCount,
    tokensPerSecond: Math.round(reply.tokenCount / ((performance.now() - began) / 1000)),
    finished: reply.answer !== null,
    model: "reasoner",
  };
}
