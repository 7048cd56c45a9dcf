// Makes a fresh clone ready, under any Node from 18 and without a dependency:
// installs what the lock file names and runs tools with the project's own Node first on the path.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const isWindows = process.platform === "win32";

/**
 * Runs `npm ci` when node_modules is missing or differs from the lock file; ends the process when npm fails.
 * @param {string} [folder]
 * @param {string[]} [command] what to run instead of `npm ci`
 */
export function install(folder = root, command = ["ci"]) {
  if (isInstalled(folder)) return;
  console.error("Installing dependencies (once; a minute or two) ...");
  const args = [...command, "--no-audit", "--no-fund", "--loglevel=error"];
  const npm = process.env.npm_execpath;
  // Under `npm start`, the same npm and the Node it runs on: our own Node may be replaced by this very install.
  const { status, error } = npm
    ? spawnSync(process.env.npm_node_execpath ?? process.execPath, [npm, ...args], { cwd: folder, stdio: "inherit" })
    : spawnSync("npm", args, { cwd: folder, stdio: "inherit", shell: isWindows });
  if (status === 0 && isInstalled(folder)) return;
  console.error(`\nnpm ${command[0]} failed${error ? `: ${error.message}` : ` with exit code ${status}`}.`);
  console.error("It needs the npm registry: `npm ping` tells whether it answers. Then run the same command again.");
  process.exit(1);
}

/** Runs a tool of node_modules/.bin, or node itself, with the project's Node first on the path; returns its exit code. */
export function run(command, args, { env = {}, cwd = root } = {}) {
  const bin = join(root, "node_modules", ".bin");
  const path = `${bin}${delimiter}${process.env.PATH}`;
  process.on("SIGINT", () => {}); // the terminal sends it to both; the child decides
  const { status, error } = spawnSync(command, args, {
    cwd,
    stdio: "inherit",
    shell: isWindows,
    env: { ...process.env, ...env, PATH: path },
  });
  if (error) console.error(`${command} did not start: ${error.message}`);
  return status ?? 1;
}

/** npm records what it installed; a half-finished install leaves no record. */
function isInstalled(folder) {
  const record = join(folder, "node_modules", ".package-lock.json");
  if (!existsSync(record)) return false;
  const installed = readLock(record);
  const wanted = Object.entries(readLock(join(folder, "package-lock.json")));
  // Optional packages depend on the platform; the entry "" is the project itself.
  return wanted.every(([path, { version, optional }]) => !path || optional || installed[path]?.version === version);
}

function readLock(file) {
  return JSON.parse(readFileSync(file, "utf8")).packages;
}
