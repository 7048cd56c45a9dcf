/** The data engine on the 198 published rows, twice; and a search that is killed five times. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { Random } from "../../core/random.ts";
import { startMockServer } from "../../endpoint/testing/index.ts";
import { runEngine } from "./data-engine.fixtures.ts";
import { answerField, type SearchedRow } from "./schemas.ts";
import { exactMatch } from "./search/verifiers.ts";
import {
  type DemoRow,
  demoFile,
  demoRows,
  inventedRows,
  isDemoMissing,
  scriptedTeacher,
  temporaryFolder,
} from "./teacher.fixtures.ts";

const rowsOf = <Row>(file: string) => JSON.parse(readFileSync(file, "utf8")) as Row[];

test.skipIf(isDemoMissing)(
  "the published rows through factory, search and merge, with a teacher that misbehaves",
  async () => {
    const { factory, search, merge, counts } = await runEngine(demoRows, { file: demoFile });
    console.info(`faults served: ${JSON.stringify(counts.faults)} in ${counts.requestCount} requests`);
    for (const { result } of [factory, search, merge]) console.info(JSON.stringify(result.stages));
    console.info(JSON.stringify(search.result.search));
    for (const fault of ["429", "hang"]) expect(counts.faults[fault]).toBeGreaterThan(0);
    // Nothing is lost: each row leaves a step or is set aside there with its reason.
    let expected = demoRows.length;
    for (const { result, run } of [factory, search, merge]) {
      const rejected = readFileSync(join(run.dir, "rejected.jsonl"), "utf8").split("\n").filter(Boolean);
      expect(result.written + rejected.length).toBe(expected);
      expect(result.failed).toBe(0);
      expected = result.written;
    }
    expect(merge.result.written).toBeGreaterThan(50);
    for (const row of rowsOf<SearchedRow>(search.result.out)) {
      expect(exactMatch(row.Long_CoT.at(-2)!.content, String(row[answerField]))).toBe(true);
      const given = demoRows.find(({ question }) => question === row.question) as DemoRow;
      for (const field of ["question", "options", "answer_idx", "answer"]) expect(row[field]).toEqual(given[field]);
    }
  },
);

test("the same questions give the same rows, whatever the faults and the order", async () => {
  const rows = inventedRows(12);
  const [first, again] = [await runEngine(rows), await runEngine(rows)];
  for (const step of ["factory", "search", "merge"] as const) {
    expect(readFileSync(again[step].result.out, "utf8")).toBe(readFileSync(first[step].result.out, "utf8"));
  }
});

const concurrency = 8;
const killCount = 5;

function start(words: string[], cwd: string): ChildProcess {
  mkdirSync(cwd, { recursive: true });
  const env = { ...process.env, POLYMATH_RUNS: join(cwd, "runs"), POLYMATH_DATABASE_URL: "" };
  const program = join(import.meta.dirname, "../../../bin/polymath.mjs");
  // A group of its own, so that a kill reaches the process that works and not only the one that started it.
  return spawn(process.execPath, [program, ...words], {
    cwd,
    env,
    stdio: ["ignore", "ignore", "inherit"],
    detached: true,
  });
}

const searchedOf = (cwd: string) =>
  readFileSync(join(cwd, "runs", readdirSync(join(cwd, "runs"))[0]!, "searched.json"), "utf8");

test("200 searches killed five times end as without, and only calls in the air are paid again", async () => {
  const rows = inventedRows(200);
  const folder = temporaryFolder();
  const file = join(folder, "problems.json");
  writeFileSync(file, JSON.stringify(rows));
  const serve = async () => {
    const server = await startMockServer({
      ...scriptedTeacher({ rows, isUnruly: true }),
      faults: undefined,
      delayMs: 5,
    });
    onTestFinished(() => server.close());
    return server;
  };
  const whole = await serve();
  const words = (url: string) => [
    "huatuo",
    "search",
    file,
    "--endpoint",
    url,
    "--model",
    "mock",
    "--concurrency",
    String(concurrency),
  ];
  const [code] = await once(start(words(whole.url), join(folder, "whole")), "exit");
  expect(code).toBe(0);

  const broken = await serve();
  const random = new Random("kills");
  const pieces = join(folder, "pieces");
  let child = start(words(broken.url), pieces);
  for (let kill = 1; kill <= killCount; kill++) {
    const at = (whole.counts.servedCount * (kill - 1 + random.next())) / killCount;
    while (broken.counts.servedCount < at) {
      if (child.exitCode !== null) throw new Error("it ended before it could be killed");
      await sleep(5);
    }
    process.kill(-child.pid!, "SIGKILL");
    await once(child, "exit");
    child = start(["resume", "latest"], pieces);
  }
  const [resumedCode] = await once(child, "exit");
  expect(resumedCode).toBe(0);
  expect(searchedOf(pieces)).toBe(searchedOf(join(folder, "whole")));
  const again = [...broken.servedByKey.values()].reduce((sum, count) => sum + count - 1, 0);
  console.info(`${whole.counts.servedCount} calls; killed ${killCount} times, ${again} were paid again`);
  expect(broken.servedByKey.size).toBe(whole.servedByKey.size);
  expect(again).toBeLessThanOrEqual(killCount * concurrency);
});
