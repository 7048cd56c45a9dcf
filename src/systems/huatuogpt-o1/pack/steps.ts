/**
 * The steps of a build, in order: each is the single command of that name, with its options from the pack. A later step
 * finds what it needs in the run's folder, so that it is the same whether the one before ran just now or yesterday.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic, writeJsonAtomic } from "../../../core/atomic.ts";
import type { CommandContext } from "../../../core/command.ts";
import { openLedger, readPrices } from "../../../endpoint/index.ts";
import { evalCommand } from "../commands/eval.ts";
import { factoryCommand } from "../commands/factory.ts";
import { mergeCommand } from "../commands/merge.ts";
import type { AccountOptions } from "../commands/options.ts";
import type { EngineResult } from "../commands/report.ts";
import { rlCommand } from "../commands/rl.ts";
import { searchCommand } from "../commands/search.ts";
import { sftCommand } from "../commands/sft.ts";
import { verifierTrainCommand } from "../commands/verifier.ts";
import type { BenchmarkScore } from "../eval/run.ts";
import type { Pack } from "./schema.ts";
import { runStep } from "./step-run.ts";

export const stepNames = ["factory", "search", "merge", "sft", "verifier", "rl", "eval"] as const;
export type StepName = (typeof stepNames)[number];

export interface StepFigures {
  step: StepName;
  rowsIn: number;
  rowsOut: number;
  /** Rows that ended here, by label. */
  setAside: Record<string, number>;
  /** Calls of models, and their tokens; those of a model of this machine cost nothing else. */
  calls: number;
  tokens: number;
  /** Null without a price table. */
  money: number | null;
}

/** One model's figures. */
export interface Evaluated {
  /** `before training`, `after sft`, `after rl`. */
  when: string;
  model: string;
  scores: BenchmarkScore[];
}

export interface BuildStep {
  name: StepName;
  /** @returns null when interrupted */
  run(account: AccountOptions): Promise<StepFigures | null>;
}

/** What the steps write into the run's folder, and read there. */
export function filesOf({ run }: Pick<CommandContext, "run">, pack: Pack) {
  return {
    training: run.path("training.json"),
    heldOut: run.path("held-out.json"),
    problems: run.path("problems.json"),
    searched: run.path("searched.json"),
    merged: run.path("merged.json"),
    evaluation: run.path("evaluation.json"),
    verifier: join(run.dir, "verifier"),
    /** After supervised training. */
    taught: join(run.dir, pack.rl ? "model-sft" : "model"),
    /** The last one: what the build is for. */
    model: join(run.dir, "model"),
  };
}

/** The questions that models are judged by. */
export const evaluatedOn = (pack: Pack, heldOut: string): string => pack.eval.file ?? heldOut;

/** Files whose text must not be in what is taught: with those of the pack, what the model is judged by. */
export const notTaught = (pack: Pack, heldOut: string): string[] =>
  pack.holdout?.decontaminate === false ? pack.decontaminate : [...pack.decontaminate, evaluatedOn(pack, heldOut)];

/** Those that this pack has. */
export function stepsOf(pack: Pack, context: CommandContext): BuildStep[] {
  const { run } = context;
  const files = filesOf(context, pack);
  const { teacher, judge, prompts } = pack;
  const calls = { ...teacher, prompts };
  const { verifier: searchVerifier, ...search } = pack.search;
  const { use, folder, train, ...training } = pack.verifier;
  const verifier = use ?? folder ?? files.verifier;
  const cached = (account: AccountOptions) => ({ ...account, cache: account.cache ?? run.path("cache") });

  const factory = async (account: AccountOptions) => {
    const decontaminate = notTaught(pack, files.heldOut);
    const options = { ...calls, ...pack.factory, weak: pack.weak, decontaminate, ...cached(account) };
    const call = { name: "factory", command: factoryCommand, args: [files.training] as [string], options };
    return ofEngine(await runStep({ ...call, shares: ["problems.json", "database"] }, context));
  };

  const searching = async (account: AccountOptions) => {
    const options = { ...calls, ...search, verifier: searchVerifier, judge, ...cached(account) };
    const call = { name: "search", command: searchCommand, args: [files.problems] as [string], options };
    return ofEngine(await runStep({ ...call, shares: ["searched.json", "database"] }, context));
  };

  const merge = async (account: AccountOptions) => {
    const options = { ...calls, ...pack.merge, verifier: searchVerifier, judge, ...cached(account) };
    const call = { name: "merge", command: mergeCommand, args: [files.searched] as [string], options };
    return ofEngine(await runStep({ ...call, shares: ["merged.json", "database"] }, context));
  };

  const sft = async () => {
    const options = { ...pack.sft, out: files.taught };
    const result = await runStep(
      { name: "sft", command: sftCommand, args: [files.merged] as [string], options },
      context,
    );
    if (!result) return null;
    await leaveNotice(pack, files.taught);
    const { rows, mixed, tooLong } = result;
    return { rowsIn: rows + mixed + tooLong, rowsOut: rows + mixed, setAside: labelled({ too_long: tooLong }) };
  };

  const verifierTraining = async () => {
    const options = { ...training, out: files.verifier };
    const result = await runStep({ name: "verifier", command: verifierTrainCommand, args: [train!], options }, context);
    return result && { rowsIn: result.pairs + result.heldOut, rowsOut: result.pairs, setAside: {} };
  };

  const rl = async (account: AccountOptions) => {
    const options = {
      ...{ ...pack.rl, model: files.taught, out: files.model, verifier, judge, apiKeyEnv: teacher.apiKeyEnv },
      ...cached(account),
    };
    const result = await runStep(
      { name: "rl", command: rlCommand, args: [files.problems] as [string], options },
      context,
    );
    if (!result) return null;
    await leaveNotice(pack, files.model);
    const { prompts: rowsOut, tooLong } = result;
    return { rowsIn: rowsOut + tooLong, rowsOut, setAside: labelled({ too_long: tooLong }) };
  };

  const evaluate = async ({ concurrency }: AccountOptions) => {
    const { file: _, ...asked } = pack.eval;
    const models = [
      { part: "before", when: "before training", model: pack.sft.base },
      { part: "sft", when: "after sft", model: files.taught },
      ...(pack.rl ? [{ part: "rl", when: "after rl", model: files.model }] : []),
    ];
    const evaluated: Evaluated[] = [];
    for (const { part, when, model } of models) {
      const options = {
        ...{ ...asked, endpoint: `local:${model}`, verifier, judge, apiKeyEnv: teacher.apiKeyEnv },
        concurrency: Math.max(1, concurrency),
      };
      const args = [evaluatedOn(pack, files.heldOut)] as [string];
      const result = await runStep({ name: join("eval", part), command: evalCommand, args, options }, context);
      if (!result) return null;
      evaluated.push({ when, model, scores: result.scores });
    }
    await writeJsonAtomic(files.evaluation, evaluated);
    const questions = evaluated[0]!.scores.reduce((sum, { mcq, open }) => sum + (mcq ?? open)!.count, 0);
    return { rowsIn: questions, rowsOut: questions, setAside: {} };
  };

  const known: Record<StepName, (account: AccountOptions) => Promise<Rows | null>> = {
    ...{ factory, search: searching, merge, sft, verifier: verifierTraining, rl, eval: evaluate },
  };
  const isThere = (name: StepName) =>
    (name !== "rl" || pack.rl !== undefined) && (name !== "verifier" || train !== undefined);
  return stepNames.filter(isThere).map((name) => ({
    name,
    async run(account) {
      const rows = await known[name](account);
      return rows && { step: name, ...rows, ...(await paidFor(name, account, context)) };
    },
  }));
}

type Rows = Pick<StepFigures, "rowsIn" | "rowsOut" | "setAside">;

function ofEngine(result: EngineResult | null): Rows | null {
  if (!result) return null;
  const { stages, failed, written } = result;
  const setAside: Record<string, number> = {};
  for (const { rejected } of stages) {
    for (const [label, count] of Object.entries(rejected)) setAside[label] = (setAside[label] ?? 0) + count;
  }
  const ended = Object.values(setAside).reduce((sum, count) => sum + count, failed);
  return { rowsIn: written + ended, rowsOut: written, setAside: { ...setAside, ...labelled({ failed }) } };
}

const labelled = (counts: Record<string, number>) =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));

/** From the ledgers of the step, which hold what every process of this run was answered. */
async function paidFor(name: StepName, { prices: file }: AccountOptions, { run }: CommandContext) {
  const parts = name === "eval" ? ["before", "sft", "rl"].map((part) => join(name, part)) : [name];
  const prices = file === undefined ? {} : await readPrices(file);
  const sum = { calls: 0, tokens: 0, money: file === undefined ? null : 0 };
  for (const part of parts) {
    const path = join(run.dir, "steps", part, "ledger.jsonl");
    if (!existsSync(path)) continue;
    const ledger = await openLedger(path, { prices });
    const { paidCount, promptTokens, completionTokens, lostTokens, money } = ledger.totals;
    ledger.close();
    sum.calls += paidCount;
    sum.tokens += promptTokens + completionTokens + lostTokens;
    if (sum.money !== null) sum.money += money;
  }
  return sum;
}

/** What whoever loads the weights must read stands beside them. */
async function leaveNotice({ name, notice }: Pack, folder: string): Promise<void> {
  if (notice !== undefined) await writeFileAtomic(join(folder, "NOTICE.md"), `# ${name}\n\n${notice}\n`);
}
