/** Training on rewards: rollouts, PPO, RLOO, GRPO, and preference pairs made from samples. */
export { type Alarm, type AlarmLimits, type Fault, usualAlarmLimits } from "./alarms.ts";
export type { PhaseSeconds } from "./policy-guard.ts";
export { type PolicyPrompt, type Reward, type Rollout, type SampleOptions, sampleRollouts } from "./rollouts.ts";
export {
  type PairSampling,
  type SampledPairOptions,
  type SampledPairResult,
  type SampledPairs,
  samplePairs,
  trainOnSampledPairs,
} from "./sampled-pairs.ts";
export {
  type PolicyMethod,
  type PolicySettings,
  paperPairs,
  paperSettings,
  policyMethods,
  type SampledPairSettings,
  tinyPairs,
  tinySettings,
} from "./settings.ts";
export { type PolicyOptions, type PolicyResult, trainPolicy, type WatchedUpdate } from "./train-policy.ts";
export type { RolloutReport, UpdateReport } from "./update-report.ts";
export { firstLayers } from "./value-net.ts";
