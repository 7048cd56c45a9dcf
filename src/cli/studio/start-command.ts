/** Starts one of our commands beside the studio; it goes on when the studio ends, and its run folder tells of it. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { packageRoot } from "../../core/version.ts";

/** @param runs where its run folder goes; default as for every command */
export function startCommand(words: readonly string[], runs?: string): void {
  const child = spawn(process.execPath, [join(packageRoot, "bin", "polymath.mjs"), ...words], {
    detached: true,
    stdio: "ignore",
    env: { ...process.env, ...(runs !== undefined && { POLYMATH_RUNS: runs }) },
  });
  child.unref();
}
