/** `huatuo build` with all of its steps, and one that was killed beside one that was not. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { buildCommand } from "../commands/build.ts";
import { runHere, temporaryFolder } from "../teacher.fixtures.ts";
import { drawPairs } from "../world/verifier-pairs.ts";
import { readOf, serveTeacher, writePack } from "./pack.fixtures.ts";

/** The command as a process of its own, in a group that a kill reaches whole. */
function start(words: string[], cwd: string): ChildProcess {
  const env = { ...process.env, POLYMATH_RUNS: join(cwd, "runs"), POLYMATH_DATABASE_URL: "" };
  const program = join(import.meta.dirname, "../../../../bin/polymath.mjs");
  return spawn(process.execPath, [program, ...words], { cwd, env, stdio: "ignore", detached: true });
}

test("killed in each of its paid steps, a build ends with the bytes of a whole one; a new one on its cache pays nothing", async () => {
  const server = await serveTeacher(20);
  const file = await writePack({ teacher: { endpoint: server.url, model: "mock" } });
  const whole = await runHere(buildCommand, [file], { until: "merge" });
  const total = server.counts.servedCount;
  const ends = whole.result.steps.map((_, index) =>
    whole.result.steps.slice(0, index + 1).reduce((sum, { calls }) => sum + calls, 0),
  );
  const broken = await serveTeacher(20);
  writeFileSync(file, readFileSync(file, "utf8").replace(server.url, broken.url));
  const cwd = temporaryFolder();
  let child = start(["huatuo", "build", file, "--until", "merge", "--concurrency", "1"], cwd);
  for (const end of ends) {
    while (broken.counts.servedCount < end - 5) {
      if (child.exitCode !== null) throw new Error("it ended before it could be killed");
      await sleep(5);
    }
    process.kill(-child.pid!, "SIGKILL");
    await once(child, "exit");
    child = start(["resume", "latest"], cwd);
  }
  const [code] = await once(child, "exit");
  expect(code).toBe(0);
  const again = [...broken.servedByKey.values()].reduce((sum, count) => sum + count - 1, 0);
  console.info(`${total} calls; killed ${ends.length} times, ${again} were paid again`);
  expect(broken.servedByKey.size).toBe(total);
  expect(again).toBeLessThanOrEqual(ends.length); // one call at a time is in the air

  const dir = join(cwd, "runs", readdirSync(join(cwd, "runs"))[0]!);
  const paid = broken.counts.servedCount;
  const cached = await runHere(buildCommand, [file], { until: "merge", cache: join(dir, "cache") });
  expect(broken.counts.servedCount).toBe(paid);
  expect(cached.result.steps.map(({ calls }) => calls)).toEqual([0, 0, 0]);
  for (const name of ["problems.json", "searched.json", "merged.json"]) {
    const [first, ...others] = [whole.run.dir, dir, cached.run.dir].map((one) => readFileSync(join(one, name), "utf8"));
    expect(others).toEqual([first, first]);
  }
  expect(whole.result).toMatchObject({ until: "merge", model: null, evaluation: null });
  expect(buildCommand.print!(whole.result)).toContain("Stopped after merge");
}, 300_000);

test("with a verifier to be trained and rewards, the last model is that of rl, judged by that verifier", async () => {
  const server = await serveTeacher();
  const file = await writePack({
    teacher: { endpoint: server.url, model: "mock" },
    verifier: { train: "pairs.json", base: "base", epochs: 1, batch: 4, lr: 0.01 },
    rl: { updates: 1, prompts: 4, maxTokens: 8 },
  });
  writeFileSync(join(file, "../pairs.json"), JSON.stringify(drawPairs(new Random(1), 20, "train")));
  const { result, run } = await runHere(buildCommand, [file], {});
  expect(result.steps.map(({ step }) => step)).toEqual(["factory", "search", "merge", "sft", "verifier", "rl", "eval"]);
  expect(result.evaluation!.map(({ when }) => when)).toEqual(["before training", "after sft", "after rl"]);
  expect(result.model).toBe(join(run.dir, "model"));
  for (const folder of ["model", "model-sft", "verifier"]) {
    expect(existsSync(join(run.dir, folder, "config.json"))).toBe(true);
  }
  expect(readOf(run, "steps/rl/result.json").options).toMatchObject({
    model: join(run.dir, "model-sft"),
    verifier: join(run.dir, "verifier"),
  });
}, 300_000);

test("the budget is one for all steps: what the factory spent is gone for the search", async () => {
  const server = await serveTeacher();
  const file = await writePack({ teacher: { endpoint: server.url, model: "mock" } });
  const { result } = await runHere(buildCommand, [file], { until: "factory" });
  const maxTokensTotal = result.steps[0]!.tokens + 1000; // the search takes several thousand
  const error = await runHere(buildCommand, [file], { maxTokensTotal, concurrency: 1 }).catch((one) => one);
  expect(error.message).toMatch(/^The run stands still: search: /);
  expect(error.hint).toMatch(/polymath resume [a-z0-9]{6}\. /); // the build, not its step
}, 300_000);
