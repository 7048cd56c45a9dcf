import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, suite, test } from "vitest";
import { createAtomicFile, removeTemporaryFiles, writeFileAtomic, writeJsonAtomic } from "./atomic.ts";

const dir = mkdtempSync(join(tmpdir(), "polymath-atomic-"));
afterAll(() => rmSync(dir, { recursive: true }));

/** Runs a program that imports this module, until it prints; then SIGKILL. */
async function killAfterOutput(program: string, delayMs = 0): Promise<void> {
  const module = JSON.stringify(new URL("./atomic.ts", import.meta.url).href);
  const source = `const { createAtomicFile, writeFileAtomic } = await import(${module});\n${program}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  child.kill("SIGKILL");
  await once(child, "exit");
}

suite("atomic files", () => {
  test("replaces a file, makes missing folders and leaves nothing else behind", async () => {
    const path = join(dir, "deep", "er", "a.json");
    await writeFileAtomic(path, "old");
    await writeJsonAtomic(path, { answer: 80 });
    expect(readFileSync(path, "utf8")).toBe('{\n  "answer": 80\n}\n');
    expect(readdirSync(join(dir, "deep", "er"))).toEqual(["a.json"]);
  });

  test("nothing is seen before commit, nothing remains after abort", async () => {
    const path = join(dir, "b", "b.txt");
    const file = await createAtomicFile(path);
    await file.write("half");
    expect(readdirSync(join(dir, "b"))).not.toContain("b.txt");
    await file.abort();
    expect(readdirSync(join(dir, "b"))).toEqual([]);
  });

  test("a process killed in the middle of writing leaves the old file whole", async () => {
    const path = join(dir, "c", "c.txt");
    await writeFileAtomic(path, "old");
    await killAfterOutput(`
      const file = await createAtomicFile(${JSON.stringify(path)});
      await file.write("new, but only half of");
      console.log("half");
      setInterval(() => {}, 1000);`);
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(join(dir, "c"))).toHaveLength(2);
    await removeTemporaryFiles(dir);
    expect(readdirSync(join(dir, "c"))).toEqual(["c.txt"]);
  });

  test("a process killed anywhere among many writes leaves one whole version", async () => {
    const path = join(dir, "d", "d.txt");
    const size = 2_000_000;
    for (const delayMs of [0, 13, 37]) {
      await killAfterOutput(
        `for (let i = 0; ; i++) {
          await writeFileAtomic(${JSON.stringify(path)}, "ab"[i % 2].repeat(${size}));
          if (i === 0) console.log("go");
        }`,
        delayMs,
      );
      const text = readFileSync(path, "utf8");
      expect(text).toHaveLength(size);
      expect(new Set(text).size).toBe(1);
    }
  });

  test("removeTemporaryFiles spares files of the user", async () => {
    writeFileSync(join(dir, ".notes.tmp"), "mine");
    await removeTemporaryFiles(dir);
    expect(readdirSync(dir)).toContain(".notes.tmp");
  });
});
