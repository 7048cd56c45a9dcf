/** Training a policy on a verifier's word. */
export { type FullScalePlaces, type FullScaleTarget, fullScaleConfig, fullScaleTargets } from "./full-scale.ts";
export { hackMonitor, type MonitorLook, type MonitorOptions } from "./monitor.ts";
export { encodeProblems, holdOut, type RlProblem, readProblems } from "./problems.ts";
export { type Judged, judgeRollouts, type RewardTally, type RewardVerifier, verifierReward } from "./reward.ts";
export {
  evaluateHeldOut,
  type HeldOutFigures,
  type RlContext,
  type RlMethod,
  type RlOptions,
  type RlResult,
  rlMethods,
  trainOnVerifier,
} from "./train.ts";
