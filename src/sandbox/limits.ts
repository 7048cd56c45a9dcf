/** What a program may use, and the defaults. */

export interface Limits {
  /** CPU time of the whole process tree. Default 10,000. */
  cpuMs: number;
  /** Time in which no process of the tree runs: waiting for input, sleeping. Default 2 × cpuMs + 1000. */
  idleMs: number;
  /** Time on the clock, whatever happens. Default 10 × cpuMs + 10,000: on a busy host only the others can do that. */
  wallMs: number;
  /** Memory of the whole tree, as resident sets or, with cgroups, as the kernel counts it. Default 256 MiB. */
  memoryBytes: number;
  /** RLIMIT_AS of each process, or null for runtimes that reserve far more than they use. Default null. */
  addressSpaceBytes: number | null;
  /** Standard output. Default 64 MiB. */
  outputBytes: number;
  /** All files in the working folder together, and each of them. Default 64 MiB. */
  fileBytes: number;
  /** Processes and threads at once. Default 64. */
  processCount: number;
  /** Stack of each process, or null for as much as memory allows. Default null. */
  stackBytes: number | null;
  /** Open files of each process. Default 256. */
  openFileCount: number;
}

const mebibyte = 2 ** 20;

/** Fills in what was left out; idle and wall limits follow the CPU limit. */
export function completeLimits(given: Partial<Limits> = {}): Limits {
  const { cpuMs = 10_000 } = given;
  return {
    idleMs: 2 * cpuMs + 1000,
    wallMs: 10 * cpuMs + 10_000,
    memoryBytes: 256 * mebibyte,
    addressSpaceBytes: null,
    outputBytes: 64 * mebibyte,
    fileBytes: 64 * mebibyte,
    processCount: 64,
    stackBytes: null,
    openFileCount: 256,
    ...given,
    cpuMs,
  };
}

/** Numbers of RLIMIT_*, the same on x86_64 and aarch64. */
const resource = { cpu: 0, fsize: 1, stack: 3, core: 4, nproc: 6, nofile: 7, memlock: 8, as: 9, msgqueue: 12 };

/** `[resource, soft, hard]`; -1 is no limit. CPU is the second net under the tree's own count, in whole seconds. */
export function rlimitsOf(limits: Limits): [number, number, number][] {
  const cpuSeconds = Math.ceil(limits.cpuMs / 1000) + 1;
  const both = (name: keyof typeof resource, value: number): [number, number, number] => [resource[name], value, value];
  return [
    [resource.cpu, cpuSeconds, cpuSeconds + 1],
    both("fsize", limits.fileBytes),
    both("stack", limits.stackBytes ?? -1),
    both("core", 0),
    both("nproc", limits.processCount),
    both("nofile", limits.openFileCount),
    both("memlock", mebibyte),
    both("msgqueue", 0),
    both("as", limits.addressSpaceBytes ?? -1),
  ];
}
