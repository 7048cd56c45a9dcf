// Builds the studio's pages: node scripts/build-studio.mjs [folder]. Without a folder into studio/dist, and only when
// the sources are others than those of the last build.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const studio = join(root, "studio");
const target = process.argv[2];
const dist = target ?? join(studio, "dist");
const stamp = join(dist, "sources.sha256");

const hash = hashSources();
if (target || !existsSync(stamp) || readFileSync(stamp, "utf8") !== hash) {
  const { build } = await import("vite");
  await build({
    root: studio,
    configFile: join(studio, "vite.config.ts"),
    logLevel: "warn",
    build: { outDir: dist, emptyOutDir: true },
  });
  writeFileSync(stamp, hash);
}

/** Of everything a build reads: our sources, and the versions of what they import. */
function hashSources() {
  const digest = createHash("sha256").update(readFileSync(join(root, "package-lock.json")));
  const files = readdirSync(studio, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !path.startsWith(join(studio, "dist")) && !/\.test\.tsx?$/.test(path));
  for (const path of files.sort()) digest.update(path.slice(root.length)).update(readFileSync(path));
  return digest.digest("hex");
}
