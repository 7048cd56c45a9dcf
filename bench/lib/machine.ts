/** The machine a number was measured on, without its name. */
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

export interface Machine {
  cpu: string;
  /** Processors this process may use. */
  processors: number;
  /** Widest vector instructions; undefined where the system does not tell. */
  vectors?: string;
  memoryGiB: number;
  platform: string;
  node: string;
  /** Others' work when the benchmark began: processes wanting to run, mean of the last minute. */
  loadBefore: number;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    processors: availableParallelism(),
    vectors: widestVectors(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    loadBefore: Math.round(loadavg()[0]! * 100) / 100,
  };
}

function widestVectors(): string | undefined {
  try {
    const flags = readFileSync("/proc/cpuinfo", "utf8");
    return ["avx512f", "avx2", "asimd"].find((flag) => new RegExp(`\\b${flag}\\b`).test(flags));
  } catch {
    return undefined;
  }
}

export function machineLine({ cpu, processors, vectors, memoryGiB, platform, node, loadBefore }: Machine): string {
  const parts = [
    `${cpu}, ${processors} processors`,
    vectors,
    `${memoryGiB} GiB`,
    platform,
    `Node ${node}`,
    `load ${loadBefore}`,
  ];
  return parts.filter(Boolean).join(", ");
}
