/** The whole frontier, seed by seed, so that whatever is finished when it is stopped can be compared. */
import { join } from "node:path";
import { measurePoint } from "./measure-point.ts";
import type { FrontierPlan } from "./plan.ts";
import type { Measurement } from "./schemas.ts";
import { type ExperimentContext, openShared } from "./shared.ts";

/** @returns null when `signal` stopped it; what was finished is in `context.dir` */
export async function runFrontier(plan: FrontierPlan, context: ExperimentContext): Promise<Measurement[] | null> {
  const shared = await openShared(plan, { ...context, dir: join(context.dir, "nets") });
  if (!shared) return null;
  try {
    const measurements: Measurement[] = [];
    const places = [
      ...plan.seeds.flatMap((seed) => plan.points.map((point) => ({ seed, ...point }))),
      ...plan.sidePoints.map((point) => ({ seed: plan.seeds[0]!, ...point })),
    ];
    for (const { seed, d, arm } of places) {
      const dir = join(context.dir, `seed-${seed}`, `d${d}-${arm}`);
      const measured = await measurePoint({ d, arm, seed, plan, shared }, { ...context, dir });
      if (!measured) return null;
      measurements.push(measured);
      const { fid, classAgreement } = measured.generation.at(-1)!.evaluation;
      context.log.info("point-end", { seed, d, arm, psnr: measured.reconstruction.psnr, fid, classAgreement });
    }
    return measurements;
  } finally {
    shared.dispose();
  }
}
