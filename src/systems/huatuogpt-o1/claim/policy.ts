/** A policy of Clinic: how it begins, what it is taught, and its answers to held-out questions. */

import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { CommandContext } from "../../../core/command.ts";
import { Random } from "../../../core/random.ts";
import { defineTinyDecoder, initDecoder, type TinySizes } from "../../../language/decoder/index.ts";
import { createGenerator, type DecoderModel } from "../../../language/generate/index.ts";
import { loadModel, saveModel } from "../../../language/hugging-face.ts";
import type { Tokenizer } from "../../../language/tokenizers/index.ts";
import { copyParams, encodeConversation, packExamples, sft, type TokenExample } from "../../../language/train/index.ts";
import { parseForm, renderForm } from "../form.ts";
import type { MergedRow } from "../merge/respond.ts";
import type { Clinic } from "../world/clinic.ts";
import { caseExample, checkedCaseExample, factExample } from "../world/facts.ts";
import { isRight } from "../world/oracle.ts";
import type { ClinicQuestion } from "../world/question.ts";
import { straightChain } from "../world/straight.ts";
import {
  BOS,
  CONTEXT_LENGTH,
  clinicTemplate,
  clinicTokenizer,
  EOS,
  PAD,
  VOCABULARY,
  words,
} from "../world/vocabulary.ts";
import type { Plan, TaughtForm } from "./plan.ts";

export interface PolicyContext extends Pick<CommandContext, "progress" | "signal"> {
  /** Where finished parts are kept. */
  dir: string;
}

export function clinicDecoder(sizes: TinySizes) {
  const tokenizer = clinicTokenizer();
  const ends = [BOS, EOS, PAD].map((token) => tokenizer.tokenId(token)!);
  return defineTinyDecoder(sizes, { vocabSize: VOCABULARY.length, maxPositions: CONTEXT_LENGTH, ends });
}

/** The model that has read the facts and answered nothing yet. @returns null when `signal` stopped it */
export async function readFacts(
  clinic: Clinic,
  { sizes, factTexts, factRate, batch }: Pick<Plan, "sizes" | "factTexts" | "factRate" | "batch">,
  context: PolicyContext,
): Promise<DecoderModel | null> {
  const tokenizer = clinicTokenizer();
  const rng = new Random(clinic.seed).split("facts");
  const examples = Array.from({ length: factTexts }, (_, index) => [
    factExample(clinic, rng.split(index), tokenizer),
    index % 2 === 0
      ? caseExample(rng.split(`case ${index}`), tokenizer)
      : checkedCaseExample(clinic, rng.split(`case ${index}`), tokenizer),
  ]).flat();
  const config = clinicDecoder(sizes);
  const params = initDecoder(config, new Random(clinic.seed).split("policy"));
  const options = { epochs: 1, rate: factRate, batch, seed: clinic.seed };
  return learn({ config, params }, examples, options, { ...context, label: "read facts" });
}

/** What a row teaches a model of this form to write. */
export function targetOf(form: TaughtForm, row: MergedRow, tokenizer: Tokenizer): string {
  switch (form) {
    case "direct":
      return renderForm("", row.Response);
    case "simple":
      return renderForm(straightChain(row), row.Response);
    case "padded": {
      const straight = straightChain(row);
      const missing = tokenizer.encode(row.Complex_CoT).length - tokenizer.encode(straight).length;
      return renderForm(`${words.filler.repeat(Math.max(0, missing))}${words.opened}${straight}`, row.Response);
    }
    case "complex":
      return renderForm(row.Complex_CoT, row.Response);
  }
}

export function exampleOf(row: MergedRow, form: TaughtForm, tokenizer: Tokenizer): TokenExample {
  const content = targetOf(form, row, tokenizer);
  const turns = [
    { role: "user" as const, content: row.Question },
    { role: "assistant" as const, content },
  ];
  return encodeConversation(turns, { tokenizer, template: clinicTemplate() });
}

/** Supervised training of one form. @param base borrowed @returns null when `signal` stopped it */
export async function teachForm(
  base: DecoderModel,
  rows: readonly MergedRow[],
  form: TaughtForm,
  { epochs, rate, batch }: Pick<Plan, "epochs" | "rate" | "batch">,
  seed: number,
  context: PolicyContext,
): Promise<DecoderModel | null> {
  const tokenizer = clinicTokenizer();
  const examples = rows.map((row) => exampleOf(row, form, tokenizer));
  const start = { config: base.config, params: await copyParams(base.params) };
  return learn(start, examples, { epochs, rate, batch, seed }, { ...context, label: `teach ${form}` });
}

interface LearnOptions {
  epochs: number;
  rate: number;
  batch: number;
  seed: number | string;
}

/** Learns, or reads what an earlier process learned. @param model its parameters are spent */
async function learn(
  { config, params }: DecoderModel,
  examples: readonly TokenExample[],
  { epochs, rate, batch, seed }: LearnOptions,
  { dir, progress, signal, label }: PolicyContext & { label: string },
): Promise<DecoderModel | null> {
  const folder = join(dir, "model");
  if (existsSync(join(folder, "config.json"))) return loadModel(folder);
  const rowCount = packExamples(examples, CONTEXT_LENGTH).length;
  const bar = progress({ label, total: Math.ceil((epochs * rowCount) / batch), unit: "steps" });
  const trained = await sft({
    ...{ config, params, examples, epochs, seed, signal },
    sequenceLength: CONTEXT_LENGTH,
    batchSize: batch,
    learningRate: rate,
    weightDecay: 0.01,
    checkpointDir: join(dir, "train"),
    checkpointEvery: 200,
    progress: bar,
  });
  bar.stop();
  if (trained.stopped) return null;
  const model = { config, params: trained.params };
  await saveClinicModel(folder, model);
  return loadModel(folder);
}

export async function saveClinicModel(folder: string, model: DecoderModel): Promise<void> {
  await mkdir(folder, { recursive: true });
  await saveModel(folder, { ...model, tokenizer: clinicTokenizer() });
}

/** The tokens that a question is asked with. */
export function promptTokens(tokenizer: Tokenizer, text: string): number[] {
  return tokenizer.encode(clinicTemplate().render([{ role: "user", content: text }], { addGenerationPrompt: true }));
}

/** Of one model on one held-out question. */
export const Answered = z.object({
  /** By the world's oracle. */
  right: z.boolean(),
  hasForm: z.boolean(),
  hops: z.literal([1, 2]),
  /** The most frequent candidate was wrong. */
  isTrap: z.boolean(),
  tokens: z.int(),
  response: z.string(),
});
export type Answered = z.output<typeof Answered>;

/** Greedy answers. @returns null when `signal` stopped it */
export async function answerAll(
  model: DecoderModel,
  clinic: Clinic,
  questions: readonly ClinicQuestion[],
  signal: AbortSignal,
): Promise<Answered[] | null> {
  const tokenizer = clinicTokenizer();
  const generator = createGenerator({ model, tokenizer });
  try {
    const prompts = questions.map(({ text }) => promptTokens(tokenizer, text));
    const { completions } = await generator.generate({ prompts, maxTokens: mostTokens, temperature: 0, signal });
    if (signal.aborted) return null;
    return completions.map(({ text, tokens }, index) => {
      const { names, query, present, condition } = questions[index]!;
      const parts = parseForm(text);
      return {
        right: parts !== null && isRight(parts.response, names[0]!),
        hasForm: parts !== null,
        hops: query.hops,
        isTrap: clinic.byFinding[present[0]!]![0] !== condition,
        tokens: tokens.length,
        response: parts?.response ?? "",
      };
    });
  } finally {
    generator.dispose();
  }
}

/** Tokens that an answer may have: what the context leaves after the longest question. */
export const mostTokens = 224;
