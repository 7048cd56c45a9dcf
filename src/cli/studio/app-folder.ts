/** Where the built web application lies: in the package, or in a clone, where it is built when its sources changed. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { MissingError } from "../../core/errors.ts";
import { packageRoot } from "../../core/version.ts";

/** @throws MissingError when there is none and it cannot be built here */
export function findAppFolder(): string {
  const builder = join(packageRoot, "scripts", "build-studio.mjs");
  if (existsSync(builder)) {
    const { status, stderr } = spawnSync(process.execPath, [builder], { encoding: "utf8" });
    if (status === 0) return join(packageRoot, "studio", "dist");
    throw new MissingError(`The studio's pages could not be built:\n${stderr.trim()}`, {
      hint: "`npm install` brings what the build needs.",
    });
  }
  const packed = join(packageRoot, "dist", "studio");
  if (existsSync(join(packed, "index.html"))) return packed;
  throw new MissingError("The studio's pages are not in this package", { hint: "Install polymath anew." });
}
