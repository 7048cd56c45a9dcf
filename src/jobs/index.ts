/** Floor 1: durable pipelines. */
export { type Database, type DatabaseOptions, openDatabase } from "./database.ts";
export {
  definePipeline,
  keep,
  type Outcome,
  type Pipeline,
  reject,
  type Stage,
  type StageContext,
  split,
} from "./pipeline.ts";
export {
  continueRun,
  type PipelineState,
  type PoisonItem,
  pauseRun,
  pipelineRejects,
  pipelineResults,
  pipelineState,
  poisonItems,
  type Reject,
  type RunPipelineOptions,
  retryPoison,
  runPipeline,
} from "./run-pipeline.ts";
export { runWorker, type WorkerOptions } from "./worker.ts";
