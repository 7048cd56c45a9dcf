/**
 * Runs programs nobody has read. A sandbox is opened once, which finds out how this machine can confine a program and
 * proves that it does; then each run is a fresh process tree with its own namespaces that leaves nothing behind.
 * There is no way to run a program without confinement: where none works, opening fails and says which setting is missing.
 */
import type { Readable, Writable } from "node:stream";
import { describeMissing, SandboxError } from "./errors.ts";
import type { Limits } from "./limits.ts";
import type { Outcome } from "./outcome.ts";
import { type ProbeOptions, type ProbeReport, probeSandbox, type SandboxMeans } from "./probe.ts";
import { startConfined } from "./start.ts";

export interface SandboxRequest {
  /** Program (a full path as the sandbox sees it, or a name below the working folder) and its arguments. */
  command: readonly string[];
  /** Files in the working folder, by relative path; `mode` is 0o644 unless given. */
  files?: readonly SandboxFile[];
  /** What it reads; default nothing. Not for `start` with pipes. */
  stdin?: string | Uint8Array;
  /** Beside PATH and HOME, which are set. */
  env?: Readonly<Record<string, string>>;
  limits?: Partial<Limits>;
  /** Further host paths to show read-only under their own names: an interpreter outside /usr. */
  readOnly?: readonly string[];
  /** Files of the working folder to bring back, with the bytes they may have at most. */
  fetch?: Readonly<Record<string, number>>;
  /** The processor it may run on; default any. */
  core?: number;
}

export interface SandboxFile {
  path: string;
  data: string | Uint8Array;
  mode?: number;
}

/** A program that is talked with. */
export interface ConfinedProcess {
  /** Present for piped programs. */
  stdin: Writable;
  stdout: Readable;
  outcome: Promise<Outcome>;
  /** Ends the whole tree; the outcome then comes as it stands. */
  kill(): void;
}

export interface Sandbox {
  /** What works here. */
  report: ProbeReport;
  /** "bubblewrap + cgroup v1", for records. */
  description: string;
  /**
   * Runs a program to its end.
   * @throws SandboxError when the sandbox itself fails: the program is not to blame
   */
  run(request: SandboxRequest): Promise<Outcome>;
  /** Starts a program whose standard input and output are pipes to the caller; `stdin` and the output limit are his to keep. */
  start(request: SandboxRequest): Promise<ConfinedProcess>;
}

/**
 * Opens the sandbox.
 * @throws SandboxError where programs cannot be confined here
 */
export async function openSandbox(options: ProbeOptions = {}): Promise<Sandbox> {
  const { report, means } = await probeSandbox(options);
  if (!means) throw new SandboxError(...describeMissing(report));
  return sandboxOf(report, means);
}

export function sandboxOf(report: ProbeReport, means: SandboxMeans): Sandbox {
  return {
    report,
    description: report.description,
    run: async (request) => (await startConfined(means, request, false)).outcome,
    start: (request) => startConfined(means, request, true),
  };
}
