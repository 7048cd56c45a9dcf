/** The floors hold: a small tree that breaks every rule of .dependency-cruiser.cjs once, and one that breaks none. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, suite, test } from "vitest";

const root = join(import.meta.dirname, "..");
const config = createRequire(import.meta.url)("../.dependency-cruiser.cjs");

/** [rule, file, its text] */
const violations = [
  ["floor-core", "src/core/a.ts", 'import "../compute/empty.ts";'],
  ["floor-compute", "src/compute/a.ts", 'import "../language/empty.ts";'],
  ["floor-media", "src/media/a.ts", 'import "../compute/empty.ts";'],
  ["floor-endpoint", "src/endpoint/a.ts", 'export * from "../jobs/empty.ts";'],
  ["floor-jobs", "src/jobs/a.ts", 'export const later = () => import("../sandbox/empty.ts");'],
  ["floor-sandbox", "src/sandbox/a.ts", 'import "../browser/empty.ts";'],
  ["floor-browser", "src/browser/a.ts", 'import "../systems/one/index.ts";'],
  ["floor-language", "src/language/a.ts", 'import type { Empty } from "../vision/empty.ts";\nexport type A = Empty;'],
  ["floor-vision", "src/vision/a.ts", 'import { type Empty } from "../diffusion/empty.ts";\nexport type A = Empty;'],
  ["floor-diffusion", "src/diffusion/a.ts", 'export type { Empty } from "../cli/empty.ts";'],
  ["floor-systems", "src/systems/one/a.ts", 'import "../../cli/empty.ts";'],
  ["floor-cli", "src/cli/a.ts", 'import "../server/empty.ts";'],
  ["floor-server", "src/server/a.ts", 'import "../index.ts";'],
  ["systems-apart", "src/systems/one/b.ts", 'import type { Empty } from "../two/index.ts";\nexport type B = Empty;'],
  ["system-by-its-door", "src/server/b.ts", 'import "../systems/one/world.ts";'],
  ["no-test-helpers", "src/core/b.ts", 'import "../../test/setup.ts";'],
  ["no-test-helpers", "src/core/g.ts", 'import "./empty.fixtures.ts";'],
  ["no-cycles", "src/core/c.ts", 'import "./d.ts";'],
  ["no-dev-packages", "src/core/e.ts", 'import "a-dev-package";'],
  ["no-unresolvable", "src/core/f.ts", 'import "./nowhere.ts";'],
] as const;

const sound = {
  "src/core/empty.ts": "export type Empty = undefined;",
  "src/core/d.ts": 'export const later = () => import("./empty.ts");',
  "src/core/empty.test.ts": 'import "../../test/setup.ts";\nimport "a-dev-package";',
  "src/core/empty.fixtures.ts": 'import "a-dev-package";',
  "src/core/fed.test.ts": 'import "./empty.fixtures.ts";',
  "src/compute/empty.ts": 'export type { Empty } from "../core/empty.ts";',
  "src/language/empty.ts": 'import "../compute/empty.ts";\nimport "../core/empty.ts";',
  "src/systems/one/world.ts": 'import "../../language/empty.ts";',
  "src/systems/one/index.ts": 'import "./world.ts";\nexport type { Empty } from "../../core/empty.ts";',
  "src/systems/two/index.ts": 'export type { Empty } from "../../core/empty.ts";',
  "src/server/index.ts": "export {};",
  "src/cli/empty.ts":
    'import "../systems/one/index.ts";\nimport "../server/index.ts";\nexport type { Empty } from "../core/empty.ts";',
  "src/index.ts": 'import "./core/empty.ts";',
  "test/setup.ts": "",
  "package.json": '{ "type": "module", "devDependencies": { "a-dev-package": "1.0.0" } }',
  "node_modules/a-dev-package/package.json": '{ "name": "a-dev-package", "version": "1.0.0", "main": "index.js" }',
  "node_modules/a-dev-package/index.js": "",
};
const emptyFolders = ["media", "endpoint", "jobs", "sandbox", "browser", "vision", "diffusion", "server"];

suite("the floors", () => {
  const folders: string[] = [];
  afterAll(() => folders.forEach((folder) => void rmSync(folder, { recursive: true })));

  function cruise(files: Record<string, string>) {
    const folder = mkdtempSync(join(tmpdir(), "floors-"));
    folders.push(folder);
    const empty = emptyFolders.map((name) => [`src/${name}/empty.ts`, "export type Empty = undefined;"]);
    for (const [path, text] of [...empty, ...Object.entries(files)] as [string, string][]) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    copyFileSync(join(root, ".dependency-cruiser.cjs"), join(folder, ".dependency-cruiser.cjs"));
    const depcruise = join(root, "node_modules", "dependency-cruiser", "bin", "dependency-cruiser.mjs");
    const run = (output: string) =>
      spawnSync(process.execPath, [depcruise, "src", "test", "-T", output], { cwd: folder, encoding: "utf8" });
    const found = JSON.parse(run("json").stdout).summary.violations as { from: string; rule: { name: string } }[];
    return { found: found.map(({ from, rule }) => `${rule.name}: ${from}`), exitCode: run("err").status };
  }

  test("imports that go down are allowed", () => {
    expect(cruise(sound)).toEqual({ found: [], exitCode: 0 });
  });

  test("every rule is broken by the file made to break it, and the check fails", () => {
    const broken = Object.fromEntries(violations.map(([, path, text]) => [path, text]));
    const back = { "src/core/d.ts": 'import "./c.ts";' }; // the other half of the cycle
    const { found, exitCode } = cruise({ ...sound, ...broken, ...back });
    expect(found.sort()).toEqual(violations.map(([rule, path]) => `${rule}: ${path}`).sort());
    expect(exitCode).toBeGreaterThan(0);
  });

  test("no rule is left without a file that breaks it", () => {
    const names = config.forbidden.map((rule: { name: string }) => rule.name);
    expect(new Set(violations.map(([rule]) => rule))).toEqual(new Set(names));
  });
});
