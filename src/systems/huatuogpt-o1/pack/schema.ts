/**
 * The domain pack: what a team of any field says of its questions, its models and its training, in one YAML file.
 * Sections take the options of the single commands by the same names and with the same defaults, so that what is known
 * of `polymath huatuo sft --epochs` holds for `sft.epochs`.
 */
import { z } from "zod";
import { evalCommand } from "../commands/eval.ts";
import { factoryCommand } from "../commands/factory.ts";
import { mergeCommand } from "../commands/merge.ts";
import { accountOptions, callOptions, verifierOptions } from "../commands/options.ts";
import { rlCommand } from "../commands/rl.ts";
import { searchCommand } from "../commands/search.ts";
import { sftCommand } from "../commands/sft.ts";
import { verifierTrainCommand } from "../commands/verifier.ts";

const text = () => z.string().trim().min(1);
const { endpoint: _, prompts, count: __, ...teacher } = callOptions;

const Holdout = z
  .strictObject({
    share: z.number().gt(0).lt(1).optional().describe("of the questions that can be evaluated on"),
    count: z.int().min(1).optional().describe("so many of them"),
    decontaminate: z
      .boolean()
      .default(true)
      .describe("whether questions that share a run of 64 characters with those held out are dropped as well"),
  })
  .refine(({ share, count }) => (share === undefined) !== (count === undefined), "give one of share and count");

const Verifier = z
  .strictObject({
    use: z.enum(["exact", "llm"]).optional().describe("exact match, or the judge"),
    folder: text().optional().describe("a trained verifier"),
    train: text().optional().describe("pairs of response, reference and label that one is trained on"),
    ...verifierTrainCommand.options!.omit({ out: true }).shape,
  })
  .refine(
    ({ use, folder, train }) => [use, folder, train].filter((one) => one !== undefined).length === 1,
    "give one of exact, llm, folder and train",
  )
  .refine(({ train, base }) => (train === undefined) === (base === undefined), {
    message: "train and base go together: the pairs, and the model that the verifier begins with",
    path: ["base"],
  });

export type Pack = z.output<typeof Pack>;
export const Pack = z
  .strictObject({
    name: text().describe("what the model is to be an expert in"),
    notice: text().optional().describe("what whoever loads this data or this model must read"),
    questions: text().describe("a file of multiple-choice questions with keys"),
    teacher: z.strictObject({
      endpoint: text().describe("base URL of an OpenAI-compatible server, local:DIR or embedded:NAME"),
      ...teacher,
    }),
    judge: verifierOptions.judge,
    weak: factoryCommand.options!.shape.weak,
    prompts,
    decontaminate: factoryCommand.options!.shape.decontaminate,
    holdout: Holdout.optional(),
    factory: factoryCommand.options!.pick({ minWords: true }).strict().prefault({}),
    search: searchCommand
      .options!.pick({
        ...{ depth: true, attempts: true, fast: true, strategies: true },
        ...{ revealLabel: true, seed: true, verifier: true },
      })
      .strict()
      .prefault({}),
    merge: mergeCommand.options!.pick({ minShare: true, maxShare: true }).strict().prefault({}),
    sft: sftCommand.options!.omit({ out: true }).strict(),
    verifier: Verifier.prefault({ use: "exact" }),
    rl: rlCommand
      .options!.omit({
        ...{ model: true, out: true, verifier: true, judge: true, apiKeyEnv: true },
        ...(Object.fromEntries(Object.keys(accountOptions).map((name) => [name, true])) as Record<
          keyof typeof accountOptions,
          true
        >),
      })
      .strict()
      .optional(),
    eval: evalCommand
      .options!.pick({
        ...{ strict: true, legacyMax: true, temperature: true, topP: true },
        ...{ maxTokens: true, repeats: true, seed: true },
      })
      .extend({ file: text().optional().describe("questions to evaluate on; default those held out") })
      .strict()
      .prefault({}),
  })
  .refine(({ verifier, judge }) => verifier.use !== "llm" || judge !== undefined, {
    message: "missing, and verifier: llm needs the model that verifies, as NAME@URL",
    path: ["judge"],
  })
  .refine(({ holdout, eval: { file } }) => holdout !== undefined || file !== undefined, {
    message: "missing, and there is no eval.file: nothing would be left to evaluate on",
    path: ["holdout"],
  });

/** Short forms: `verifier: exact`, `holdout: 0.1` for a share and `holdout: 200` for a count. */
export function expandPack(raw: unknown): unknown {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return raw;
  const { verifier, holdout } = raw as Record<string, unknown>;
  return {
    ...raw,
    ...(typeof verifier === "string" && { verifier: { use: verifier } }),
    ...(typeof holdout === "number" && { holdout: holdout < 1 ? { share: holdout } : { count: holdout } }),
  };
}
