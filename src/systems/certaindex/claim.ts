/**
 * The published claims of certaindex, measured on the model of digit chains: `polymath claim certaindex`.
 * Source: Fu et al. 2024, arXiv 2412.20993; limits of what would bear a claim out: papers/certaindex sections 6 and 9.
 */
import { describeDevice } from "../../compute/device.ts";
import { type ClaimRun, judgeClaim, type RunClaim } from "../../core/claim.ts";
import { probingExperiment } from "./claim/probing.ts";
import { type Findings, sizesOf } from "./claim/rows.ts";
import { openLaboratory } from "./claim/sampling.ts";
import { searchExperiment, searches } from "./claim/search.ts";
import { selfConsistencyExperiment } from "./claim/self-consistency.ts";
import { schedulingExperiment, schedulingSizes } from "./scheduler/experiment.ts";
import { schedulingSections } from "./scheduler/experiment-report.ts";

/** Experiment 4, on an engine of its own. */
async function scheduling({ mode, seed, progress, signal }: Parameters<RunClaim>[0]): Promise<Findings> {
  const result = await schedulingExperiment({ sizes: schedulingSizes[mode], seed, progress, signal });
  return { rows: result.rows, sections: schedulingSections(result) };
}

export const claimCertaindex: RunClaim = async ({ mode, seed, ...context }): Promise<ClaimRun> => {
  const began = performance.now();
  const sizes = sizesOf(mode, seed);
  const laboratory = await openLaboratory(context);
  const found: Findings[] = [];
  try {
    found.push(await selfConsistencyExperiment(laboratory, sizes.selfConsistency));
    found.push(await probingExperiment(laboratory, sizes.probing));
    for (const kind of searches) found.push(await searchExperiment(laboratory, sizes.search, kind));
  } finally {
    await laboratory.endpoint.close();
  }
  found.push(await scheduling({ mode, seed, ...context }));
  const claim = judgeClaim({
    system: "certaindex",
    paper: "Fu et al. 2024, arXiv 2412.20993, in miniature on digit chains",
    mode,
    rows: found.flatMap(({ rows }) => rows),
    seeds: [...sizes.selfConsistency.seeds],
    device: describeDevice(),
    durationMs: performance.now() - began,
  });
  return { claim, sections: found.flatMap(({ sections }) => sections) };
};
