/**
 * The languages of the judge: how each is found, compiled and run, and under which limits.
 * Nothing is installed for them: what the machine has is used, and its version goes into every judgement.
 */
import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { MissingError } from "../../../core/errors.ts";
import { findSystemProgram, type Limits, type SandboxFile, showProgram } from "../../../sandbox/index.ts";
import type { LanguageId, Program } from "../schemas.ts";

const mebibyte = 2 ** 20;

/** How a language works on this machine. */
export interface Language {
  id: LanguageId;
  /** First line that the tool prints about itself. */
  version: string;
  /** Paths outside the system's folders that the sandbox must show. */
  readOnly: string[];
  /** The compile step inside the sandbox; its files are all that a run gets. */
  compile(program: Program): CompilePlan;
  /** Words of the command that runs it; memory is the problem's limit. */
  run(memoryBytes: number, program: Program): string[];
  /** The problem's limits as the sandbox enforces them on this runtime. */
  limits(memoryBytes: number): Partial<Limits>;
}

export interface CompilePlan {
  files: SandboxFile[];
  command: string[];
  /** Files that a run needs. */
  products: string[];
  /** Whether the run gets the source files too. */
  keepsSources: boolean;
}

/** Compilers see no more than submissions: they too read what nobody has read. */
export const compileLimits: Partial<Limits> = {
  cpuMs: 10_000,
  memoryBytes: 1024 * mebibyte,
  outputBytes: mebibyte,
  fileBytes: 256 * mebibyte,
  processCount: 64,
};
/** Products larger than this are no program but an attack on the disk. */
export const productBytes = 64 * mebibyte;

const found = new Map<LanguageId, Promise<Language | undefined>>();

/** @returns undefined where the machine lacks the language */
export function findLanguage(id: LanguageId): Promise<Language | undefined> {
  const known = found.get(id);
  if (known) return known;
  const language = finders[id]();
  found.set(id, language);
  return language;
}

/** @throws MissingError with the command that adds it */
export async function needLanguage(id: LanguageId): Promise<Language> {
  const language = await findLanguage(id);
  if (language) return language;
  throw new MissingError(`This machine cannot run ${languageNames[id]} programs`, {
    hint: `apt install ${packages[id]}`,
  });
}

export const languageNames: Record<LanguageId, string> = {
  c: "C",
  cpp: "C++",
  python: "Python",
  javascript: "JavaScript",
  java: "Java",
};
const packages: Record<LanguageId, string> = {
  c: "gcc",
  cpp: "g++",
  python: "python3",
  javascript: "nodejs",
  java: "default-jdk-headless",
};

const extensions: Record<string, LanguageId> = {
  c: "c",
  cpp: "cpp",
  cc: "cpp",
  cxx: "cpp",
  "c++": "cpp",
  py: "python",
  py3: "python",
  js: "javascript",
  mjs: "javascript",
  cjs: "javascript",
  java: "java",
};

/** The language that a file's name tells. */
export function languageOfFile(file: string): LanguageId | undefined {
  return extensions[file.split(".").at(-1)!.toLowerCase()];
}

const finders: Record<LanguageId, () => Promise<Language | undefined>> = {
  c: () => native("c", "gcc", "main.c", ["-std=gnu17"]),
  cpp: () => native("cpp", "g++", "main.cpp", ["-std=gnu++20"]),
  async python() {
    const path = await findSystemProgram("python3");
    if (!path) return undefined;
    return {
      id: "python",
      version: await firstLine(path, "--version"),
      readOnly: [],
      compile: (program) => ({
        files: sources("main.py", program),
        // A syntax error is found before the first test, as with compiled languages.
        command: [path, "-I", "-c", "compile(open('main.py', 'rb').read(), 'main.py', 'exec')"],
        products: [],
        keepsSources: true,
      }),
      run: () => [path, "main.py"],
      limits: (memoryBytes) => ({ memoryBytes, addressSpaceBytes: generous(memoryBytes) }),
    };
  },
  async javascript() {
    const { path, readOnly } = await showProgram("node", process.execPath);
    return {
      id: "javascript",
      version: `Node ${await firstLine(path, "--version")}`,
      readOnly,
      compile: (program) => ({
        files: sources("main.js", program),
        command: [path, "--check", "main.js"],
        products: [],
        keepsSources: true,
      }),
      run: (memoryBytes) => [
        path,
        `--max-old-space-size=${Math.ceil(memoryBytes / mebibyte)}`,
        "--stack-size=60000",
        "main.js",
      ],
      // The engine itself takes some 50 MB before the first line runs.
      limits: (memoryBytes) => ({ memoryBytes: memoryBytes + 64 * mebibyte, stackBytes: 64 * mebibyte }),
    };
  },
  async java() {
    const [javac, java] = await Promise.all([findSystemProgram("javac"), findSystemProgram("java")]);
    if (!javac || !java) return undefined;
    const settings = (await readdir("/etc").catch(() => [])).filter((name) => name.startsWith("java"));
    return {
      id: "java",
      version: await firstLine(javac, "-version"),
      readOnly: settings.map((name) => join("/etc", name)),
      compile(program) {
        const script = `${javac} -encoding UTF-8 -J-Xmx512m -d out *.java && jar cf program.jar -C out .`;
        const files = sources(`${mainClass(program)}.java`, program);
        return { files, command: ["/bin/sh", "-c", script], products: ["program.jar"], keepsSources: false };
      },
      run: (memoryBytes, program) => {
        const size = Math.ceil(memoryBytes / mebibyte);
        return [
          java,
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=4",
          `-Xmx${size}m`,
          "-Xss64m",
          "-cp",
          "program.jar",
          mainClass(program),
        ];
      },
      // The virtual machine's own code and tables come on top of the heap.
      limits: (memoryBytes) => ({ memoryBytes: memoryBytes + 128 * mebibyte, processCount: 128 }),
    };
  },
};

async function native(id: LanguageId, tool: string, main: string, flags: string[]): Promise<Language | undefined> {
  const path = await findSystemProgram(tool);
  if (!path) return undefined;
  return {
    id,
    version: await firstLine(path, "--version"),
    readOnly: [],
    compile: (program) => ({
      files: sources(main, program),
      command: [path, "-O2", "-pipe", ...flags, "-o", "main", main, "-lm"],
      products: ["main"],
      keepsSources: false,
    }),
    run: () => ["main"],
    limits: (memoryBytes) => ({ memoryBytes, addressSpaceBytes: generous(memoryBytes) }),
  };
}

/** Address space that a program of this memory may reserve: untouched arrays cost nothing, absurd requests fail at once. */
function generous(memoryBytes: number): number {
  return Math.max(4 * memoryBytes, memoryBytes + 1024 * mebibyte);
}

function sources(main: string, { source, files }: Program): SandboxFile[] {
  return [{ path: main, data: source }, ...Object.entries(files).map(([path, data]) => ({ path, data }))];
}

/** Java wants the file to bear the name of its public class. */
function mainClass({ source }: Program): string {
  const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
  const withMain = /class\s+(\w+)(?:(?!\bclass\b)[\s\S])*?static\s+(?:public\s+)?void\s+main\s*\(/.exec(code);
  return /public\s+(?:final\s+|abstract\s+)*class\s+(\w+)/.exec(code)?.[1] ?? withMain?.[1] ?? "Main";
}

async function firstLine(path: string, flag: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(path, [flag]);
  return `${stdout}${stderr}`.trim().split("\n")[0]!;
}
