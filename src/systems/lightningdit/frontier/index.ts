/** The frontier between reconstruction and generation, measured. */
export { Arm, type FrontierMode, FrontierPlan, frontierPlan } from "./plan.ts";
export { frontierSections, frontierTable } from "./report.ts";
export { runFrontier } from "./run.ts";
export { judgedGeneration, lastGeneration, Measurement } from "./schemas.ts";
export type { ExperimentContext } from "./shared.ts";
