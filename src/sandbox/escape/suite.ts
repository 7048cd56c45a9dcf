/** Runs the escape programs and says of each whether the sandbox held, and of the host whether it is as before. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Limits } from "../limits.ts";
import type { Outcome } from "../outcome.ts";
import type { Sandbox } from "../sandbox.ts";
import { canaryVariable, type EscapeProgram, escapePrelude, escapePrograms } from "./programs.ts";

export interface EscapeResult {
  name: string;
  contained: boolean;
  /** How it ended. */
  status: Outcome["status"];
  /** What it got, or how else it should have ended. */
  detail: string;
}

const mebibyte = 2 ** 20;
const limits: Partial<Limits> = {
  cpuMs: 400,
  idleMs: 1000,
  memoryBytes: 256 * mebibyte,
  addressSpaceBytes: 2048 * mebibyte,
  outputBytes: 16 * mebibyte,
  fileBytes: 64 * mebibyte,
};

/** @param workers programs at once */
export async function runEscapeSuite(sandbox: Sandbox, { workers = 2 } = {}): Promise<EscapeResult[]> {
  const programs = escapePrograms.filter(({ architecture }) => !architecture || architecture === process.arch);
  const folder = await mkdtemp(join(tmpdir(), "polymath-canary-"));
  const canary = join(folder, "secret");
  await writeFile(canary, "the canary sings", { mode: 0o666 });
  try {
    const results: EscapeResult[] = new Array(programs.length);
    let next = 0;
    const worker = async () => {
      while (next < programs.length) {
        const index = next++;
        results[index] = await runOne(sandbox, programs[index]!, canary);
      }
    };
    await Promise.all(Array.from({ length: workers }, worker));
    return [...results, await inspectHost(canary, folder)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runOne(sandbox: Sandbox, program: EscapeProgram, canary: string): Promise<EscapeResult> {
  const outcome = await sandbox.run({
    command: ["/usr/bin/python3", "escape.py"],
    files: [{ path: "escape.py", data: `${escapePrelude}${program.source}\n` }],
    env: { [canaryVariable]: canary },
    limits,
  });
  const { status, stdout, stderr } = outcome;
  const got = /^ESCAPED.*$/m.exec(stdout.toString())?.[0];
  const isExpected = program.ends.includes(status);
  const words = stderr.toString().trim().split("\n").at(-1) ?? "";
  // A program that fails before its attempts has shown nothing.
  const isBroken = /SyntaxError|NameError|ImportError/.test(words);
  return {
    name: program.name,
    contained: !got && isExpected && !isBroken,
    status,
    detail: got ?? (isBroken ? words : isExpected ? "" : `ended with ${status}, expected ${program.ends.join(" or ")}`),
  };
}

/** The canary is alone and unharmed, no escapee runs, and the system's folders got no new file. */
async function inspectHost(canary: string, folder: string): Promise<EscapeResult> {
  const faults: string[] = [];
  if ((await readFile(canary, "utf8").catch(() => "")) !== "the canary sings") faults.push("the canary was changed");
  if ((await readdir(folder)).length !== 1) faults.push("files appeared beside the canary");
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (command.startsWith("polymath-escapee")) faults.push(`process ${pid} has outlived its sandbox`);
  }
  const strangers = (await readdir("/usr/bin")).filter((name) => name === "polymath-was-here");
  if (strangers.length > 0) faults.push("a file was written to /usr/bin");
  return { name: "host", contained: faults.length === 0, status: "exited", detail: faults.join("; ") };
}
