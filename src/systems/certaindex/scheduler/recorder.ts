/**
 * Runs questions to their cap on a live engine, once, and keeps what every branch wrote: the trial runs from which
 * difficulties come, and programs that the simulator replays branch by branch.
 */

import type { Policy, Step, TraceEvent } from "../schemas.ts";
import { allocate, withoutCertaindex } from "./allocation.ts";
import type { BranchResult, Executor } from "./drive.ts";
import { runLive } from "./live.ts";
import { type Difficulty, difficultyOf } from "./load.ts";
import { type VotingTask, votingProgram } from "./voting.ts";
import type { ProgramTemplate } from "./workload.ts";

export interface RecordedTask {
  /** For a live engine, which writes the same again. */
  live: ProgramTemplate;
  /** For the simulator. */
  recorded: ProgramTemplate;
  difficulty: Difficulty;
}

export interface RecordOptions {
  /** Whose cap the programs run to. */
  policy: Policy;
  /** Branches per question, at least the cap; the paper's difficulties want more than 100. Default the cap. */
  trials?: number;
  signal?: AbortSignal;
}

/**
 * @returns the tasks, and the trace of the run, which had all slots busy
 * @throws the signal's reason when aborted
 */
export async function recordTasks(
  executor: Executor,
  tasks: readonly VotingTask[],
  options: RecordOptions,
): Promise<{ recorded: RecordedTask[]; events: TraceEvent[] }> {
  const { policy, trials = policy.cap, signal } = options;
  const branches = new Map<string, readonly BranchResult[]>();
  const programs = tasks.map((task) => {
    const program = votingProgram(task);
    const observe = (results: readonly BranchResult[]): Step => {
      branches.set(task.id, [...results]);
      return { ...program.observe(results.slice(0, policy.cap)), knob: results.length }; // beyond the cap they are trials
    };
    return { ...program, observe, arriveAt: 0 };
  });
  const allocation = allocate(withoutCertaindex({ ...policy, cap: Math.max(trials, policy.cap) }));
  const events = await runLive({ executor, programs, scheduler: { policy: "gang" }, allocation, signal });
  signal?.throwIfAborted();
  const recorded = tasks.map((task) => {
    const results = branches.get(task.id) ?? [];
    const live = votingProgram(task);
    const steps = results.slice(0, policy.cap).map((_, index) => live.observe(results.slice(0, index + 1)));
    const replayed: ProgramTemplate = {
      ...live,
      tokensOf: (index) => results[index]!.tokens,
      observe: (seen) => steps[seen.length - 1]!,
    };
    const right = results.map((result) => live.observe([result]).correct ?? false);
    return { live, recorded: replayed, difficulty: difficultyOf(right) };
  });
  return { recorded, events };
}
