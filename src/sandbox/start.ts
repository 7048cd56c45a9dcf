/** One run: the plan is written, the launcher started, its answer read, and the outcome put together. */
import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import type { Duplex, Readable } from "node:stream";
import { type Cgroup, createCgroup } from "./cgroup/cgroup.ts";
import { SandboxError } from "./errors.ts";
import { type InitReport, Plan, readAnswer } from "./init/plan.ts";
import { boxFolder } from "./launch/layout.ts";
import { completeLimits, type Limits, rlimitsOf } from "./limits.ts";
import type { Outcome, Status } from "./outcome.ts";
import type { SandboxMeans } from "./probe.ts";
import type { ConfinedProcess, SandboxRequest } from "./sandbox.ts";

/** What the group may hold beyond the program: our first program, the launcher, page tables. */
const cgroupSlackBytes = 24 * 2 ** 20;
const cgroupSlackProcesses = 6;
/** So long past every limit, the first program itself must be stuck. */
const graceMs = 5000;
const errorBytes = 65536;

/** Starts a program; `piped` gives its standard input and output to the caller. */
export async function startConfined(
  means: SandboxMeans,
  request: SandboxRequest,
  piped: boolean,
): Promise<ConfinedProcess> {
  const limits = completeLimits(request.limits);
  const plan = new Plan();
  const { launcher, layout, hasProc, init } = means;
  const readOnly = request.readOnly ?? [];
  const command = launcher.launch({ layout, readOnly, boxBytes: limits.fileBytes, hasProc, init }, plan);
  planProgram(plan, request, limits, means.filter, piped);
  const cgroup = means.cgroups && (await createCgroup(means.cgroups, groupLimits(limits, request)));
  const child = spawnLauncher(means, command, cgroup, piped);
  const followed = follow(child, plan, Object.keys(request.fetch ?? {}), limits, piped);
  const outcome = cgroup ? addUsage(followed, cgroup) : followed;
  // The first program takes the closed channel for the end, ends the tree and reports.
  const kill = () => void (child.stdio[3] as Duplex).end();
  return { stdin: child.stdin!, stdout: child.stdout!, outcome, kill };
}

function planProgram(plan: Plan, request: SandboxRequest, limits: Limits, filter: Buffer, piped: boolean): void {
  for (const { path, data, mode = 0o644 } of request.files ?? []) {
    plan.add("file", `${boxFolder}/${path}`, mode).add("data", data);
  }
  plan.add("chdir", boxFolder);
  const [program, ...rest] = request.command;
  for (const word of [program!.startsWith("/") ? program! : `${boxFolder}/${program}`, ...rest]) plan.add("arg", word);
  const env = { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: boxFolder, LANG: "C.UTF-8", ...request.env };
  for (const [name, value] of Object.entries(env)) plan.add("env", `${name}=${value}`);
  for (const [path, most] of Object.entries(request.fetch ?? {})) plan.add("fetch", `${boxFolder}/${path}`, most);
  for (const [resource, soft, hard] of rlimitsOf(limits)) plan.add("rlimit", `${resource}`, soft, hard);
  plan
    .add("limit", "cpu", Math.round(limits.cpuMs * 1000))
    .add("limit", "wall", Math.round(limits.wallMs * 1000))
    .add("limit", "idle", Math.round(limits.idleMs * 1000))
    .add("limit", "memory", limits.memoryBytes)
    .add("limit", "output", limits.outputBytes)
    .add("limit", "error", errorBytes)
    .add("seccomp", filter);
  if (request.core !== undefined) plan.add("core", "", request.core);
  if (piped) plan.add("piped");
  else plan.add("stdin", request.stdin ?? "");
  plan.add("run");
}

/** Files and input lie in memory too, and the group counts them. */
function groupLimits({ memoryBytes, processCount, fileBytes }: Limits, { stdin, files = [] }: SandboxRequest) {
  const size = (data: string | Uint8Array = "") => (typeof data === "string" ? Buffer.byteLength(data) : data.length);
  const given = files.reduce((total, { data }) => total + size(data), size(stdin));
  return {
    memoryBytes: memoryBytes + given + Math.min(fileBytes, 64 * 2 ** 20) + cgroupSlackBytes,
    processCount: processCount + cgroupSlackProcesses,
  };
}

/** Enters the group before anything of the sandbox exists: the words after the group's files are the command. */
const enterGroups =
  'n=$1; shift; while [ "$n" -gt 0 ]; do echo 0 > "$1" || exit 125; shift; n=$((n-1)); done; exec "$@"';

function spawnLauncher(
  { user, setpriv }: SandboxMeans,
  command: string[],
  cgroup: Cgroup | undefined,
  piped: boolean,
): ChildProcess {
  const ids = user && !cgroup ? { uid: user.uid, gid: user.gid } : {};
  let words = command;
  if (cgroup) {
    // Only root may put a process into a group, so the user changes after that.
    const change = user ? [setpriv!, `--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups", "--"] : [];
    words = [
      "/bin/sh",
      "-c",
      enterGroups,
      "sh",
      `${cgroup.procsFiles.length}`,
      ...cgroup.procsFiles,
      ...change,
      ...command,
    ];
  }
  return spawn(words[0]!, words.slice(1), {
    ...ids,
    cwd: "/", // the caller's folder may be closed to the sandbox's user
    env: { PATH: "/usr/bin:/bin:/usr/sbin:/sbin" },
    stdio: [piped ? "pipe" : "ignore", "pipe", "pipe", "pipe"],
  });
}

async function follow(
  child: ChildProcess,
  plan: Plan,
  fetched: string[],
  limits: Limits,
  piped: boolean,
): Promise<Outcome> {
  const channel = child.stdio[3] as Duplex;
  const answer = collect(channel, Number.POSITIVE_INFINITY);
  const stderr = collect(child.stderr!, 2 * errorBytes);
  const stdout = piped ? Promise.resolve(Buffer.alloc(0)) : collect(child.stdout!, limits.outputBytes);
  child.stdin?.on("error", () => undefined); // the program may close its end at any time
  channel.write(plan.bytes());
  const stuck = setTimeout(() => child.kill("SIGKILL"), limits.wallMs + graceMs);
  const ended = new Promise<string | undefined>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", () => resolve(undefined));
  });
  const spawnError = await ended;
  clearTimeout(stuck);
  if (spawnError) throw new SandboxError(`The sandbox did not start: ${spawnError}`);
  const [bytes, errorOutput, output] = await Promise.all([answer, stderr, stdout]);
  const result = readAnswer(bytes, fetched);
  if (!result) {
    // The group's memory ran out in the first program's arms, or somebody killed the launcher.
    const words = errorOutput.toString().trim().split("\n").at(-1);
    throw new SandboxError(`The sandbox ended without an answer${words ? `: ${words}` : ""}`);
  }
  const { report, files } = result;
  if (report.status === "setup-failed") throw new SandboxError(`The sandbox could not be set up: ${report.message}`);
  return outcomeOf(report, output, errorOutput.subarray(0, errorBytes), files);
}

function outcomeOf(report: InitReport, stdout: Buffer, stderr: Buffer, files: Map<string, Buffer>): Outcome {
  const signal = report.signal ? nameOf(report.signal) : null;
  return {
    status: statusOf(report, signal),
    exitCode: report.status === "exited" ? report.code : null,
    signal,
    cpuMs: report.cpuUs / 1000,
    wallMs: report.wallUs / 1000,
    idleMs: report.idleUs / 1000,
    memoryBytes: report.memoryBytes,
    cgroupMemoryBytes: null,
    stdout,
    stderr,
    outputBytes: report.outputBytes,
    processPeak: report.processPeak,
    files,
  };
}

function statusOf({ status }: InitReport, signal: NodeJS.Signals | null): Status {
  if (status === "signaled") {
    if (signal === "SIGSYS") return "security";
    if (signal === "SIGXFSZ") return "output-limit"; // a file in place of standard output
    if (signal === "SIGXCPU") return "cpu-limit";
  }
  if (status === "abandoned") return "wall-limit";
  return status as Status;
}

function nameOf(number: number): NodeJS.Signals {
  const entry = Object.entries(constants.signals).find(([, value]) => value === number);
  return (entry?.[0] ?? `SIG${number}`) as NodeJS.Signals;
}

/** Adds what the group counted: whom the kernel ended because the group was full, took too much memory. */
async function addUsage(pending: Promise<Outcome>, cgroup: Cgroup): Promise<Outcome> {
  try {
    const outcome = await pending;
    const { memoryPeakBytes, isOutOfMemory } = await cgroup.usage();
    const status = isOutOfMemory ? "memory-limit" : outcome.status;
    return { ...outcome, status, cgroupMemoryBytes: memoryPeakBytes };
  } finally {
    await cgroup.remove();
  }
}

/** Everything a stream brings, up to a size; what comes after is read and dropped, so that nobody waits. */
async function collect(stream: Readable, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve) => {
    stream.on("data", (chunk: Buffer) => {
      if (size < most) chunks.push(size + chunk.length > most ? chunk.subarray(0, most - size) : chunk);
      size += chunk.length;
    });
    const end = () => resolve(Buffer.concat(chunks));
    stream.once("end", end).once("close", end).on("error", end);
  });
}
