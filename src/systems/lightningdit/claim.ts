/**
 * The paper's claim in miniature: aligning the latents to a vision model makes wide latents easy to generate, at little
 * cost in reconstruction. Source: papers/lightningdit sections 6 and 9 (Yao et al. 2025, arXiv 2501.01423).
 * Differs from the paper where a laptop must: procedural pictures of 16 pixels, a small convolutional net in place of
 * DINOv2, a generator of some hundred thousand parameters, and a judge of our own. The control, alignment to another
 * picture's features, tells what alignment gains beyond any regularisation of the latents.
 */
import { dirname } from "node:path";
import { describeDevice } from "../../compute/device.ts";
import { type ClaimRun, judgeClaim, type RunClaim } from "../../core/claim.ts";
import { createLog } from "../../core/log.ts";
import { claimRows } from "./claim/rows.ts";
import { frontierPlan, frontierSections, frontierTable, runFrontier } from "./frontier/index.ts";

/** Finished parts stay in the run folder: whoever goes on with the run measures only what is missing. */
export const claimLightningDit: RunClaim = async ({ mode, seed, path, progress, signal }): Promise<ClaimRun> => {
  const begun = performance.now();
  // one seed with longer tokenizers than those of `frontier --quick`: from short ones a generator learns their blur
  const plan =
    mode === "quick"
      ? { ...frontierPlan("quick", seed, 1), tokenizerSteps: 2000 }
      : { ...frontierPlan("full", seed, 3), sidePoints: [] };
  const context = { progress, signal, log: createLog(), dir: dirname(path("frontier/plan")) };
  const measurements = await runFrontier(plan, context);
  if (!measurements) throw signal.reason;
  const claim = judgeClaim({
    system: "lightningdit",
    paper:
      "Yao et al. 2025, arXiv 2501.01423, in miniature: latents of 16-pixel pictures, aligned to a small vision net",
    mode,
    rows: claimRows(measurements, mode),
    seeds: [...plan.seeds],
    device: describeDevice(),
    durationMs: performance.now() - begun,
  });
  return { claim, sections: frontierSections(measurements), table: frontierTable(measurements) };
};
