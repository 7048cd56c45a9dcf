/** The packed tarball, installed in an empty folder: what somebody without the repository gets. Needs the npm registry. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { root } from "./fixtures.ts";

let folder: string;

function run(command: string, args: string[], cwd = folder) {
  // npm hands its settings down in variables: without them the inner npm reads the folder's own.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_|^POLYMATH_/i.test(name)));
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8", env });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "polymath-package-"));
  writeFileSync(join(folder, "package.json"), '{ "name": "somebody", "private": true, "type": "module" }');
  const tarball = run("npm", ["pack", "--pack-destination", folder, "--loglevel=error"], root)
    .trim()
    .split("\n")
    .at(-1)!;
  run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", tarball]);
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true }));

suite("the packed package", () => {
  test("has a command with help", () => {
    expect(run("npx", ["polymath", "--help"])).toContain('polymath ask "17+25+38"');
  });
  test("brings the studio's pages, built", () => {
    expect(existsSync(join(folder, "node_modules", "polymath", "dist", "studio", "index.html"))).toBe(true);
  });
  test("answers with the model it brings", () => {
    expect(JSON.parse(run("npx", ["polymath", "ask", "17+25+38", "--json"]))).toMatchObject({ answer: "80" });
  });
  test("is a typed library", () => {
    writeFileSync(
      join(folder, "use.ts"),
      [
        'import { Random } from "polymath/core";',
        'import { Tensor } from "polymath/compute";',
        'import { loadTokenizer, type Tokenizer } from "polymath/language";',
        'import { parseQuestion } from "polymath/overthinking";',
        'import { core } from "polymath";',
        "export const load: (folder: string) => Promise<Tokenizer> = loadTokenizer;",
        "const sameSeed = new core.Random(1).next() === new Random(1).next();",
        'console.log(sameSeed, Tensor.from([1, 2]).size, parseQuestion("1+2").kind);',
      ].join("\n"),
    );
    const flags = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2024", "--skipLibCheck", "use.ts"];
    run(join(root, "node_modules", ".bin", "tsc"), flags);
    expect(run(process.execPath, ["use.ts"])).toBe("true 2 sum\n");
  });
});
