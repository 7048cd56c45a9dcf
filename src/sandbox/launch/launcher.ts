/**
 * A launcher makes the namespaces and starts our first program in them: bubblewrap, which also builds the file system,
 * or `unshare` of util-linux, after which the first program builds it itself.
 */
import type { Init } from "../init/find-init.ts";
import type { Plan } from "../init/plan.ts";
import type { Layout } from "./layout.ts";

export type LauncherName = "bubblewrap" | "unshare";

export interface LaunchOptions {
  layout: Layout;
  /** Further host paths to show read-only. */
  readOnly: readonly string[];
  /** Bytes that the working folder may hold. */
  boxBytes: number;
  /** Hosts that cover parts of /proc (many containers) allow no new one. */
  hasProc: boolean;
  init: Init;
}

export interface Launcher {
  name: LauncherName;
  version: string;
  /** The command on the host, and in `plan` what the first program must do about the file system. */
  launch(options: LaunchOptions, plan: Plan): string[];
}
