/**
 * The paper's claim in miniature: a model that overthinks learns from its own trimmed traces to answer with fewer tokens
 * at the same accuracy. Source: papers/overthinking sections 6 and 9 (Chen et al. 2024, arXiv 2412.21187, table 4).
 * Differs from section 6 in one way: the base is the reasoner that ships with the package, not one trained per seed, so
 * the seeds vary the problems, the samples, the order and the test, but not the model they start from.
 */
import { dirname } from "node:path";
import { describeDevice } from "../../compute/device.ts";
import { type ClaimRun, judgeClaim, type RunClaim } from "../../core/claim.ts";
import { planOf } from "./claim/arms.ts";
import { runExperiment } from "./claim/measure.ts";
import { claimRows } from "./claim/rows.ts";
import { claimSections } from "./claim/sections.ts";

/** Finished parts stay in the run folder: whoever goes on with the run measures only what is missing. */
export const claimOverthinking: RunClaim = async ({ mode, seed, path, progress, signal }): Promise<ClaimRun> => {
  const begun = performance.now();
  const plan = planOf(mode, seed);
  const experiment = await runExperiment(plan, { progress, signal, dir: dirname(path("experiment/plan")) });
  if (!experiment) throw signal.reason;
  const claim = judgeClaim({
    system: "overthinking",
    paper: "Chen et al. 2024, arXiv 2412.21187, in miniature: a model of 448 thousand parameters on sums",
    mode,
    rows: claimRows(experiment),
    seeds: [...plan.seeds],
    device: describeDevice(),
    durationMs: performance.now() - begun,
  });
  return { claim, sections: claimSections(experiment, plan) };
};
