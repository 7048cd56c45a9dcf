/** What the engine counts, flat, for /metrics: how much of the prompts was shared shows in `promptTokensReusedTotal`. */
import type { EngineStats } from "../../language/engine/index.ts";

/** By camelCase name; those that only grow end in `Total`. */
export function engineMetrics({ promptTokens, steps, memory, ...stats }: EngineStats): Record<string, number> {
  return {
    branchesWaiting: stats.waiting,
    branchesRunning: stats.running,
    branchesFinishedTotal: stats.finished,
    branchesAbortedTotal: stats.aborted,
    branchesPreemptedTotal: stats.preempted,
    promptTokensTotal: promptTokens.asked,
    promptTokensPrefilledTotal: promptTokens.prefilled,
    promptTokensReusedTotal: promptTokens.reused,
    generatedTokensTotal: stats.generatedTokens,
    stepsTotal: steps.count,
    stepRowsTotal: steps.rows,
    memoryBudgetBytes: memory.budgetBytes,
    memoryRowBytes: memory.rowBytes,
    memoryPrefixBytes: memory.prefixBytes,
    memoryPeakBytes: memory.peakBytes,
  };
}
