#!/usr/bin/env node
// Starts the command line: from src/ in a checkout (Node strips the types), from dist/ in the published package.
// Plain JavaScript for any Node, because its first job is to find a Node that is new enough.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const neededMajor = 24; // the first with Float16Array and stable type stripping
const isNewEnough = Number(process.versions.node.split(".")[0]) >= neededMajor;

if (isNewEnough) await start();
else startWith(findNewerNode());

async function start() {
  const source = join(root, "src", "cli", "main.ts");
  const main = existsSync(source) ? source : join(root, "dist", "cli", "main.js");
  const { runProcess } = await import(pathToFileURL(main).href);
  await runProcess(process.argv.slice(2));
}

/** The package `node` brings its own Node: here as a devDependency, or installed beside us or in the user's folder. */
function findNewerNode() {
  const file = process.platform === "win32" ? "node.exe" : "node";
  const parents = [root, join(root, "..", ".."), process.cwd()];
  return parents.map((folder) => join(folder, "node_modules", "node", "bin", file)).find((path) => existsSync(path));
}

function startWith(node) {
  // The variable keeps a wrong `node` package from starting us for ever.
  if (!node || process.env.POLYMATH_RESTARTED) {
    console.error(`Polymath needs Node ${neededMajor} or newer; this is Node ${process.versions.node}.`);
    console.error(`Get it from https://nodejs.org, or add it to this folder: npm install node@${neededMajor}`);
    process.exit(1);
  }
  const child = spawn(node, process.argv.slice(1), {
    stdio: "inherit",
    env: { ...process.env, POLYMATH_RESTARTED: "1" },
  });
  process.on("SIGINT", () => {}); // the terminal sends it to both; the child decides
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("exit", (code, signal) => (signal ? process.kill(process.pid, signal) : process.exit(code ?? 1)));
}
