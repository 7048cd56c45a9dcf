/**
 * Certaindex: how settled the answer of a running reasoning program is, and what to do with that number.
 * Nothing here brings an engine along: the proxy needs none.
 */
import type { RunClaim } from "../../core/claim.ts";

export {
  type AnswerEquality,
  type AnswerGroups,
  type Embedder,
  groupByEquality,
  groupBySimilarity,
} from "./cluster.ts";
export { type Dataset, type DatasetOptions, readQuestions } from "./datasets.ts";
export { type LexicalOptions, lexicalEmbedder, type OpenAiEmbedderOptions, openAiEmbedder } from "./embedders.ts";
export {
  type CalibratedPolicy,
  type CalibrateOptions,
  type CalibrationDetails,
  calibrate,
  calibrateInDetail,
  type ProbeGrid,
  type TestedCandidate,
} from "./policy/calibrate.ts";
export { decide, describePolicy } from "./policy/decide.ts";
export {
  checkPolicy,
  compareFingerprint,
  expectFingerprint,
  type Fingerprint,
  readPolicy,
  writePolicy,
} from "./policy/policy-file.ts";
export { type ReplayResult, type ReplaySummary, replay, replayOne } from "./policy/replay.ts";
export { createShadow, type Shadow, type ShadowOptions } from "./policy/shadow.ts";
export { type SkylineOptions, skyline } from "./policy/skyline.ts";
export { readRecordings } from "./policy/sources.ts";
export { type WindowSettings, withWindow } from "./policy/windows.ts";
export * from "./probe/index.ts";
export * from "./programs/index.ts";
export { createProgramTrace, type ProgramTrace } from "./programs/trace.ts";
export { type AllocationOptions, allocate } from "./scheduler/allocation.ts";
export { type LoadOptions, planLoad, poissonArrivals } from "./scheduler/load.ts";
export {
  createScheduler,
  type ScheduledRequest,
  type Scheduler,
  type SchedulerOptions,
  type SchedulerPolicy,
  schedulerPolicies,
  type Ticket,
} from "./scheduler/scheduler.ts";
export { type SimulateOptions, simulate } from "./scheduler/simulator.ts";
export { type LoadReport, outcomesOf, type ProgramOutcome, summarise } from "./scheduler/trace-report.ts";
export { constantSpeed, type EngineSpeed } from "./scheduler/virtual-executor.ts";
export { type ScheduledEndpoint, type ScheduledOptions, withScheduler } from "./scheduler/with-scheduler.ts";
export { type ProgramTemplate, recordedPrograms, syntheticPrograms } from "./scheduler/workload.ts";
export * from "./schemas.ts";
export {
  type AttainableValue,
  attainableValues,
  certaindex,
  describeThreshold,
  disclaimer,
  meetsAll,
  rewardSignals,
  tokenProbability,
  windowConsistency,
} from "./signals.ts";
export * from "./solve/index.ts";
export type { PolicyTrial } from "./tour.ts";
export {
  openTrace,
  readTrace,
  recordingsFromTrace,
  resultsFromTrace,
  type TracedResult,
  type TraceOptions,
  type TraceWriter,
} from "./traces.ts";
export { chainsProbe } from "./world.ts";

/** The published claims, run anew on the model of digit chains; that and its engine are loaded when it is run. */
export const claimCertaindex: RunClaim = async (options) => (await import("./claim.ts")).claimCertaindex(options);

/** The stop of the tour, with the same engine. */
export const tryPolicy: typeof import("./tour.ts").tryPolicy = async (options) =>
  (await import("./tour.ts")).tryPolicy(options);
