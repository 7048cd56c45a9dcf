/** `polymath overthinking train`: a model learns to answer with fewer tokens, from its own traces or from given pairs. */
import { resolve } from "node:path";
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { UsageError } from "../../../core/errors.ts";
import type { Report } from "../../../core/report.ts";
import { describePreference, usualLoss } from "../../../language/train/index.ts";
import { embeddedReasoner } from "./base-model.ts";
import { changesTable, renderRoundReport } from "./card.ts";
import { ROUND_SETTINGS, runRound } from "./round.ts";
import { type RoundEvaluation, RoundSettings } from "./schemas.ts";
import { type RowsResult, trainOnRows } from "./train-rows.ts";

type Result = ({ kind: "round"; out: string } & RoundEvaluation) | ({ kind: "rows" } & RowsResult);

/** SimPO's usual rate for large models (its authors: 3e-7 to 1e-6); a tiny model needs more. */
const usualRowsRate = 1e-6;

export const overthinkingTrainCommand = defineCommand({
  name: "overthinking train",
  summary: "Teach a model to answer with fewer tokens, from its own traces or from pairs of yours",
  description:
    "Without --pairs, a whole round of self-training on a reasoner of the world Sums: sample, judge, build pairs, choose the rate, train, measure again. " +
    "With --pairs, any local Llama or Qwen folder learns from rows of prompt, chosen and rejected (TRL's form). " +
    "A collapse guard stops a training that falls apart and keeps the last good checkpoint; a reasoner that answers worse at some level is not written.",
  examples: [
    "polymath overthinking train --out my-concise",
    "polymath overthinking train --method dpo --positive shortest --problems 500 --out my-concise",
    "polymath overthinking train --pairs pairs.jsonl --model Qwen2.5-0.5B-Instruct --rates 1e-6 --epochs 1 --batch 4 --out concise",
  ],
  options: RoundSettings.partial().extend({
    model: z.string().optional().describe("folder of the model to train (default: the embedded reasoner)"),
    pairs: z.string().optional().describe("rows of prompt, chosen, rejected: .jsonl, .json or .parquet"),
    out: z.string().describe("folder for the trained model"),
    force: z.boolean().default(false).describe("train on few pairs, and write a model that answers worse"),
  }),
  journal: true,
  async run(_, { out, model, pairs, force, ...given }, context): Promise<Result | null> {
    const { run } = context;
    const chosen = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const settings: RoundSettings = { ...ROUND_SETTINGS, ...chosen };
    const folder = resolve(out);
    if (pairs !== undefined) {
      if (model === undefined) {
        throw new UsageError("--pairs needs --model: the folder of the model to train on them");
      }
      const { method, epochs, batch, seed } = settings;
      const { rates: [lr = usualRowsRate] = [] } = given;
      const loss = usualLoss(method, given);
      const options = {
        file: resolve(pairs),
        model: resolve(model),
        out: folder,
        loss,
        lr,
        epochs,
        batch,
        seed,
        force,
      };
      const result = await trainOnRows(options, { ...context, dir: run.path("train"), metric: run.metric });
      if (!result) return null; // interrupted: `polymath resume` goes on
      await run.finish(reportRows(result, describePreference(loss)));
      return { kind: "rows", ...result };
    }
    const evaluation = await runRound(settings, {
      ...context,
      dir: run.path("round"),
      model: model === undefined ? embeddedReasoner() : resolve(model),
      out: folder,
      force,
      metric: run.metric,
    });
    if (!evaluation) return null;
    await run.finish(renderRoundReport(evaluation));
    return { kind: "round", out: folder, ...evaluation };
  },
  print: describeResult,
});

function describeResult(result: Result | null): string {
  if (!result) return "";
  if (result.kind === "rows") return `${result.out}\n\n${sentenceOf(result)}`;
  const { out, changes, chosenRate, sampling } = result;
  return [
    out,
    `${sampling.traceCount} traces at ${sampling.tokensPerSecond} tokens/s, ${result.pairs.count} pairs, learning rate ${chosenRate}`,
    `Greedy:\n${changesTable(changes.greedy)}`,
    `Temperature 1:\n${changesTable(changes.sampled)}`,
  ].join("\n\n");
}

function sentenceOf({ pairs, dropped, steps, collapse }: RowsResult): string {
  const reasons = Object.entries(dropped).filter(([, count]) => count > 0);
  const left = reasons.length > 0 ? ` (left out: ${reasons.map(([why, count]) => `${count} ${why}`).join(", ")})` : "";
  const end = collapse
    ? ` The guard stopped it at step ${collapse.step} (${collapse.cause}): ${collapse.message}. To mend it, ${collapse.knob}.`
    : "";
  return `Trained ${steps} steps on ${pairs} pairs${left}.${end}`;
}

function reportRows(result: RowsResult, loss: string): Report {
  return { title: "Preference training", summary: `${loss}. ${sentenceOf(result)}`, sections: [] };
}
