/**
 * The first program of every sandbox: compiled from our C once per machine where a C compiler is (starts in a
 * millisecond), else the same in Python (a few tens of milliseconds). Kept in a cache that the sandbox's user can read.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { MissingError } from "../../core/errors.ts";
import { digest, keepInCache } from "../cache-folder.ts";
import { findProgram } from "../programs.ts";
import { initSourceC } from "./source-c.ts";
import { initSourcePython } from "./source-python.ts";

export type InitKind = "c" | "python";

export interface Init {
  kind: InitKind;
  /** Host paths: the program and what it needs; the first word is executed. */
  command: string[];
}

const run = promisify(execFile);

/** @throws MissingError where neither a C compiler nor Python is there */
export async function findInit(kind?: InitKind): Promise<Init> {
  const compiler = (await findProgram("cc")) ?? (await findProgram("gcc")) ?? (await findProgram("clang"));
  if (compiler && kind !== "python") return { kind: "c", command: [await compileInit(compiler)] };
  // The system's own: one in a home folder cannot be shown to another user.
  const python = ["/usr/bin/python3", "/usr/local/bin/python3"].find((path) => existsSync(path));
  if (python && kind !== "c") return { kind: "python", command: [python, "-I", "-S", "-E", await writePython()] };
  throw new MissingError("Cannot run programs safely: the sandbox's first program needs a C compiler or Python 3", {
    hint: "apt install gcc, or apt install python3",
  });
}

async function compileInit(compiler: string): Promise<string> {
  return keepInCache(`init-${digest(initSourceC)}`, async (target) => {
    const source = `${target}.c`;
    await writeFile(source, initSourceC);
    try {
      // Static starts faster, but not every system has a static C library.
      await run(compiler, ["-O2", "-static", "-o", target, source]).catch(() =>
        run(compiler, ["-O2", "-o", target, source]),
      );
    } finally {
      await rm(source, { force: true });
    }
  });
}

function writePython(): Promise<string> {
  return keepInCache(`init-${digest(initSourcePython)}.py`, (target) => writeFile(target, initSourcePython));
}
