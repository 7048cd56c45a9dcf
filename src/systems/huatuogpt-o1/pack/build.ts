/** From a pack to a model: the questions are split once, then step follows step; what is there already is taken up. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeJsonAtomic } from "../../../core/atomic.ts";
import { contentHash } from "../../../core/canonical.ts";
import type { CommandContext } from "../../../core/command.ts";
import { ConfigError, UsageError } from "../../../core/errors.ts";
import { readJson, writeJsonArray } from "../../../core/json.ts";
import type { AccountOptions } from "../commands/options.ts";
import { numberedRows } from "../pipelines/rows.ts";
import { planBuild } from "./plan.ts";
import type { BuildResult } from "./report.ts";
import type { Pack } from "./schema.ts";
import { splitQuestions } from "./split.ts";
import { type Evaluated, filesOf, type StepFigures, type StepName, stepsOf } from "./steps.ts";

export interface BuildSettings {
  pack: Pack;
  /** The pack's file, for messages. */
  file: string;
  account: AccountOptions;
  until?: StepName | undefined;
  dryRun: boolean;
}

/** @returns null when interrupted: `polymath resume` goes on @throws ConfigError for a pack that changed meanwhile */
export async function build(
  { pack, file, account, until, dryRun }: BuildSettings,
  context: CommandContext,
): Promise<BuildResult | null> {
  const { run, log, signal } = context;
  const steps = stepsOf(pack, context);
  const last = until === undefined ? steps.length - 1 : steps.findIndex(({ name }) => name === until);
  if (last < 0) {
    throw new UsageError(`--until ${until}: ${file} has no such step`, {
      hint: `It has ${steps.map(({ name }) => name).join(", ")}.`,
    });
  }
  const wanted = steps.slice(0, last + 1);
  const { training, heldOut } = await openQuestions(pack, file, context);
  const files = filesOf(context, pack);
  const result: BuildResult = {
    ...{ dir: run.dir, name: pack.name, notice: pack.notice ?? null },
    ...{ training: training.length, heldOut: heldOut.length },
    ...{ plan: null, steps: [], evaluation: null, model: null },
    until: wanted.length < steps.length ? wanted.at(-1)!.name : null,
  };
  if (dryRun) {
    const names = wanted.map(({ name }) => name);
    return { ...result, until: null, plan: await planBuild(pack, { training, heldOut: files.heldOut }, names, signal) };
  }
  for (const [index, step] of wanted.entries()) {
    if (signal.aborted) return null;
    log.info("step", { name: step.name, number: index + 1, of: wanted.length });
    const figures = await step.run(withRest(account, result.steps));
    if (!figures) return null;
    log.info("step-end", { name: step.name, rowsIn: figures.rowsIn, rowsOut: figures.rowsOut, calls: figures.calls });
    result.steps.push(figures);
  }
  const isDone = (name: StepName) => wanted.some((step) => step.name === name);
  if (isDone("eval")) result.evaluation = await readJson(files.evaluation, z.custom<Evaluated[]>());
  if (isDone("sft")) result.model = pack.rl && isDone("rl") ? files.model : files.taught;
  return result;
}

/** The budget is one for all steps. */
function withRest(account: AccountOptions, done: readonly StepFigures[]): AccountOptions {
  if (account.maxTokensTotal === undefined) return account;
  const spent = done.reduce((sum, { tokens, step }) => sum + (step === "eval" ? 0 : tokens), 0);
  return { ...account, maxTokensTotal: Math.max(1, account.maxTokensTotal - spent) };
}

const Begun = z.object({ hash: z.string() });

/** The two sides of the split, as they were when the run began. */
async function openQuestions(pack: Pack, file: string, context: CommandContext) {
  const { run } = context;
  const files = filesOf(context, pack);
  const begun = run.path("pack.json");
  const hash = contentHash(pack);
  if (existsSync(begun)) {
    if ((await readJson(begun, Begun)).hash !== hash) {
      throw new ConfigError(`${file}: not what it was when the run began`, {
        hint: `Put it back, or begin a new run with --cache ${join(run.dir, "cache")}: what was paid for is not asked again.`,
      });
    }
    return { training: await rowsOf(files.training), heldOut: pack.holdout ? await rowsOf(files.heldOut) : [] };
  }
  const rows = await rowsOf(pack.questions);
  const split = pack.holdout ? splitQuestions(rows, pack.holdout, pack.questions) : { training: rows, heldOut: [] };
  await writeJsonArray(files.training, split.training);
  if (pack.holdout) await writeJsonArray(files.heldOut, split.heldOut);
  await writeJsonAtomic(begun, { hash, pack });
  return split;
}

async function rowsOf(file: string): Promise<unknown[]> {
  return Array.fromAsync(numberedRows(file), ({ row }) => row);
}
