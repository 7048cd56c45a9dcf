/** Certaindex: how settled the answer of a running reasoning program is, and what to do with that number. */
export { claimCertaindex } from "./claim.ts";
export {
  type AnswerEquality,
  type AnswerGroups,
  type Embedder,
  groupByEquality,
  groupBySimilarity,
} from "./cluster.ts";
export { type Dataset, type DatasetOptions, readQuestions } from "./datasets.ts";
export { type CalibratedPolicy, type CalibrateOptions, calibrate } from "./policy/calibrate.ts";
export { decide, describePolicy } from "./policy/decide.ts";
export { expectFingerprint, readPolicy } from "./policy/policy-file.ts";
export { type ReplayResult, type ReplaySummary, replay, replayOne } from "./policy/replay.ts";
export { createShadow, type Shadow, type ShadowOptions } from "./policy/shadow.ts";
export * from "./probe/index.ts";
export * from "./programs/index.ts";
export { createProgramTrace, type ProgramTrace } from "./programs/trace.ts";
export { createScheduler, type Scheduler, type SchedulerPolicy } from "./scheduler/scheduler.ts";
export { type ScheduledEndpoint, withScheduler } from "./scheduler/with-scheduler.ts";
export * from "./schemas.ts";
export { attainableValues, certaindex, describeThreshold, disclaimer, meetsAll } from "./signals.ts";
export * from "./solve/index.ts";
export { openTrace, type TraceWriter } from "./traces.ts";
export { chainsProbe } from "./world.ts";
