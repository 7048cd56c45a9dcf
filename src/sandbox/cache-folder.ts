/**
 * Programs that every run needs, made once per machine: our compiled first program, a copy of Node. They lie where the
 * user that programs run as can read them, and where nobody else can write.
 */
import { createHash, randomBytes } from "node:crypto";
import { constants, existsSync } from "node:fs";
import { access, chmod, copyFile, mkdir, rename, stat } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { MissingError } from "../core/errors.ts";

/** Root's programs run as another user, who cannot look into root's home. */
export function cacheFolder(): string {
  if (process.getuid?.() === 0) return "/var/cache/polymath";
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "polymath");
}

/** A copy of a program that lies where the sandbox's user cannot read: Node in root's home, for instance. */
export function copyToCache(path: string, stamp: string): Promise<string> {
  return keepInCache(`${basename(path)}-${digest(`${path}:${stamp}`)}`, (target) => copyFile(path, target));
}

/** Makes the file if it is not there; any number of processes may do so at once. */
export async function keepInCache(name: string, make: (target: string) => Promise<unknown>): Promise<string> {
  for (const folder of [cacheFolder(), join(tmpdir(), `polymath-${process.getuid?.() ?? 0}`)]) {
    const path = join(folder, name);
    try {
      await mkdir(folder, { recursive: true, mode: 0o755 });
      await access(folder, constants.W_OK);
    } catch {
      continue; // a read-only system: the next place
    }
    if ((await stat(folder)).uid !== process.getuid?.()) continue; // somebody laid it out for us in /tmp
    if (existsSync(path)) return path;
    const draft = join(folder, `.${name}.${randomBytes(4).toString("hex")}`);
    await make(draft);
    await chmod(draft, 0o755);
    await rename(draft, path);
    return path;
  }
  throw new MissingError(
    `Cannot keep the sandbox's first program: neither ${cacheFolder()} nor ${tmpdir()} can be written`,
  );
}

/** Names a file by what it is made of, and the machine's architecture. */
export function digest(text: string): string {
  return createHash("sha256").update(`${process.arch}\n${text}`).digest("hex").slice(0, 16);
}
