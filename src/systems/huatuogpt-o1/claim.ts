/**
 * The paper's claim in miniature: a small model that is taught whole searches, wrong turns included, answers better than
 * one that is taught straight lines of thought, and gains more from training on a verifier's rewards.
 * Source: spec sections 6 and 9 (Chen et al. 2024, arXiv 2412.18925, tables 2 and 3).
 */
import { dirname } from "node:path";
import { describeDevice } from "../../compute/device.ts";
import { type ClaimRun, judgeClaim, type RunClaim } from "../../core/claim.ts";
import { runExperiment } from "./claim/measure.ts";
import { planOf } from "./claim/plan.ts";
import { claimRows } from "./claim/rows.ts";
import { claimSections, sixArmsTable } from "./claim/sections.ts";

/** Finished parts stay in the run folder: whoever goes on with the run measures only what is missing. */
export const claimHuatuo: RunClaim = async ({ mode, seed, path, progress, signal }): Promise<ClaimRun> => {
  const begun = performance.now();
  const plan = planOf(mode, seed);
  const experiment = await runExperiment(plan, { progress, signal, dir: dirname(path("experiment/plan")) });
  if (!experiment) throw signal.reason;
  const claim = judgeClaim({
    system: "huatuogpt-o1",
    paper: "Chen et al. 2024, arXiv 2412.18925, in miniature: small decoders in an invented clinic",
    mode,
    rows: claimRows(experiment),
    seeds: [...plan.seeds],
    device: describeDevice(),
    durationMs: performance.now() - begun,
  });
  return { claim, sections: claimSections(experiment, plan), table: sixArmsTable(experiment) };
};
