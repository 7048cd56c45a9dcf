/**
 * The claims behind CodeElo, measured where the truth is known: `polymath claim codeelo`.
 * Source: Quan et al. 2025, arXiv 2501.01257; what would bear a claim out: sections 6 and 9 of the specification.
 * The paper's own table of models is not tried: it needs those models and the platform's judge.
 */
import { dirname, join } from "node:path";
import { describeDevice } from "../../compute/device.ts";
import { type ClaimRun, judgeClaim, type RunClaim } from "../../core/claim.ts";
import { createLog } from "../../core/log.ts";
import { contestFindings } from "./claim/contests.ts";
import { truthExperiment } from "./claim/judge-truth.ts";
import { ratingExperiment } from "./claim/rating.ts";
import { type ContestExperiment, runContests } from "./coder/experiment.ts";
import { FULL_SETTINGS } from "./coder/settings.ts";
import { openJudge } from "./judge/judge.ts";
import { needLanguage } from "./judge/languages.ts";
import type { Level } from "./problems/family.ts";

const sizes = {
  quick: { trainings: 1, contestCount: 20, levels: [1] },
  full: { trainings: 3, contestCount: 20, levels: [1, 2, 3] },
} as const satisfies Record<string, { trainings: number; contestCount: number; levels: readonly Level[] }>;

/** Verdicts, checkpoints and models stay in the run folder: whoever goes on with the run makes only what is missing. */
export const claimCodeElo: RunClaim = async ({ mode, seed, path, progress, signal }): Promise<ClaimRun> => {
  const begun = performance.now();
  const { trainings, contestCount, levels } = sizes[mode];
  const folder = dirname(path("experiment/plan"));
  await needLanguage("python");
  const judge = await openJudge({ cacheFolder: join(folder, "judge") });

  const bar = progress({ label: "simulate contests", total: 100, unit: "%" });
  const onProgress = (share: number) => bar.update(Math.round(100 * share));
  const rating = await ratingExperiment(seed, { signal, onProgress });
  bar.stop();
  const truth = await truthExperiment(judge, levels, seed, { progress, signal });
  const seeds = Array.from({ length: trainings }, (_, index) => seed + index);
  const experiments: ContestExperiment[] = [];
  for (const one of seeds) {
    const settings = { ...FULL_SETTINGS, seed: one };
    const context = { progress, signal, log: createLog() };
    const options = { settings, contestCount, judge, folder: join(folder, `seed-${one}`) };
    experiments.push(await runContests({ ...options, ...context }));
  }
  const contests = contestFindings(experiments);
  const found = [rating, truth, contests];
  const claim = judgeClaim({
    system: "codeelo",
    paper:
      "Quan et al. 2025, arXiv 2501.01257, where the truth is known: simulated people, planted faults, a model of our own",
    mode,
    rows: found.flatMap(({ rows }) => rows),
    seeds,
    device: describeDevice(),
    durationMs: performance.now() - begun,
  });
  return { claim, sections: found.flatMap(({ sections }) => sections) };
};
