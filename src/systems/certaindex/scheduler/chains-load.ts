/** The miniature as load: questions of "digit chains" for the model that ships, on an engine of its own. */
import { join } from "node:path";
import { Random } from "../../../core/random.ts";
import { createEngine, type Engine, loadModel, loadTokenizer, openRunner } from "../../../language/index.ts";
import { modelsRoot } from "../../../language/models-root.ts";
import { chainsTokenizer } from "../tokenizer.ts";
import { CONTEXT_LENGTH, chainsPrompting, chainsTask, sampleMixed, sampleQuestions } from "../world.ts";
import type { BranchSampling } from "./live.ts";
import { type Pace, pacedRunner } from "./pace.ts";
import type { VotingTask } from "./voting.ts";

/** Unseen questions of the mix that is judged: 45 % clean, 45 % noisy, 10 % broken. */
export function chainsTasks(count: number, seed: number | string): VotingTask[] {
  const questions = sampleQuestions(new Random(seed).split("scheduler"), count, (rng) => sampleMixed(rng, "test"));
  const tokenizer = chainsTokenizer();
  return questions.map((question) => {
    const { id, text, target } = chainsTask(question, "fast");
    const prompt = tokenizer.encode(text, { special: false }); // it begins with its own <s>
    return {
      id,
      prompt,
      promptTokens: prompt.length,
      estimatedTokens: 40,
      readAnswer: chainsPrompting.readAnswer,
      target,
    };
  });
}

export const chainsSampling: BranchSampling = { maxTokens: CONTEXT_LENGTH, temperature: 1 };

export interface OpenEngineOptions {
  /** A model folder; default the embedded one. */
  dir?: string;
  maxRows: number;
  /** Default: as fast as the machine is. */
  pace?: Pace;
}

/** @throws what `loadModel` and `loadTokenizer` throw */
export async function openChainsEngine({
  dir = join(modelsRoot(), "chains"),
  maxRows,
  pace,
}: OpenEngineOptions): Promise<Engine> {
  const [model, tokenizer] = await Promise.all([loadModel(dir), loadTokenizer(dir)]);
  const runner = await openRunner(model);
  return createEngine({ model: pace ? pacedRunner(runner, pace) : runner, tokenizer, maxRows });
}
