/** A training that is killed, and killed again, ends with the same bytes as one that was left alone. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, suite, test } from "vitest";
import { polymath, root } from "./fixtures.ts";

const folder = mkdtempSync(join(tmpdir(), "polymath-resume-"));
afterAll(() => rmSync(folder, { recursive: true }));

// Checkpoints come every 250 steps, so each kill below loses some steps.
const sizes = "--dim 16 --layers 1 --heads 2 --lessons 200 --steps 900 --batch 2 --test-per-level 1 --seed 3";
const train = (out: string) => ["train", "reasoner", ...sizes.split(" "), "--out", out];

const hashOf = (out: string) =>
  createHash("sha256")
    .update(readFileSync(join(folder, out, "model.safetensors")))
    .digest("hex");

function start(words: string[], cwd: string): ChildProcess {
  const env = { ...process.env, POLYMATH_RUNS: join(cwd, "runs") };
  return spawn(process.execPath, [join(root, "bin", "polymath.mjs"), ...words], { cwd, env, stdio: "ignore" });
}

/** Waits until the journal of the only run tells of a step from `wanted` on. */
async function reachStep(wanted: number, cwd: string, child: ChildProcess): Promise<void> {
  for (;;) {
    await sleep(20);
    if (child.exitCode !== null) throw new Error(`the training ended with ${child.exitCode} before step ${wanted}`);
    const [run] = existsSync(join(cwd, "runs")) ? readdirSync(join(cwd, "runs")) : [];
    const journal = run && join(cwd, "runs", run, "events.jsonl");
    if (!journal || !existsSync(journal)) continue;
    const steps = readFileSync(journal, "utf8").matchAll(/"step":(\d+)/g);
    if (Math.max(0, ...Array.from(steps, ([, step]) => Number(step))) >= wanted) return;
  }
}

suite("resume", () => {
  test("after three kills and a Ctrl-C the model is the same, byte for byte", async () => {
    expect(polymath(train("whole"), { cwd: folder }).status).toBe(0);
    rmSync(join(folder, "runs"), { recursive: true });

    let words = train("pieces");
    for (const [step, signal] of [
      [300, "SIGKILL"],
      [520, "SIGKILL"],
      [640, "SIGINT"],
      [780, "SIGKILL"],
    ] as const) {
      const child = start(words, folder);
      await reachStep(step, folder, child);
      child.kill(signal);
      const [code] = await once(child, "exit");
      expect(code).toBe(signal === "SIGINT" ? 130 : null);
      words = ["resume", "latest"];
    }
    expect(polymath(["runs", "--json"], { cwd: folder }).stdout).toContain('"interrupted"');
    expect(polymath(["resume", "latest"], { cwd: folder }).status).toBe(0);
    expect(hashOf("pieces")).toBe(hashOf("whole"));
    expect(polymath(["resume", "latest"], { cwd: folder }).stderr).toContain("is finished");
  });
});
