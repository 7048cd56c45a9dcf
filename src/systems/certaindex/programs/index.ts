/** Reasoning programs: the contract, the runtime that drives them, and four of them. */
export type { Sampling } from "./caller.ts";
export { type ChainOfThoughtSettings, chainOfThought } from "./chain-of-thought.ts";
export { type MctsSettings, mcts } from "./mcts.ts";
export type { Outcome } from "./outcome.ts";
export * from "./program.ts";
export { type RebaseSettings, rebase } from "./rebase.ts";
export { toRecording } from "./recording.ts";
export { functionReward, mathsVerdict, type RewardModel, type VerdictOptions, verdictReward } from "./reward.ts";
export {
  createProgramRuntime,
  type ProgramObserver,
  type ProgramRun,
  type ProgramRuntime,
  type RunProgramOptions,
  type RuntimeOptions,
} from "./runtime.ts";
export { selfConsistency } from "./self-consistency.ts";
export type { StepSettings } from "./tree.ts";
export { countVotes, type Votes } from "./votes.ts";
