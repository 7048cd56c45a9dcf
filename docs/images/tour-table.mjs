// Runs the tour and puts the table that it prints into both READMEs: node docs/images/tour-table.mjs
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const runs = mkdtempSync(join(tmpdir(), "tour-table-"));
const { status, stdout } = spawnSync(process.execPath, [join(root, "bin/polymath.mjs"), "tour", "--no-serve"], {
  cwd: root,
  env: { ...process.env, NO_COLOR: "1", POLYMATH_RUNS: runs },
  stdio: ["ignore", "pipe", "inherit"],
  encoding: "utf8",
});
rmSync(runs, { recursive: true });
if (status !== 0) throw new Error(`the tour ended with ${status}:\n${stdout}`);

const table = stdout.slice(0, stdout.indexOf("\n\nreport:")).replace(/^\n+/, "");
for (const name of ["README.md", "README.zh-CN.md"]) {
  const file = join(root, name);
  const text = readFileSync(file, "utf8");
  writeFileSync(
    file,
    text.replace(/^```text\n[\s\S]*?^```$/m, () => `\`\`\`text\n${table}\n\`\`\``),
  );
}
console.log(table);
