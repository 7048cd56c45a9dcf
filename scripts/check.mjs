// npm run check: types, style, floors and docblocks. Every part runs, so that one run shows all there is to mend.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { install, root } from "./bootstrap.mjs";

install();
const bin = join(root, "node_modules", ".bin");
const tool =
  (command, ...args) =>
  () => {
    const { status, stdout, stderr } = spawnSync(command, args, {
      cwd: root,
      encoding: "utf8",
      shell: process.platform === "win32",
      env: {
        ...process.env,
        PATH: `${bin}${delimiter}${process.env.PATH}`,
        FORCE_COLOR: process.stdout.isTTY ? "1" : "0",
      },
    });
    return status === 0 ? "" : `${stdout}${stderr}`.trim() || `${command} ended with ${status}`;
  };

const parts = {
  types: tool("tsc", "-p", "."),
  studio: tool("tsc", "-p", "studio"),
  style: tool("biome", "check", "--error-on-warnings", "."),
  floors: tool("depcruise", "src", "test", "--output-type", "err-long"),
  docblocks: checkDocblocks,
};

let failedCount = 0;
for (const [name, check] of Object.entries(parts)) {
  const began = performance.now();
  const problems = check();
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${problems ? "✗" : "✓"} ${name.padEnd(10)} ${seconds} s${problems ? `\n${problems}\n` : ""}`);
  if (problems) failedCount++;
}
process.exit(failedCount ? 1 : 0);

/**
 * What an index.ts exports is public, and public functions and classes have a docblock; for the first one of a file,
 * the header that opens the file may be it.
 * Inline `import("./x.ts").T` types are refused, because depcruise does not see them.
 */
function checkDocblocks() {
  const files = readdirSync(join(root, "src"), { recursive: true }).filter((file) => file.endsWith(".ts"));
  const exported = publicNames(files.filter((file) => basename(file) === "index.ts"));
  return files
    .sort()
    .flatMap((file) => checkFile(file, exported.get(file) ?? new Set()))
    .join("\n");
}

function checkFile(file, names) {
  const lines = read(file).split("\n");
  let isDescribed = lines[0].startsWith("/**");
  return lines.flatMap((line, index) => {
    const at = `src/${file}:${index + 1}`;
    const before = lines[index - 1] ?? "";
    const name = /^export (?:async )?(?:function\*?|class) (\w+)/.exec(line)?.[1];
    const isOverload = before.startsWith("export function");
    const isPublic = name && (names.has(name) || names.has("*"));
    const isBare = isPublic && !isOverload && !before.endsWith("*/") && !isDescribed;
    if (name) isDescribed = false;
    if (isBare) return [`${at}: ${name} has no docblock`];
    if (/\bimport\("\.[^"]+"\)\s*\.\s*[A-Z]/.test(line)) return [`${at}: write \`import type\` at the top of the file`];
    return [];
  });
}

/** Names by the file that defines them; "*" for all of a file. */
function publicNames(indexes) {
  const exported = new Map();
  for (const index of indexes) {
    for (const [, list, from] of read(index).matchAll(/export\s+(?:type\s+)?(\*|\{[^}]*\})\s+from\s+"(\.[^"]+)"/g)) {
      const names = exported.get(join(dirname(index), from)) ?? new Set();
      for (const [word] of list.matchAll(/\*|\w+/g)) names.add(word);
      exported.set(join(dirname(index), from), names);
    }
  }
  return exported;
}

function read(file) {
  return readFileSync(join(root, "src", file), "utf8");
}
