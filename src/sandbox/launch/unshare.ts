/**
 * Level A by `unshare` of util-linux (2.35 or newer), on every Linux distribution: the first program builds the file
 * system itself. The user inside is not 0, because files in /proc of a process that hides its memory belong to user 0 of
 * its namespace: a program of that number could look at the first program.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Plan } from "../init/plan.ts";
import { findProgram } from "../programs.ts";
import type { Launcher, LaunchOptions } from "./launcher.ts";
import { boxFolder, deviceLinks, devices } from "./layout.ts";

export async function findUnshare(): Promise<Launcher | undefined> {
  const path = await findProgram("unshare");
  if (!path) return undefined;
  const { stdout } = await promisify(execFile)(path, ["--version"]).catch(() => ({ stdout: "" }));
  const version = /\d+\.\d+(\.\d+)?/.exec(stdout)?.[0];
  if (!version) return undefined;
  const namespaces = [
    "--user",
    "--map-current-user",
    "--keep-caps",
    "--mount",
    "--pid",
    "--net",
    "--ipc",
    "--uts",
    "--cgroup",
  ];
  const command = [path, ...namespaces, "--fork", "--kill-child=SIGKILL", "--"];
  return {
    name: "unshare",
    version,
    launch(options, plan) {
      planFileSystem(options, plan);
      return [...command, ...options.init.command];
    },
  };
}

export function planFileSystem({ layout, readOnly, boxBytes, hasProc }: LaunchOptions, plan: Plan): void {
  plan.add("root").add("tmpfs", boxFolder, boxBytes).add("tmpfs", "/tmp", boxBytes);
  for (const path of layout.shown) plan.add("show", path);
  for (const [path, target] of layout.links) addLink(plan, path, target);
  // After the empty folders: what is shown may lie below one of them.
  for (const path of readOnly) {
    if (!layout.shown.some((folder) => path === folder || path.startsWith(`${folder}/`))) plan.add("show", path);
  }
  for (const device of devices) plan.add("show", device, 1);
  for (const [path, target] of deviceLinks) addLink(plan, path, target);
  if (hasProc) plan.add("proc");
  plan.add("enter");
}

function addLink(plan: Plan, path: string, target: string): void {
  plan.add("link", path + target, Buffer.byteLength(path));
}
