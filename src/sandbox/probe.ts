/**
 * What this machine can do to confine a program, found out by doing it: every combination is started once and looks
 * around from inside. The report says what works, and for what does not which setting is missing.
 */
import { readFile } from "node:fs/promises";
import { type CgroupHost, createCgroup, locateCgroups, readCgroupFiles, removeStaleCgroups } from "./cgroup/cgroup.ts";
import { findInit, type Init, type InitKind } from "./init/find-init.ts";
import { inspectInside } from "./inspect-inside.ts";
import { findBubblewrap } from "./launch/bubblewrap.ts";
import type { Launcher, LauncherName } from "./launch/launcher.ts";
import { type Layout, readLayout } from "./launch/layout.ts";
import { findUnshare } from "./launch/unshare.ts";
import { findProgram } from "./programs.ts";
import { assembleFilter } from "./seccomp/filter.ts";
import type { Architecture } from "./seccomp/syscalls.ts";

export interface ProbeOptions {
  /** Use only this launcher; default the first that works, bubblewrap before unshare. */
  launcher?: LauncherName;
  /** Use only this kind of first program. */
  init?: InitKind;
  /** Whether to use control groups where they can be had. Default true. */
  cgroups?: boolean;
}

export interface ProbeReport {
  ok: boolean;
  /** A: namespaces, seccomp and rlimits. B: control groups besides. */
  level: "A" | "B" | null;
  /** "bubblewrap 0.8.0 + cgroup v1". */
  description: string;
  launcher: LauncherName | null;
  init: InitKind | null;
  seccomp: boolean;
  cgroupVersion: 1 | 2 | null;
  /** User id on the host that programs run as. */
  uid: number;
  missing: { what: string; mend: string }[];
}

/** All that a run needs; only a successful probe makes one. */
export interface SandboxMeans {
  launcher: Launcher;
  init: Init;
  layout: Layout;
  hasProc: boolean;
  filter: Buffer;
  cgroups: CgroupHost | undefined;
  /** Root does not run programs as root. */
  user: { uid: number; gid: number } | undefined;
  setpriv: string | undefined;
}

const nobody = { uid: 65534, gid: 65534 };

export async function probeSandbox(options: ProbeOptions = {}): Promise<{ report: ProbeReport; means?: SandboxMeans }> {
  const user = process.getuid?.() === 0 ? nobody : undefined;
  const report: ProbeReport = {
    ok: false,
    level: null,
    description: "none",
    launcher: null,
    init: null,
    seccomp: false,
    cgroupVersion: null,
    uid: user?.uid ?? process.getuid?.() ?? -1,
    missing: [],
  };
  const miss = (what: string, mend: string) => void report.missing.push({ what, mend });
  if (process.platform !== "linux" || !isArchitecture(process.arch)) {
    miss(`namespaces need Linux on x86_64 or aarch64, this is ${process.platform} on ${process.arch}`, wasmHint);
    return { report };
  }
  let init: Init;
  try {
    init = await findInit(options.init);
  } catch (error) {
    miss((error as Error).message, "apt install gcc, or apt install python3");
    return { report };
  }
  const base = {
    init,
    layout: await readLayout(),
    filter: assembleFilter(process.arch),
    user,
    setpriv: await findProgram("setpriv"),
  };
  const found = await findLauncher(base, options, miss);
  if (!found) return { report };
  const cgroups = options.cgroups === false ? undefined : await findCgroups(found, miss);
  Object.assign(report, {
    ok: true,
    level: cgroups ? "B" : "A",
    description: `${found.launcher.name} ${found.launcher.version}${cgroups ? ` + cgroup v${cgroups.version}` : ""}`,
    launcher: found.launcher.name,
    init: init.kind,
    seccomp: true,
    cgroupVersion: cgroups?.version ?? null,
  });
  return { report, means: { ...found, cgroups } };
}

const wasmHint =
  "a Linux machine, container or WSL; or the WebAssembly level for Python and JavaScript, whose times are not comparable";

function isArchitecture(arch: string): arch is Architecture {
  return arch === "x64" || arch === "arm64";
}

/** The first launcher inside which everything is as it should be. */
async function findLauncher(
  base: Omit<SandboxMeans, "launcher" | "hasProc" | "cgroups">,
  { launcher: wanted }: ProbeOptions,
  miss: (what: string, mend: string) => void,
): Promise<SandboxMeans | undefined> {
  const finders = { bubblewrap: findBubblewrap, unshare: findUnshare };
  const faults: [what: string, mend: string][] = [];
  for (const [name, find] of Object.entries(finders)) {
    if (wanted && wanted !== name) continue;
    const launcher = await find();
    if (!launcher) {
      faults.push([`${name} is not installed`, `apt install ${name === "unshare" ? "util-linux" : name}`]);
      continue;
    }
    for (const hasProc of [true, false]) {
      const means: SandboxMeans = { ...base, launcher, hasProc, cgroups: undefined };
      const fault = await inspectInside(means);
      if (!fault) return means;
      if (hasProc && /proc/.test(fault)) continue; // a container that covers parts of /proc
      faults.push([`${name}: ${fault}`, await explainNamespaces()]);
      break;
    }
  }
  for (const fault of faults) miss(...fault);
  return undefined;
}

/** Which of the settings that switch user namespaces off is to blame. */
async function explainNamespaces(): Promise<string> {
  const read = (path: string) =>
    readFile(`/proc/sys/${path}`, "utf8").then(
      (text) => text.trim(),
      () => undefined,
    );
  if ((await read("user/max_user_namespaces")) === "0") return "sysctl -w user.max_user_namespaces=10000";
  if ((await read("kernel/unprivileged_userns_clone")) === "0") return "sysctl -w kernel.unprivileged_userns_clone=1";
  if ((await read("kernel/apparmor_restrict_unprivileged_userns")) === "1") {
    return "give /usr/bin/bwrap an AppArmor profile that allows userns, or sysctl -w kernel.apparmor_restrict_unprivileged_userns=0";
  }
  return "in a container, start it with --security-opt seccomp=unconfined --security-opt systempaths=unconfined";
}

/** Control groups are a second net: their absence is reported, and no reason to refuse. */
async function findCgroups(
  means: SandboxMeans,
  miss: (what: string, mend: string) => void,
): Promise<CgroupHost | undefined> {
  const host = locateCgroups(readCgroupFiles());
  if (!host) return void miss("control groups are not mounted", "mount -t cgroup2 none /sys/fs/cgroup");
  if (means.user && !means.setpriv) return void miss("control groups need setpriv", "apt install util-linux");
  try {
    await removeStaleCgroups(host);
    const group = await createCgroup(host, { memoryBytes: 64 * 2 ** 20, processCount: 16 });
    await group.remove();
    const fault = await inspectInside({ ...means, cgroups: host });
    if (!fault) return host;
    miss(`control groups: ${fault}`, cgroupHint);
  } catch (error) {
    miss(`control groups: ${(error as Error).message}`, cgroupHint);
  }
  return undefined;
}

const cgroupHint = "run as root, or inside systemd-run --user --scope -p Delegate=yes";
