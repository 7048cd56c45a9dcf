import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { gitRevision, version, versions } from "./version.ts";

const dir = mkdtempSync(join(tmpdir(), "polymath-version-"));
afterAll(() => rmSync(dir, { recursive: true }));

test("versions names us, node and what is installed", () => {
  expect(versions()).toMatchObject({
    polymath: version,
    node: process.versions.node,
    zod: expect.stringMatching(/^\d/),
  });
});

test("gitRevision tells the commit, and whether files differ from it; nothing for a folder inside a repository", () => {
  const git = (...args: string[]) =>
    execFileSync(
      "git",
      ["-C", dir, "-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false", ...args],
      {
        encoding: "utf8",
      },
    ).trim();
  expect(gitRevision(dir)).toBeUndefined();
  git("init", "--quiet");
  writeFileSync(join(dir, "a"), "1");
  git("add", "a");
  git("commit", "--quiet", "-m", "one", "--no-verify");
  const commit = git("rev-parse", "HEAD");
  expect(gitRevision(dir)).toBe(commit);
  writeFileSync(join(dir, "a"), "2");
  expect(gitRevision(dir)).toBe(`${commit}+changes`);
  mkdirSync(join(dir, "node_modules"));
  expect(gitRevision(join(dir, "node_modules"))).toBeUndefined();
});
