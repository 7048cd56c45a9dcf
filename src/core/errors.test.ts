import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ConfigError, DataError, MissingError, PolymathError, ShapeError, UsageError } from "./errors.ts";
import { packageRoot } from "./version.ts";

test("each class has its name, code and exit code, and keeps hint and cause", () => {
  const cause = new Error("why");
  const errors = [UsageError, DataError, ConfigError, ShapeError, MissingError].map(
    (Class) => new Class("what", { hint: "mend", cause }),
  );
  expect(errors.map(({ name, code, exitCode }) => [name, code, exitCode])).toEqual([
    ["UsageError", "USAGE", 2],
    ["DataError", "DATA", 2],
    ["ConfigError", "CONFIG", 2],
    ["ShapeError", "SHAPE", 1],
    ["MissingError", "MISSING", 1],
  ]);
  for (const error of errors) {
    expect(error).toBeInstanceOf(PolymathError);
    expect([error.message, error.hint, error.cause]).toEqual(["what", "mend", cause]);
  }
  expect("cause" in new UsageError("what")).toBe(false);
});

test("every code in the sources has an entry in docs/errors.md", () => {
  const source = join(packageRoot, "src");
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((name) =>
    /(?<!\.test)\.ts$/.test(name),
  );
  const codes = new Set(
    files.flatMap((name) => {
      const text = readFileSync(join(source, name), "utf8");
      return [...text.matchAll(/(?:super|new PolymathError)\(\s*"([A-Z_]+)"/g)].map(([, code]) => code!);
    }),
  );
  const documented = readFileSync(join(packageRoot, "docs", "errors.md"), "utf8");
  const missing = [...codes].filter((code) => !documented.includes(`\n## ${code}\n`));
  expect(codes.size).toBeGreaterThanOrEqual(5);
  expect(missing).toEqual([]);
});
