/** Acceptance 10: a trained policy as a Hugging Face folder answers as it did before it was saved. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProgress } from "../../../core/progress.ts";
import { Random } from "../../../core/random.ts";
import { createGenerator, type DecoderModel } from "../../../language/generate/index.ts";
import { loadModel } from "../../../language/hugging-face.ts";
import { loadTokenizer, type Tokenizer } from "../../../language/tokenizers/index.ts";
import { temporaryFolder } from "../teacher.fixtures.ts";
import { createClinic } from "../world/clinic.ts";
import { drawQuestions } from "../world/question.ts";
import { clinicTokenizer } from "../world/vocabulary.ts";
import { answerAll, promptTokens, readFacts, saveClinicModel, teachForm } from "./policy.ts";
import { teach } from "./teach.ts";

const signal = new AbortController().signal;

async function greedy(model: DecoderModel, tokenizer: Tokenizer, prompts: readonly number[][]): Promise<string[]> {
  const generator = createGenerator({ model, tokenizer });
  const { completions } = await generator.generate({ prompts, maxTokens: 48, temperature: 0 });
  generator.dispose();
  return completions.map(({ text }) => text);
}

test("the same greedy output on 100 prompts", { timeout: 900_000 }, async () => {
  const dir = temporaryFolder();
  const context = {
    dir,
    signal,
    progress: (options: object) => createProgress({ ...options, stream: { write: () => {} } } as never),
  };
  const clinic = createClinic(1000);
  const sizes = { sizes: { dim: 32, layers: 2, heads: 2 }, batch: 8 };
  const base = (await readFacts(
    clinic,
    { ...sizes, factTexts: 400, factRate: 3e-3 },
    { ...context, dir: join(dir, "facts") },
  ))!;
  const rng = new Random(1);
  const { rows } = await teach(clinic, drawQuestions(clinic, rng, 100, "train"), { seed: 1, signal });
  const model = (await teachForm(base, rows, "complex", { epochs: 2, rate: 2e-3, batch: 8 }, 1, {
    ...context,
    dir: join(dir, "complex"),
  }))!;

  const questions = drawQuestions(clinic, rng.split("test"), 100, "test");
  const tokenizer = clinicTokenizer();
  const prompts = questions.map(({ text }) => promptTokens(tokenizer, text));
  const before = await greedy(model, tokenizer, prompts);
  expect(new Set(before).size).toBeGreaterThan(5); // it has learned to say different things

  const folder = join(dir, "saved");
  await saveClinicModel(folder, model);
  const read = await loadTokenizer(folder);
  expect(questions.map(({ text }) => promptTokens(read, text))).toEqual(prompts);
  expect(await greedy(await loadModel(folder), read, prompts)).toEqual(before);

  // Trained once: asked again, the finished part is read from the disk.
  const again = (await teachForm(base, rows, "complex", { epochs: 2, rate: 2e-3, batch: 8 }, 1, {
    ...context,
    dir: join(dir, "complex"),
  }))!;
  expect(await answerAll(again, clinic, questions.slice(0, 20), signal)).toEqual(
    await answerAll(model, clinic, questions.slice(0, 20), signal),
  );
});
