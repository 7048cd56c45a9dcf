/**
 * Control groups, where this process may make them (as root, or below a delegated group): the kernel then counts the
 * memory of the whole tree, pages of files included, and the number of processes, and ends what takes more.
 * Both versions, and hosts where the controllers are split between them.
 */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface CgroupLimits {
  memoryBytes: number;
  processCount: number;
}

/** One group for one run. */
export interface Cgroup {
  /** Files into which a process writes 0 to enter. */
  procsFiles: string[];
  usage(): Promise<CgroupUsage>;
  /** Ends what is left inside, and removes the group. */
  remove(): Promise<void>;
}

export interface CgroupUsage {
  /** Highest use of memory; null where the kernel is too old to say (version 2 before 5.19). */
  memoryPeakBytes: number | null;
  /** Whether a process was ended because the group was full. */
  isOutOfMemory: boolean;
}

/** Where groups can be made. */
export interface CgroupHost {
  version: 1 | 2;
  /** Folder of our own group by controller; in version 2 both are the same. */
  parents: { memory: string; pids: string };
}

/** What `findCgroups` reads, replaceable by tests. */
export interface CgroupFiles {
  /** /proc/self/mountinfo */
  mountinfo: string;
  /** /proc/self/cgroup */
  own: string;
}

export function readCgroupFiles(): CgroupFiles {
  const read = (path: string) => (existsSync(path) ? readFileSync(path, "utf8") : "");
  return { mountinfo: read("/proc/self/mountinfo"), own: read("/proc/self/cgroup") };
}

/** Our own groups, by what the kernel says is mounted; whether we may make groups there is found out by trying. */
export function locateCgroups({ mountinfo, own }: CgroupFiles, exists = existsSync): CgroupHost | undefined {
  const mounts = mountinfo.split("\n").flatMap((line) => {
    const [before, after] = line.split(" - ");
    const path = before?.split(" ")[4];
    const [type, , options] = after?.split(" ") ?? [];
    return path && type?.startsWith("cgroup") ? [{ path, type, options: options?.split(",") ?? [] }] : [];
  });
  const groups = own.split("\n").map((line) => /^\d+:([^:]*):(.*)$/.exec(line));
  // Inside a container the group's path may be the host's, and mean nothing here: then the mount is our own group.
  const inside = (mount: string, group = "/") =>
    group !== "/" && exists(join(mount, group)) ? join(mount, group) : mount;
  const controller = (name: string) => {
    const mount = mounts.find(({ type, options }) => type === "cgroup" && options.includes(name));
    const group = groups.find((match) => match?.[1]?.split(",").includes(name))?.[2];
    return mount && inside(mount.path, group);
  };
  const [memory, pids] = [controller("memory"), controller("pids")];
  if (memory && pids) return { version: 1, parents: { memory, pids } };
  const unified = mounts.find(({ type }) => type === "cgroup2");
  if (!unified) return undefined;
  const path = inside(unified.path, groups.find((match) => match?.[1] === "")?.[2]);
  return { version: 2, parents: { memory: path, pids: path } };
}

/**
 * Makes a group.
 * @throws the system's error where that is not allowed
 */
export async function createCgroup(host: CgroupHost, limits: CgroupLimits): Promise<Cgroup> {
  const name = `polymath-${process.pid}-${randomBytes(4).toString("hex")}`;
  return host.version === 1 ? createVersion1(host, name, limits) : createVersion2(host, name, limits);
}

/** Removes groups that killed processes of ours left behind. */
export async function removeStaleCgroups({ parents }: CgroupHost): Promise<void> {
  for (const parent of new Set(Object.values(parents))) {
    for (const name of await readdir(parent).catch(() => [])) {
      const pid = /^polymath-(\d+)-[0-9a-f]{8}$/.exec(name)?.[1];
      if (pid && !existsSync(`/proc/${pid}`)) await rmdir(join(parent, name)).catch(() => undefined);
    }
  }
}

async function createVersion1({ parents }: CgroupHost, name: string, limits: CgroupLimits): Promise<Cgroup> {
  const [memory, pids] = [join(parents.memory, name), join(parents.pids, name)];
  const folders = memory === pids ? [memory] : [memory, pids];
  try {
    for (const folder of folders) await mkdir(folder);
    await writeFile(join(memory, "memory.limit_in_bytes"), `${limits.memoryBytes}`);
    // Swap counts as memory where the kernel counts it at all.
    await writeFile(join(memory, "memory.memsw.limit_in_bytes"), `${limits.memoryBytes}`).catch(() => undefined);
    await writeFile(join(pids, "pids.max"), `${limits.processCount}`);
  } catch (error) {
    await removeFolders(folders);
    throw error;
  }
  return {
    procsFiles: folders.map((folder) => join(folder, "cgroup.procs")),
    async usage() {
      const peak = await readNumber(join(memory, "memory.memsw.max_usage_in_bytes")).catch(() =>
        readNumber(join(memory, "memory.max_usage_in_bytes")),
      );
      const control = await readFile(join(memory, "memory.oom_control"), "utf8").catch(() => "");
      return { memoryPeakBytes: peak, isOutOfMemory: Number(/oom_kill (\d+)/.exec(control)?.[1] ?? 0) > 0 };
    },
    remove: () => removeFolders(folders),
  };
}

async function createVersion2({ parents }: CgroupHost, name: string, limits: CgroupLimits): Promise<Cgroup> {
  // Children get only the controllers that their parent hands down.
  await writeFile(join(parents.memory, "cgroup.subtree_control"), "+memory +pids");
  const folder = join(parents.memory, name);
  try {
    await mkdir(folder);
    await writeFile(join(folder, "memory.max"), `${limits.memoryBytes}`);
    await writeFile(join(folder, "memory.swap.max"), "0").catch(() => undefined); // no swap, no file
    await writeFile(join(folder, "pids.max"), `${limits.processCount}`);
  } catch (error) {
    await removeFolders([folder]);
    throw error;
  }
  return {
    procsFiles: [join(folder, "cgroup.procs")],
    async usage() {
      const events = await readFile(join(folder, "memory.events"), "utf8").catch(() => "");
      return {
        memoryPeakBytes: await readNumber(join(folder, "memory.peak")).catch(() => null),
        isOutOfMemory: Number(/oom_kill (\d+)/.exec(events)?.[1] ?? 0) > 0,
      };
    },
    remove: () => removeFolders([folder]),
  };
}

async function readNumber(path: string): Promise<number> {
  return Number(await readFile(path, "utf8"));
}

/** A group can be removed when its last process is gone, which takes the kernel a moment. */
async function removeFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    for (let waitMs = 1; existsSync(folder); waitMs *= 2) {
      const removed = await rmdir(folder).then(
        () => true,
        () => false,
      );
      if (removed || waitMs > 2000) break;
      await sleep(waitMs);
    }
  }
}
