/**
 * The plan: what the first program inside the sandbox is told, on one stream. Each record is a line
 * `operation a b size` followed by `size` bytes; there is nothing else, so that C and Python read it in a few lines.
 */

export class Plan {
  readonly #parts: Uint8Array[] = [];

  /** Appends a record; `a` and `b` are whole numbers whose meaning the operation knows. */
  add(operation: Operation, payload: string | Uint8Array = "", a = 0, b = 0): this {
    const bytes = typeof payload === "string" ? Buffer.from(payload) : payload;
    this.#parts.push(Buffer.from(`${operation} ${a} ${b} ${bytes.length}\n`), bytes);
    return this;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

export type Operation =
  // The file system, only after `unshare`:
  | "root" // begins an empty root
  | "show" // payload: a path of the host, shown read-only (writable where a is 1)
  | "link" // payload: a path (of length a) and where it points
  | "proc"
  | "tmpfs" // payload: a path; a: bytes at most
  | "enter" // the new root becomes the only one
  // Files, always:
  | "dir" // payload: a path; a: mode
  | "file" // payload: a path; a: mode; `data` follows
  | "data"
  | "stdin" // payload: what the program reads
  | "chdir"
  | "fetch" // payload: a file to send back at the end; a: bytes at most
  // The program:
  | "arg"
  | "env"
  | "rlimit" // payload: number of the resource; a: soft, b: hard; -1 is no limit
  | "limit" // payload: cpu, wall, idle (µs), memory, output, error (bytes)
  | "core" // a: the processor it runs on
  | "piped" // standard input and output are the sandbox's own
  | "seccomp"
  | "run";

/** The answer: files asked for, then the report. */
export interface InitReport {
  status:
    | "exited"
    | "signaled"
    | "cpu-limit"
    | "wall-limit"
    | "idle-limit"
    | "memory-limit"
    | "output-limit"
    | "abandoned"
    | "setup-failed";
  code: number;
  signal: number;
  cpuUs: number;
  wallUs: number;
  idleUs: number;
  memoryBytes: number;
  outputBytes: number;
  errorBytes: number;
  processPeak: number;
  message?: string;
}

/**
 * Reads what came back: records `file index size` with their bytes, then `report {...}`.
 * @returns undefined where the report is missing: the first program was killed
 */
export function readAnswer(bytes: Buffer, fetched: readonly string[]) {
  const files = new Map<string, Buffer>();
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(10, at);
    if (end === -1) return undefined;
    const line = bytes.toString("latin1", at, end);
    at = end + 1;
    if (line.startsWith("report ")) return { files, report: JSON.parse(line.slice(7)) as InitReport };
    const [, index, size] = line.split(" ").map(Number);
    files.set(fetched[index!]!, bytes.subarray(at, at + size!));
    at += size!;
  }
  return undefined;
}
