/** Floor 0: errors, random numbers, rows, runs, reports, claims and statistics. */
export { createAtomicFile, writeFileAtomic, writeJsonAtomic } from "./atomic.ts";
export * from "./claim.ts";
export { type Command, type CommandContext, defineCommand } from "./command.ts";
export { readCsv, writeCsv } from "./csv.ts";
export * from "./errors.ts";
export { type JournalEvent, readEvents, readMetrics } from "./journal.ts";
export { readJson, readJsonArray, writeJsonArray } from "./json.ts";
export { type ReadOptions, readJsonLines, writeJsonLines } from "./jsonl.ts";
export { createLog, type Log } from "./log.ts";
export { readParquet, writeParquet } from "./parquet.ts";
export { createProgress, type Progress, type ProgressOptions } from "./progress.ts";
export { Random, type RandomState } from "./random.ts";
export * from "./report.ts";
export { readRows, writeRows } from "./rows.ts";
export { findRun, listRuns, openRun, type Run, type RunInfo, type RunOptions, readRunInfo, reopenRun } from "./run.ts";
export { validate } from "./schema.ts";
export * from "./statistics/index.ts";
export { gitRevision, version, versions } from "./version.ts";
