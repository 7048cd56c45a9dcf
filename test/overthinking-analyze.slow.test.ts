/** `overthinking analyze` as a process that is killed three times while a model cuts and judges. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { startMockServer } from "../src/endpoint/testing/index.ts";
import { answer, rowsFile } from "../src/systems/overthinking/commands/analyze.fixtures.ts";
import { root } from "./fixtures.ts";

const folder = mkdtempSync(join(tmpdir(), "overthinking-analyze-"));
afterAll(() => rmSync(folder, { recursive: true }));

const concurrency = 4;
const killCount = 3;

/** A group of its own, so that a kill reaches the process that works and not only the one that started it. */
function start(words: string[], cwd: string): ChildProcess {
  mkdirSync(cwd, { recursive: true });
  const env = { ...process.env, POLYMATH_RUNS: join(cwd, "runs") };
  return spawn(process.execPath, [join(root, "bin", "polymath.mjs"), ...words], {
    cwd,
    env,
    stdio: "ignore",
    detached: true,
  });
}

const rowsOf = (cwd: string) =>
  readFileSync(join(cwd, "runs", readdirSync(join(cwd, "runs"))[0]!, "analysed.jsonl"), "utf8");

test("killed three times and resumed: the rows of an uninterrupted run, and only calls in the air are paid again", async () => {
  const file = rowsFile(60);
  const server = await startMockServer({ answer, delayMs: 5 });
  onTestFinished(() => server.close());
  const words = [
    "overthinking",
    "analyze",
    file,
    "--endpoint",
    server.url,
    "--model",
    "mock",
    "--concurrency",
    String(concurrency),
  ];
  const whole = join(folder, "whole");
  const [code] = await once(start(words, whole), "exit");
  expect(code).toBe(0);
  const callCount = server.counts.servedCount;

  const pieces = join(folder, "pieces");
  let child = start(words, pieces);
  for (let kill = 1; kill <= killCount; kill++) {
    while (server.counts.servedCount < callCount * (1 + kill / (killCount + 1))) {
      if (child.exitCode !== null) throw new Error("it ended before it could be killed");
      await sleep(10);
    }
    process.kill(-child.pid!, "SIGKILL");
    await once(child, "exit");
    child = start(["resume", "latest"], pieces);
  }
  const [resumedCode] = await once(child, "exit");
  expect(resumedCode).toBe(0);
  expect(rowsOf(pieces)).toBe(rowsOf(whole));
  expect(server.counts.servedCount - 2 * callCount).toBeLessThanOrEqual(killCount * concurrency);
});
