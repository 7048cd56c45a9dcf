/** `codeelo run` killed twice and resumed: the same report and rating, nothing asked twice, nothing judged twice. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { Random } from "../src/core/random.ts";
import { startMockServer } from "../src/endpoint/testing/index.ts";
import { findLanguage, openJudge } from "../src/systems/codeelo/index.ts";
import { makeContest } from "../src/systems/codeelo/rating/contest.fixtures.ts";
import { root } from "./fixtures.ts";

const folder = mkdtempSync(join(tmpdir(), "codeelo-resume-"));
afterAll(() => rmSync(folder, { recursive: true }));

const contestIds = ["1901", "1902", "1903"];
const letters = ["A", "B", "C", "D", "E", "F"];
const attempts = 3;
const concurrency = 3; // problems at a time, each with all its attempts

/** Rows as open-r1/codeforces has them: print n times a factor. */
function writeProblems(file: string): void {
  const rows = contestIds.flatMap((contest, round) =>
    letters.map((index, place) => {
      const factor = 2 + round * letters.length + place;
      const official_tests = [1, 7, 40].map((n) => ({ input: `${n}\n`, output: `${factor * n}\n` }));
      const texts = { title: `Times ${factor}`, description: `Print n times ${factor}.` };
      const own = { id: `${contest}/${index}`, contest_id: contest, index, ...texts };
      return { ...own, time_limit: 5, official_tests, official_tests_complete: true, rating: 800 + 100 * place };
    }),
  );
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
}

/** By problem, the same in each process: right, wrong, crashing, or no program at all. Judging takes a moment. */
function answer(prompt: string): string {
  const factor = Number(/n times (\d+)/.exec(prompt)![1]);
  const busy = "for _ in range(1_000_000): pass\n";
  const bodies = [`print(n * ${factor})`, `print(n * ${factor} + n // 40)`, "print(1 // 0)", `print(n * ${factor})`];
  if (factor % 5 === 4) return "I would rather not.";
  return `So:\n\`\`\`python\nn = int(input())\n${busy}${bodies[factor % 5]}\n\`\`\``;
}

/** A group of its own, so that a kill reaches the process that works and not only the one that started it. */
function start(words: string[], cwd: string): ChildProcess {
  mkdirSync(cwd, { recursive: true });
  const env = { ...process.env, POLYMATH_RUNS: join(cwd, "runs") };
  const command = [join(root, "bin", "polymath.mjs"), ...words];
  return spawn(process.execPath, command, { cwd, env, stdio: "ignore", detached: true });
}

const runOf = (cwd: string) => join(cwd, "runs", readdirSync(join(cwd, "runs"))[0]!);
const linesOf = (file: string) =>
  existsSync(file)
    ? readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line.endsWith("}"))
    : [];

async function reachAttempt(wanted: number, cwd: string, child: ChildProcess): Promise<void> {
  for (;;) {
    await sleep(20);
    if (child.exitCode !== null) throw new Error(`the run ended with ${child.exitCode} before attempt ${wanted}`);
    if (existsSync(join(cwd, "runs")) && linesOf(join(runOf(cwd), "attempts.jsonl")).length >= wanted) return;
  }
}

/** Files by path, with what changes when one is written again. */
function stampsOf(dir: string): Map<string, string> {
  const files = readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));
  return new Map(
    files.map((name) => {
      const { ino, mtimeMs } = statSync(join(dir, name));
      return [name, `${ino} ${mtimeMs}`];
    }),
  );
}

/** What a run says in the end; times differ from run to run. */
function resultOf(cwd: string) {
  const { sections, title, summary } = JSON.parse(readFileSync(join(runOf(cwd), "report.json"), "utf8"));
  const made = linesOf(join(runOf(cwd), "attempts.jsonl")).map((line) => {
    const { latencyMs: _, cpuMs: __, ...attempt } = JSON.parse(line);
    return attempt;
  });
  const order = (one: any) => `${one.problem}#${one.attempt}`;
  made.sort((a, b) => (order(a) < order(b) ? -1 : 1));
  return { title, summary, sections, made, judged: readFileSync(join(runOf(cwd), "judged.jsonl"), "utf8") };
}

test("after two kills at random places: the same report, no call and no judging repeated", async ({ skip }) => {
  const judge = await openJudge().catch(() => undefined);
  if (!judge || !(await findLanguage("python"))) return skip("the judge needs the sandbox and Python 3");
  const server = await startMockServer({ answer: ({ prompt }) => answer(prompt), delayMs: 60 });
  onTestFinished(() => server.close());
  const file = join(folder, "problems.jsonl");
  writeProblems(file);
  mkdirSync(join(folder, "standings"));
  for (const id of contestIds) {
    const contest = makeContest(id, [500, 1000, 1500, 2000, 2500, 3000]);
    writeFileSync(join(folder, "standings", `${id}.json`), JSON.stringify(contest));
  }
  const flags = ["--endpoint", server.url, "--model", "mock", "--language", "python", "--attempts", `${attempts}`];
  const words = ["codeelo", "run", file, "--contests", join(folder, "standings"), ...flags];
  words.push("--concurrency", `${concurrency}`);

  const whole = join(folder, "whole");
  expect((await once(start(words, whole), "exit"))[0]).toBe(0);
  const total = contestIds.length * letters.length * attempts;
  expect(server.counts.servedCount).toBe(total);

  const pieces = join(folder, "pieces");
  const rng = new Random(Date.now()); // the test holds wherever it is killed
  const kills = [rng.int(4, 20), rng.int(24, total - 10)];
  let now = words;
  let before = new Map<string, string>();
  for (const wanted of kills) {
    const child = start(now, pieces);
    await reachAttempt(wanted, pieces, child);
    await sleep(rng.int(0, 100));
    process.kill(-child.pid!, "SIGKILL");
    expect((await once(child, "exit"))[1]).toBe("SIGKILL");
    const after = stampsOf(join(runOf(pieces), "judge", "verdicts"));
    for (const [name, stamp] of before) expect([name, after.get(name)]).toEqual([name, stamp]);
    expect(after.size).toBeGreaterThan(before.size);
    before = after;
    now = ["resume", "latest"];
  }
  expect((await once(start(now, pieces), "exit"))[0]).toBe(0);
  const after = stampsOf(join(runOf(pieces), "judge", "verdicts"));
  for (const [name, stamp] of before) expect([name, after.get(name)]).toEqual([name, stamp]);
  expect([...after.keys()].sort()).toEqual([...stampsOf(join(runOf(whole), "judge", "verdicts")).keys()].sort());

  expect(resultOf(pieces)).toEqual(resultOf(whole));
  expect(resultOf(pieces).made.length).toBe(total); // no attempt twice
  expect(resultOf(pieces).summary).toContain("Rating");
  // Asked again are only calls that were in the air at a kill, or whose reply was being written down.
  const askedAgain = server.counts.servedCount - 2 * total;
  expect(askedAgain, `killed at ${kills}`).toBeGreaterThanOrEqual(0);
  expect(askedAgain, `killed at ${kills}`).toBeLessThanOrEqual(kills.length * concurrency * attempts);
}, 400_000);
