/** `polymath overthinking pairs`: preference pairs that teach a model to stop, for TRL or LLaMA-Factory. */
import { resolve } from "node:path";
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { checkersOf } from "../judge/checkers.ts";
import { openCounter } from "../measure/count-tokens.ts";
import { buildPairs, expectEnoughPairs } from "../pairs/build.ts";
import { describeMargin, exportPairs, hyperParameters, PairFormat, PairMethod } from "../pairs/export.ts";
import { readSampleSets } from "../pairs/from-file.ts";
import { PositiveKind } from "../schemas.ts";
import { fileOptions } from "./options.ts";

export const pairsCommand = defineCommand({
  name: "overthinking pairs",
  summary: "Build preference pairs of short against long reasoning from sampled responses",
  description:
    "Wants several responses to each problem (about ten, drawn at temperature 1): as rows of their own or as a list. " +
    "Writes pairs.jsonl and the trainer's configuration.",
  examples: [
    "polymath overthinking pairs samples.jsonl --positive fcs-reflection --format trl --out pairs",
    "polymath overthinking pairs samples.jsonl --positive shortest --format llama-factory --method dpo",
  ],
  args: z.tuple([
    z.string().meta({ label: "file" }).describe("sampled responses, or the analysed rows of `overthinking analyze`"),
  ]),
  options: z.object({
    positive: PositiveKind.default("fcs-reflection").describe("what the chosen text keeps of a sample"),
    negative: z.enum(["longest", "greedy"]).default("longest").describe("the rejected text; greedy wants --greedy"),
    greedy: z.string().optional().meta({ label: "file" }).describe("greedy responses to the same problems"),
    repeats: z.enum(["stop", "skip"]).default("stop").describe("gds at a strategy that was tried before"),
    silc: z
      .int()
      .min(0)
      .default(0)
      .describe("pairs at most of long right against short wrong, to protect hard problems"),
    minCorrect: z.int().min(1).default(2).describe("right samples that a problem needs"),
    format: PairFormat.default("trl").describe("whose trainer is to read them"),
    method: PairMethod.default("simpo").describe("loss, for the configuration"),
    text: z.boolean().default(false).describe("trl: text instead of message lists"),
    trainee: z.string().optional().meta({ label: "model" }).describe("model to train, for the configuration"),
    out: z.string().default("pairs").meta({ label: "folder" }).describe("where the files go"),
    force: z.boolean().default(false).describe("write also fewer than 200 pairs"),
    tokenizer: fileOptions.tokenizer,
    checker: fileOptions.checker,
    recut: fileOptions.recut,
  }),
  async run([file], options, { progress, signal, log }) {
    const counter = await openCounter(options.tokenizer);
    const bar = progress({ label: "read samples", unit: "responses" });
    let [read, rejectedCount] = [0, 0];
    const sets = await readSampleSets(file, {
      counter,
      checkers: checkersOf(options.checker),
      recut: options.recut,
      signal,
      ...(options.greedy !== undefined && { greedy: options.greedy }),
      onReject: (error) => {
        if (rejectedCount++ === 0) log.warn("row-rejected", { reason: error.message });
      },
      onTrace: () => bar.update(++read),
    }).finally(() => bar.stop());
    const { silc: silcQuota, ...choices } = options;
    const result = buildPairs(sets, { ...choices, silcQuota });
    expectEnoughPairs(result, options);
    const given = hyperParameters[options.method];
    const files = await exportPairs(resolve(options.out), result.pairs, {
      format: options.format,
      messages: !options.text,
      hyperParameters: given,
      ...(options.trainee !== undefined && { model: options.trainee }),
    });
    const { pairs, ...counts } = result;
    const mean = (pick: (pair: (typeof pairs)[number]) => number) =>
      pairs.length === 0 ? null : pairs.reduce((sum, pair) => sum + pick(pair), 0) / pairs.length;
    return {
      pairCount: pairs.length,
      ...counts,
      responseCount: read,
      rejectedCount,
      tokenizer: counter.name,
      chosenTokens: mean((pair) => pair.chosenTokenCount),
      rejectedTokens: mean((pair) => pair.rejectedTokenCount),
      chosenSolutions: mean((pair) => pair.chosenSolutionCount),
      rejectedSolutions: mean((pair) => pair.rejectedSolutionCount),
      hyperParameters: { ...given, gammaOverBeta: given.gamma / given.beta },
      files,
    };
  },
  print: (result) => {
    const list = (counts: Record<string, number>) =>
      Object.entries(counts)
        .map(([reason, count]) => `${count} ${reason}`)
        .join(", ");
    const number = (value: number | null) => value?.toFixed(1) ?? "–";
    return [
      `${result.pairCount} pairs from ${result.setCount} problems and ${result.responseCount} responses (${result.rejectedCount} rows rejected)`,
      `chosen: ${number(result.chosenTokens)} tokens, ${number(result.chosenSolutions)} solutions; rejected: ${number(result.rejectedTokens)} tokens, ${number(result.rejectedSolutions)} solutions (${result.tokenizer})`,
      ...(list(result.dropped) ? [`without a pair: ${list(result.dropped)}`] : []),
      ...(list(result.silcDropped) ? [`without a silc pair: ${list(result.silcDropped)}`] : []),
      describeMargin(result.hyperParameters),
      ...result.files,
    ].join("\n");
  },
});
