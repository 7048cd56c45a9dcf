/** Level A by bubblewrap (0.7 or newer): setuid is not needed. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { findProgram } from "../programs.ts";
import type { Launcher, LaunchOptions } from "./launcher.ts";
import { boxFolder } from "./layout.ts";

/** @returns undefined where it is missing or too old to limit the size of the working folder */
export async function findBubblewrap(): Promise<Launcher | undefined> {
  const path = await findProgram("bwrap");
  if (!path) return undefined;
  const { stdout } = await promisify(execFile)(path, ["--version"]).catch(() => ({ stdout: "" }));
  const version = /\d+\.\d+(\.\d+)?/.exec(stdout)?.[0];
  const [major = 0, minor = 0] = (version ?? "").split(".").map(Number);
  if (!version || (major === 0 && minor < 7)) return undefined;
  return { name: "bubblewrap", version, launch: (options) => [path, ...bubblewrapArguments(options)] };
}

export function bubblewrapArguments({ layout, readOnly, boxBytes, hasProc, init }: LaunchOptions): string[] {
  const shown = [...layout.shown, ...readOnly, ...init.command.filter((word) => word.startsWith("/"))];
  return [
    ["--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
    ["--uid", "1000", "--gid", "1000", "--hostname", "sandbox"],
    ["--new-session", "--die-with-parent", "--as-pid-1", "--clearenv"],
    layout.shown.flatMap((path) => ["--ro-bind", path, path]),
    layout.links.flatMap(([path, target]) => ["--symlink", target, path]),
    ["--dev", "/dev"],
    hasProc ? ["--proc", "/proc"] : [],
    ["--size", `${boxBytes}`, "--tmpfs", boxFolder, "--size", `${boxBytes}`, "--tmpfs", "/tmp"],
    // After the empty folders: what is shown may lie below one of them.
    shown
      .filter((path) => !layout.shown.includes(path) && !isBelow(path, layout.shown))
      .flatMap((path) => ["--ro-bind", path, path]),
    ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", boxFolder, "--"],
    init.command,
  ].flat();
}

function isBelow(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path.startsWith(`${folder}/`));
}
