/** What `npm start` and `npm test` do first in a fresh clone, with an npm that only pretends. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, suite, test } from "vitest";

const bootstrap = join(import.meta.dirname, "..", "scripts", "bootstrap.mjs");
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bootstrap-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const lock = (version: string) =>
  JSON.stringify({
    packages: {
      "": { name: "house" },
      "node_modules/brick": { version },
      "node_modules/brick-of-another-system": { version: "1.0.0", optional: true },
    },
  });

/** Runs the bootstrap; npm installs brick 1.0.0, or fails. */
function install({ npmFails = false } = {}) {
  const npm = join(folder, "npm.cjs");
  const record = JSON.stringify(lock("1.0.0"));
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  writeFileSync(
    npm,
    `const fs = require("node:fs");
    fs.appendFileSync("calls", process.argv[2] + " ");
    if (${npmFails}) process.exit(7);
    fs.writeFileSync("node_modules/.package-lock.json", ${record});`,
  );
  const program = `(await import(${JSON.stringify(bootstrap)})).install(${JSON.stringify(folder)})`;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    encoding: "utf8",
    env: { ...process.env, npm_execpath: npm, npm_node_execpath: process.execPath },
  });
  return { status, stderr };
}
const calls = () => readFileSync(join(folder, "calls"), "utf8");

suite("bootstrap", () => {
  test("installs once, and again when the lock file has changed", () => {
    writeFileSync(join(folder, "package-lock.json"), lock("1.0.0"));
    expect(install().stderr).toContain("Installing dependencies");
    expect(install()).toEqual({ status: 0, stderr: "" });
    expect(calls()).toBe("ci ");
    writeFileSync(join(folder, "package-lock.json"), lock("1.0.1"));
    install();
    expect(calls()).toBe("ci ci ");
  });
  test("says what to do when npm fails", () => {
    writeFileSync(join(folder, "package-lock.json"), lock("1.0.0"));
    const { status, stderr } = install({ npmFails: true });
    expect(status).toBe(1);
    expect(stderr).toContain("npm ci failed with exit code 7");
    expect(stderr).toContain("npm ping");
  });
});
