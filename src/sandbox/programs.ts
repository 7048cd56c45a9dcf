/** Programs of this machine, found on the path without a shell. */
import { constants } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { copyToCache } from "./cache-folder.ts";

/** Full path of a program; system folders count even where PATH leaves them out. */
export async function findProgram(name: string): Promise<string | undefined> {
  const path = `${process.env.PATH ?? ""}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`;
  for (const folder of path.split(":")) {
    if (!folder.startsWith("/")) continue;
    const candidate = join(folder, name);
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

/** The same among the system's own folders, which the sandbox shows: a shim in a home folder does not count. */
export async function findSystemProgram(name: string): Promise<string | undefined> {
  for (const folder of ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"]) {
    const candidate = join(folder, name);
    if (!(await isExecutable(candidate))) continue;
    if (/^\/(usr|bin|sbin|lib|lib64|etc\/alternatives)\//.test(await realpath(candidate))) return candidate;
  }
  return undefined;
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/**
 * A program that the sandbox can show: the system's own, or `fallback` where that lies, or a copy of it where the
 * sandbox's user cannot read.
 */
export async function showProgram(name: string, fallback: string): Promise<{ path: string; readOnly: string[] }> {
  const system = await findSystemProgram(name);
  if (system) return { path: system, readOnly: [] };
  const real = await realpath(fallback);
  const { size, mtimeMs } = await stat(real);
  // As root, programs run as nobody, who may not pass through a home folder.
  const path = process.getuid?.() === 0 ? await copyToCache(real, `${size}:${mtimeMs}`) : real;
  return { path, readOnly: [path] };
}
