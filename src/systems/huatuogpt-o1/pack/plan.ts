/** What a build would do, with counts, before a model is asked: the rules that cost nothing have been applied already. */
import { tinyPairs, tinySettings } from "../../../language/train/index.ts";
import { runThrough } from "../claim/run-stages.ts";
import { searchLimits } from "../commands/search.ts";
import { readEvalFile } from "../eval/files.ts";
import { checkRowStage } from "../stages/check-row.ts";
import { contaminationIndex, decontaminateStage, readEvaluationFiles } from "../stages/decontaminate.ts";
import { longEnoughStage } from "../stages/long-enough.ts";
import { rulesStage } from "../stages/rules.ts";
import type { Pack } from "./schema.ts";
import { evaluatedOn, notTaught, type StepName } from "./steps.ts";

export interface PlannedStep {
  step: StepName;
  /** Rows at most. */
  rows: number;
  /** Calls of teacher, judge and weak models at most; a reply that cannot be read is asked for once more. */
  calls: number;
  what: string;
}

export async function planBuild(
  pack: Pack,
  { training, heldOut }: { training: readonly unknown[]; heldOut: string },
  steps: readonly StepName[],
  signal: AbortSignal,
): Promise<PlannedStep[]> {
  const { weak, search, sft, verifier, rl, eval: asked } = pack;
  const rows = await countLeft(pack, training, heldOut, signal);
  const { depth, attempts } = searchLimits(search);
  const verdicts = search.verifier === "llm" ? 1 : 0;
  const replies = attempts * (1 + depth) + (search.revealLabel ? 1 : 0);
  const questions = (await readEvalFile(evaluatedOn(pack, heldOut))).length * asked.repeats;
  const models = rl ? 3 : 2;
  const known: Record<StepName, Omit<PlannedStep, "step">> = {
    factory: {
      rows,
      calls: rows * (weak.length + 2),
      what: `${training.length} questions, ${training.length - rows} of them set aside by rule; ${weak.length} weak models, a label, a rewriting`,
    },
    search: {
      rows,
      calls: rows * replies * (1 + verdicts),
      what: `${attempts} attempts of up to ${depth} refinements${verdicts > 0 ? ", a verdict on each conclusion" : ""}`,
    },
    merge: { rows, calls: rows * 2 * (1 + verdicts), what: "a monologue and a response, checked" },
    sft: { rows, calls: 0, what: `${sft.epochs} epochs on ${sft.base}` },
    verifier: { rows: 0, calls: 0, what: `trained on ${verifier.train}` },
    rl: { rows, calls: verifier.use === "llm" && rl ? rlVerdicts(rl, rows) : 0, what: rl ? describeRl(rl) : "" },
    eval: { rows: questions, calls: 0, what: `${models} models on ${evaluatedOn(pack, heldOut)}` },
  };
  return steps.map((step) => ({ step, ...known[step] }));
}

type Rl = NonNullable<Pack["rl"]>;

/** Of the first verifier: on all rollouts, and on the answers to the problems that the training holds out. */
function rlVerdicts({ method, ...rl }: Rl, problems: number): number {
  const rows = Math.min(problems, rl.count ?? problems);
  const heldOut = Math.min(Math.floor(rows / 10), 200);
  if (method === "dpo") {
    return (rl.rounds ?? tinyPairs.rounds) * (rl.samples ?? tinyPairs.samples) * (rows - heldOut) + 2 * heldOut;
  }
  const usual = tinySettings[method];
  const { updates = usual.updates, groupSize = usual.groupSize } = rl;
  const rollouts = rl.prompts === undefined ? Math.max(tinySettings.ppo.prompts, groupSize) : rl.prompts * groupSize;
  return updates * rollouts + (2 + Math.floor(updates / rl.evaluateEvery)) * heldOut;
}

function describeRl({ method, updates, rounds, second }: Rl): string {
  const length =
    method === "dpo" ? `${rounds ?? tinyPairs.rounds} rounds` : `${updates ?? tinySettings[method].updates} updates`;
  return `${method}, ${length}${second === "llm" ? "; calls of the second verifier are not counted here" : ""}`;
}

/** Rows that a model would be asked about. */
async function countLeft(pack: Pack, training: readonly unknown[], heldOut: string, signal: AbortSignal) {
  const files = notTaught(pack, heldOut);
  const index = contaminationIndex(await readEvaluationFiles(files));
  const stages = [
    ...[checkRowStage, longEnoughStage(pack.factory.minWords), rulesStage],
    decontaminateStage("decontaminate", "question", index),
  ];
  let left = 0;
  for (const [place, row] of training.entries()) {
    const outcome = await runThrough(stages, { number: place + 1, row }, { place, signal });
    if (!("reject" in outcome)) left++;
  }
  return left;
}
