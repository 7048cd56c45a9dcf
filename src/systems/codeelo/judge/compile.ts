/** Source to something that runs, in the sandbox; compiled once per content, in memory and on disk. */
import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../../core/atomic.ts";
import type { ConfinedProcess, Limits, Outcome, Sandbox, SandboxFile } from "../../../sandbox/index.ts";
import type { Program } from "../schemas.ts";
import { compileLimits, type Language, needLanguage, productBytes } from "./languages.ts";

/** A program ready to run. */
export interface Executable {
  language: Language;
  /** Runs it once. */
  run(options: RunOptions): Promise<Outcome>;
  /** Starts it with pipes. */
  start(options: RunOptions): Promise<ConfinedProcess>;
}

export interface RunOptions {
  args?: readonly string[];
  files?: readonly SandboxFile[];
  stdin?: string | Uint8Array;
  fetch?: Readonly<Record<string, number>>;
  limits?: Partial<Limits>;
  /** The problem's memory limit; the language adds what its runtime needs. */
  memoryBytes: number;
  core?: number;
}

export type Compiled = { executable: Executable; log: string } | { executable: null; log: string };

export interface Compiler {
  /**
   * @returns `executable: null` with the compiler's words where the source is wrong
   * @throws MissingError where the language is missing, SandboxError where the sandbox breaks
   */
  compile(program: Program): Promise<Compiled>;
}

/** Characters of a compiler's words that are kept. */
const logLength = 8000;

/** @param folder keeps compiled programs between processes; they are tied to source and compiler version */
export function createCompiler(sandbox: Sandbox, folder?: string): Compiler {
  const known = new Map<string, Promise<Compiled>>();
  return {
    async compile(program) {
      const language = await needLanguage(program.language);
      const key = createHash("sha256")
        .update(JSON.stringify([program, language.version, language.compile(program).command]))
        .digest("hex");
      const earlier = known.get(key);
      if (earlier) return earlier;
      const compiled = compileOnce(sandbox, language, program, folder && join(folder, key.slice(0, 2), key));
      known.set(key, compiled);
      compiled.catch(() => known.delete(key)); // the sandbox's fault is not the program's: try again next time
      return compiled;
    },
  };
}

async function compileOnce(
  sandbox: Sandbox,
  language: Language,
  program: Program,
  folder: string | undefined,
): Promise<Compiled> {
  const { files, command, products, keepsSources } = language.compile(program);
  const kept = keepsSources ? files : [];
  const saved = folder && products.length > 0 ? await readProducts(folder, products) : undefined;
  if (saved) return { executable: executableOf(sandbox, language, program, [...kept, ...saved]), log: "" };
  const outcome = await sandbox.run({
    command,
    files,
    readOnly: language.readOnly,
    limits: compileLimits,
    env: { TMPDIR: "/tmp" },
    fetch: Object.fromEntries(products.map((name) => [name, productBytes])),
  });
  const log = `${outcome.stdout}${outcome.stderr}`.slice(0, logLength);
  const made = products.map((path) => ({ path, data: outcome.files.get(path)!, mode: 0o755 }));
  if (outcome.status !== "exited" || outcome.exitCode !== 0 || made.some(({ data }) => !data)) {
    const reason = outcome.status === "exited" ? "" : `the compiler was stopped: ${outcome.status}\n`;
    return { executable: null, log: `${reason}${log}` };
  }
  if (folder) await keepProducts(folder, made);
  return { executable: executableOf(sandbox, language, program, [...kept, ...made]), log };
}

function executableOf(sandbox: Sandbox, language: Language, program: Program, files: SandboxFile[]): Executable {
  const request = ({ args = [], limits, memoryBytes, files: given = [], ...rest }: RunOptions) => ({
    ...rest,
    command: [...language.run(memoryBytes, program), ...args],
    files: [...files, ...given],
    readOnly: language.readOnly,
    limits: { ...language.limits(memoryBytes), ...limits },
  });
  return {
    language,
    run: (options) => sandbox.run(request(options)),
    start: (options) => sandbox.start(request(options)),
  };
}

async function readProducts(folder: string, products: string[]): Promise<SandboxFile[] | undefined> {
  try {
    return await Promise.all(
      products.map(async (path) => ({ path, data: await readFile(join(folder, path)), mode: 0o755 })),
    );
  } catch {
    return undefined;
  }
}

async function keepProducts(folder: string, files: { path: string; data: Uint8Array }[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { path, data } of files) await writeFileAtomic(join(folder, path), data);
}
