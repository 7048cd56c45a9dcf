/** The scheduler of certaindex: orders, admission, simulator, load generator, and experiment 4. */
export { type AllocationOptions, allocate, withoutCertaindex } from "./allocation.ts";
export { type Arm, armNamed, arms, paperPolicy } from "./arms.ts";
export {
  type Allocation,
  type BranchResult,
  type DriveOptions,
  drive,
  type Executor,
  type PlannedProgram,
} from "./drive.ts";
export {
  type SchedulingOptions,
  type SchedulingResult,
  schedulingExperiment,
  schedulingSizes,
} from "./experiment.ts";
export { describeScheduling, schedulingSections } from "./experiment-report.ts";
export type { UnjudgedRow } from "./experiment-rows.ts";
export { endpointExecutor, engineExecutor, type LiveOptions, runLive } from "./live.ts";
export { type Difficulty, difficultyOf, planLoad, poissonArrivals } from "./load.ts";
export { type RecordedTask, recordTasks } from "./recorder.ts";
export {
  createScheduler,
  type ScheduledRequest,
  type Scheduler,
  type SchedulerOptions,
  type SchedulerPolicy,
  schedulerPolicies,
  type Ticket,
  type TicketState,
} from "./scheduler.ts";
export { type SimulateOptions, simulate } from "./simulator.ts";
export { attainmentOf, findSustainedRate, type RatePoint, sustainedRate, tightestScale } from "./slo.ts";
export { type MeasuredSpeed, measureSpeed, speedFrom } from "./speed.ts";
export { cdf, type LoadReport, outcomesOf, type ProgramOutcome, phiOf, summarise } from "./trace-report.ts";
export { realClock, VirtualClock } from "./virtual-clock.ts";
export { constantSpeed, type EngineSpeed } from "./virtual-executor.ts";
export { type VotingTask, votingProgram } from "./voting.ts";
export { CallSchedule, type ScheduledEndpoint, type ScheduledOptions, withScheduler } from "./with-scheduler.ts";
export { recordedPrograms, syntheticPrograms } from "./workload.ts";
