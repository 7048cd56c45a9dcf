import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, suite, test } from "vitest";
import type { CommandContext } from "../../../core/command.ts";
import { createLog } from "../../../core/log.ts";
import { createProgress } from "../../../core/progress.ts";
import { openRun, type Run, reopenRun } from "../../../core/run.ts";
import { startQuizServer } from "../solve/quiz-server.fixtures.ts";
import { BenchOptions } from "./bench-options.ts";
import { benchCommand } from "./commands.ts";

const silent = { write: () => true };

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "certaindex-bench-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** As the command line runs it. */
async function bench(args: string[], options: Partial<BenchOptions>, run?: Run) {
  const opened = run ?? (await openRun({ command: benchCommand.name, args, options, root: await folder() }));
  const context: CommandContext = {
    log: createLog({ stream: silent }),
    progress: (given) => createProgress({ ...given, stream: silent }),
    signal: new AbortController().signal,
    run: opened,
    interactive: false,
    json: true,
  };
  try {
    return { run: opened, result: (await benchCommand.run(args, BenchOptions.parse(options), context))! };
  } catch (error) {
    opened.interrupt();
    throw error;
  }
}

/** A server, a file of its questions, and options that fit both. */
async function quiz(count: number) {
  const questions = Array.from({ length: count }, (_, i) => ({
    id: `q${i}`,
    text: `What is ${i}?`,
    target: String(i),
  }));
  const server = await startQuizServer(questions);
  onTestFinished(() => server.close());
  const file = join(await folder(), "questions.jsonl");
  await writeFile(
    file,
    questions.map(({ id, text, target }) => JSON.stringify({ id, problem: text, answer: target })).join("\n"),
  );
  const options = { endpoint: server.url, model: "mock", programs: 6, slots: 8, rates: "20,40", deadline: 30 };
  return { file, options };
}

suite("certaindex bench", () => {
  test("compares orders at rates on any endpoint, and each trace gives its figures again", async () => {
    const { file, options } = await quiz(6);
    const { run, result } = await bench([file], { ...options, orders: "fcfs,sjf+C" });
    expect(result.runs.map(({ order, rate }) => [order, rate])).toEqual([
      ["fcfs", 20],
      ["sjf+C", 20],
      ["fcfs", 40],
      ["sjf+C", 40],
    ]);
    const [full, stopped] = result.runs.map(({ report }) => report);
    expect(full).toMatchObject({ programCount: 6, attainment: 1, lateCount: 0 });
    expect(stopped!.tokens).toBeLessThan(full!.tokens);
    expect(full!.accuracy).toBeCloseTo(4 / 6, 5); // a third nearly always, a third by its majority, a third never
    expect(result.sustained).toMatchObject([
      { order: "fcfs", rate: 40, isBeyond: true },
      { order: "sjf+C", rate: 40, isBeyond: true },
    ]);
    expect(await readFile(join(run.dir, "report.html"), "utf8")).toContain("Deadlines met");
    const again = await bench([], { trace: join(run.dir, "sjf+C-40.00.jsonl") });
    expect(again.result.runs[0]!.report).toEqual(result.runs[3]!.report);
  });

  test("resumed, it keeps the traces that are whole and runs the others anew", async () => {
    const { file, options } = await quiz(6);
    const given = { ...options, orders: "fcfs", rates: "20,40" };
    const first = await bench([file], given);
    const [whole, torn] = ["fcfs-20.00.jsonl", "fcfs-40.00.jsonl"].map((name) => join(first.run.dir, name));
    const before = await readFile(whole!, "utf8");
    await truncate(torn!, 900);
    const info = join(first.run.dir, "run.json");
    await writeFile(info, (await readFile(info, "utf8")).replace(/"status":\s*"finished"/, '"status":"running"'));
    const second = await bench([file], given, await reopenRun(first.run.dir));
    expect(await readFile(whole!, "utf8")).toBe(before);
    expect(second.result.runs.map(({ report }) => report.programCount)).toEqual([6, 6]);
    expect(second.result.runs[0]!.report).toEqual(first.result.runs[0]!.report);
    expect(
      (await readdir(first.run.dir)).filter((name) => name.endsWith(".jsonl") && name.startsWith("fcfs")),
    ).toHaveLength(2);
  });

  test("the embedded model answers its own world, with deadlines that fit the machine", async () => {
    const { result } = await bench([], { programs: 5, orders: "gang+C", rates: "50" });
    expect(result.runs).toHaveLength(1);
    const { report } = result.runs[0]!;
    expect(report).toMatchObject({ programCount: 5, attainment: expect.any(Number), accuracy: expect.any(Number) });
    expect(report.cachedTokens / report.promptTokens).toBeGreaterThan(0.7); // branches share their prompt
    expect(result.text).toContain("gang+C");
  });

  test.each([
    [{ orders: "fcfs,lifo" }, '--orders: "lifo" is no order'],
    [{ rates: "1,-2" }, '--rates: "-2" is no number above 0'],
    [{ endpoint: "http://127.0.0.1:9/v1", model: "m" }, "bench of this model needs a file of questions"],
  ])("what makes no sense is refused before anything runs: %j", async (options, message) => {
    await expect(bench([], options)).rejects.toThrow(message);
  });

  test("an endpoint needs rates", async () => {
    const { file, options } = await quiz(3);
    await expect(bench([file], { ...options, rates: undefined })).rejects.toThrow("bench of an endpoint needs --rates");
  });
});
