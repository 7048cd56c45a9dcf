/** The generation engine: continuous batching over a cache of shared prefixes. */
export { createEngine, type Engine, type EngineOptions } from "./engine.ts";
export { type KvLayout, KvRows } from "./kv-rows.ts";
export type {
  Completion,
  EngineEvent,
  EngineHandle,
  EngineRequest,
  EngineStats,
  ForkOptions,
  ProgramStats,
  TokenChoice,
  TokenEvent,
  WaitingBranch,
} from "./request.ts";
export { type DecoderModel, openRunner, type RowBatch, type TokenRunner } from "./runner.ts";
export { type SamplingOptions, sampleToken } from "./sampling.ts";
