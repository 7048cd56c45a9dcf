/** What became of a program, and the same in the keys that isolate's users know. */
import { constants } from "node:os";

export type Status =
  /** It ended by itself, whatever its exit code. */
  | "exited"
  /** A signal ended it: its own fault, or a limit of the kernel's. */
  | "signaled"
  | "cpu-limit"
  /** It waited or slept too long. */
  | "idle-limit"
  | "wall-limit"
  | "memory-limit"
  | "output-limit"
  /** It called what nothing but an attack calls, and was ended for it. */
  | "security";

export interface Outcome {
  status: Status;
  exitCode: number | null;
  /** "SIGSEGV"; null unless a signal ended it. */
  signal: NodeJS.Signals | null;
  /** CPU time of the whole process tree. */
  cpuMs: number;
  wallMs: number;
  /** Time in which nothing of the tree ran. */
  idleMs: number;
  /** Peak of resident memory: the tree's sum as seen every 10 ms, or the largest process as the kernel counts it. */
  memoryBytes: number;
  /** Peak as the control group counts it, files in memory included; null without groups. */
  cgroupMemoryBytes: number | null;
  stdout: Buffer;
  /** The first 64 KiB. */
  stderr: Buffer;
  /** Written to standard output, whether kept or not. */
  outputBytes: number;
  /** Most processes at once, as seen. */
  processPeak: number;
  /** Files asked for that were there. */
  files: ReadonlyMap<string, Buffer>;
}

/** The result file of `isolate --meta`: times in seconds, memory in KiB. */
export function toIsolateMeta(outcome: Outcome): Record<string, string> {
  const { status, exitCode, signal, cpuMs, wallMs, memoryBytes, cgroupMemoryBytes } = outcome;
  const meta: Record<string, string> = {
    time: (cpuMs / 1000).toFixed(3),
    "time-wall": (wallMs / 1000).toFixed(3),
    "max-rss": `${Math.round(memoryBytes / 1024)}`,
  };
  if (cgroupMemoryBytes !== null) meta["cg-mem"] = `${Math.round(cgroupMemoryBytes / 1024)}`;
  if (status === "exited") {
    if (exitCode === 0) return meta;
    return { ...meta, exitcode: `${exitCode}`, status: "RE", message: `Exited with error status ${exitCode}` };
  }
  if (status === "signaled" || status === "security") {
    return {
      ...meta,
      exitsig: `${signalNumber(signal)}`,
      status: "SG",
      message: `Caught fatal signal ${signalNumber(signal)}`,
    };
  }
  const reasons = {
    "cpu-limit": "Time limit exceeded",
    "idle-limit": "Time limit exceeded (idle)",
    "wall-limit": "Time limit exceeded (wall clock)",
    "memory-limit": "Memory limit exceeded",
    "output-limit": "Output limit exceeded",
  };
  const isTime = status.endsWith("cpu-limit") || status === "idle-limit" || status === "wall-limit";
  return { ...meta, killed: "1", status: isTime ? "TO" : "SG", message: reasons[status] };
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal ? constants.signals[signal] : 0;
}
