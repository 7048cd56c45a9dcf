/** Floor 1: programs nobody has read, run with limits. */
export { cacheFolder } from "./cache-folder.ts";
export { SandboxError } from "./errors.ts";
export { type EscapeResult, runEscapeSuite } from "./escape/suite.ts";
export { completeLimits, type Limits } from "./limits.ts";
export { type Outcome, type Status, toIsolateMeta } from "./outcome.ts";
export { type ProbeOptions, type ProbeReport, probeSandbox } from "./probe.ts";
export { findProgram, findSystemProgram, showProgram } from "./programs.ts";
export { type ConfinedProcess, openSandbox, type Sandbox, type SandboxFile, type SandboxRequest } from "./sandbox.ts";
export { runWasm, wasmTimeFactor } from "./wasm/run-wasm.ts";
