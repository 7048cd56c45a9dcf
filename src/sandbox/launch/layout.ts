/**
 * What a program sees: the system's folders read-only, a few files of /etc, a handful of devices, its own processes,
 * and an empty folder in memory to work in. No home folders, no other users' files, no host processes, no network.
 */
import { lstat, readlink } from "node:fs/promises";

/** Where the program works, and the only place it can write to. */
export const boxFolder = "/box";

export const devices = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];
/** Links in /dev that programs expect. */
export const deviceLinks: readonly [path: string, target: string][] = [
  ["/dev/fd", "/proc/self/fd"],
  ["/dev/stdin", "/proc/self/fd/0"],
  ["/dev/stdout", "/proc/self/fd/1"],
  ["/dev/stderr", "/proc/self/fd/2"],
];

export interface Layout {
  /** Folders and files shown read-only under their own names. */
  shown: string[];
  /** /bin and its like, where they are links into /usr. */
  links: [path: string, target: string][];
}

/** Parts of /etc without which compilers and runtimes do not start: library cache, alternatives, Java's settings. */
const configuration = ["/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/alternatives"];

/** Reads the host's layout once. */
export async function readLayout(): Promise<Layout> {
  const layout: Layout = { shown: [], links: [] };
  for (const path of ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", ...configuration]) {
    const stats = await lstat(path).catch(() => undefined);
    if (stats?.isSymbolicLink()) layout.links.push([path, await readlink(path)]);
    else if (stats) layout.shown.push(path);
  }
  return layout;
}
