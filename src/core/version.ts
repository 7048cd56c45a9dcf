/** Which Polymath this is: what a run records so that its result can be had again. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder with our package.json, whether the sources run (`src/core`) or the build does (`dist/core`). */
export const packageRoot: string = findPackageRoot(dirname(fileURLToPath(import.meta.url)));

const manifest = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as {
  version: string;
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
};

export const version: string = manifest.version;

/** Versions that numbers may depend on: polymath, node, and our dependencies as installed. */
export function versions(): Record<string, string> {
  const require = createRequire(join(packageRoot, "package.json"));
  const installed: Record<string, string> = { polymath: version, node: process.versions.node };
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }).sort()) {
    const folder = require.resolve.paths(name)?.find((path) => existsSync(join(path, name, "package.json")));
    if (folder) installed[name] = JSON.parse(readFileSync(join(folder, name, "package.json"), "utf8")).version;
  }
  return installed;
}

/**
 * The commit of a source checkout, with "+changes" when tracked files differ from it.
 * Undefined for an installed package (its own version says it all) and where git is missing.
 */
export function gitRevision(root: string = packageRoot): string | undefined {
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", root, ...args], { encoding: "utf8", stdio: "pipe", timeout: 5000 }).trim();
  try {
    // A package inside somebody's repository would otherwise report that repository's commit.
    if (realpathSync(git("rev-parse", "--show-toplevel")) !== realpathSync(root)) return undefined;
    return git("rev-parse", "HEAD") + (git("status", "--porcelain", "--untracked-files=no") ? "+changes" : "");
  } catch {
    return undefined;
  }
}

function findPackageRoot(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (existsSync(file) && JSON.parse(readFileSync(file, "utf8")).name === "polymath") return folder;
    if (dirname(folder) === folder) throw new Error(`no package.json of polymath above ${start}`);
  }
}
