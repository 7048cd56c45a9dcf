/** What a trained coder solves, family by family: programs sampled by the engine, judged by the judge. */
import type { CommandContext } from "../../../core/command.ts";
import { Random } from "../../../core/random.ts";
import { mean } from "../../../core/statistics/index.ts";
import { createEngine, type DecoderModel } from "../../../language/engine/index.ts";
import type { Judge } from "../judge/judge.ts";
import { needLanguage } from "../judge/languages.ts";
import { passAtK } from "../rating/pass-at-k.ts";
import { attemptCount, judgePrograms, samplePrograms } from "./sample.ts";
import type { CoderEvaluation, CoderSettings, FamilyFigures } from "./settings.ts";
import { heldOutFamilies, sampleTask, trainedFamilies } from "./task.ts";
import { coderTokenizer } from "./tokenizer.ts";

/** @throws the signal's reason */
export async function evaluateCoder(
  model: DecoderModel,
  { judged, seed }: Pick<CoderSettings, "judged" | "seed">,
  { judge, progress, signal }: Pick<CommandContext, "progress" | "signal"> & { judge: Judge },
): Promise<Pick<CoderEvaluation, "families" | "trained" | "heldOut" | "judge">> {
  const engine = await createEngine({ model, tokenizer: coderTokenizer(), maxRows: 96 });
  const names = [...trainedFamilies, ...heldOutFamilies];
  const rng = new Random(seed).split("coder evaluation");
  const tasks = names.flatMap((family) => {
    const stream = rng.split(family);
    return Array.from({ length: judged }, (_, index) => sampleTask(stream.split(index), family, "contests"));
  });
  const bar = progress({ label: "judge the coder", total: tasks.length, unit: "problems" });
  try {
    const bodies = await samplePrograms(engine, tasks, { seed, signal });
    let done = 0;
    const verdicts = await judgePrograms(judge, tasks, bodies, { signal, onDone: () => bar.update(++done) });
    const families = names.map((family, at): FamilyFigures => {
      const rows = verdicts.slice(at * judged, (at + 1) * judged);
      const right = rows.map((row) => row.filter((verdict) => verdict === "OK").length);
      const pass = (k: number) => mean(right.map((count) => passAtK(attemptCount, count, k)));
      const isHeldOut = heldOutFamilies.includes(family);
      return { family, isHeldOut, problemCount: judged, pass1: pass(1), pass8: pass(8) };
    });
    const over = (isHeldOut: boolean) => {
      const some = families.filter((one) => one.isHeldOut === isHeldOut);
      return { pass1: mean(some.map(({ pass1 }) => pass1)), pass8: mean(some.map(({ pass8 }) => pass8)) };
    };
    const { version } = await needLanguage("python");
    return {
      families,
      trained: over(false),
      heldOut: over(true),
      judge: { version, sandbox: judge.sandbox.description },
    };
  } finally {
    bar.stop();
    await engine.dispose();
  }
}
