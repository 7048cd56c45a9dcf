import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, expect, suite, test } from "vitest";
import { ConfigError, DataError, MissingError, UsageError } from "./errors.ts";
import { readEvents, readMetrics } from "./journal.ts";
import { findRun, listRuns, openRun, readRunInfo, reopenRun } from "./run.ts";

const root = mkdtempSync(join(tmpdir(), "polymath-runs-"));
afterAll(() => rmSync(root, { recursive: true }));
let count = 0;
const freshRoot = () => join(root, String(count++));

/** A process that runs a program with `openRun` and `reopenRun` at hand. */
function startProgram(program: string): ChildProcess {
  const module = JSON.stringify(new URL("./run.ts", import.meta.url).href);
  const source = `const { openRun, reopenRun } = await import(${module});\n${program}`;
  return spawn(process.execPath, ["--input-type=module", "-e", source], { stdio: ["pipe", "pipe", "inherit"] });
}

async function firstLine(child: ChildProcess): Promise<string> {
  const [data] = await once(child.stdout!, "data");
  return String(data).split("\n")[0]!;
}

async function eventTypes(dir: string): Promise<string[]> {
  return (await Array.fromAsync(readEvents(dir))).map(({ type }) => type);
}

suite("openRun", () => {
  test("leaves a folder that tells what was asked and what happened", async () => {
    const run = await openRun({
      command: "train reasoner",
      args: ["data.jsonl"],
      options: { steps: 10 },
      seed: 7,
      root: freshRoot(),
    });
    run.event("checkpoint-save", { step: 10 });
    run.metric("loss", 10, 0.5);
    writeFileSync(run.path("samples/a.txt"), "hi");
    await run.finish({ title: "Done", sections: [] });

    expect(basename(run.dir)).toMatch(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-train-reasoner-[a-z0-9]{6}$/);
    const info = await readRunInfo(run.dir);
    expect(info).toMatchObject({ command: "train reasoner", args: ["data.jsonl"], options: { steps: 10 }, seed: 7 });
    expect(info).toMatchObject({ status: "finished", error: null, resumed: [] });
    expect(info.versions).toMatchObject({ node: process.versions.node, zod: expect.stringMatching(/^4\./) });
    expect(await eventTypes(run.dir)).toEqual(["run-start", "checkpoint-save", "metric", "run-finish"]);
    expect(JSON.parse(readFileSync(join(run.dir, "report.json"), "utf8")).provenance.seed).toBe("7");
    expect(readFileSync(join(run.dir, "report.html"), "utf8")).toContain("<h1>Done</h1>");
    expect(existsSync(join(run.dir, "lock"))).toBe(false);
  });

  test("secrets reach no file, wherever they turn up again", async () => {
    const secret = "sk-very-secret-1";
    const run = await openRun({
      command: "ask",
      options: { apiKey: secret, endpoint: `https://me:${secret}@host/v1`, maxTokens: 5 },
      root: freshRoot(),
    });
    run.event("call-fail", { message: `401 for key ${secret}` });
    await run.fail(new Error(`the key ${secret} was refused`));
    for (const file of ["run.json", "events.jsonl"]) {
      expect(readFileSync(join(run.dir, file), "utf8")).not.toContain(secret);
    }
    expect((await readRunInfo(run.dir)).options).toMatchObject({ apiKey: "[redacted]", maxTokens: 5 });
  });

  test("a failure is recorded with its hint and can be resumed", async () => {
    const run = await openRun({ command: "train", root: freshRoot() });
    await run.fail(new MissingError("no GPU", { hint: "Set POLYMATH_DEVICE=wasm." }));
    const failed = await readRunInfo(run.dir);
    expect(failed.error).toEqual({ code: "MISSING", message: "no GPU", hint: "Set POLYMATH_DEVICE=wasm." });
    const again = await reopenRun(run.dir);
    expect(again.resumed).toBe(true);
    await again.finish();
    expect(await readRunInfo(run.dir)).toMatchObject({ status: "finished", error: null });
  });

  test("artifacts stay inside the folder; an ended run takes no events", async () => {
    const run = await openRun({ command: "x", root: freshRoot() });
    for (const name of ["../escape", "/etc/passwd", "a/../../b", "."]) expect(() => run.path(name)).toThrow(UsageError);
    expect(run.path("..a")).toBe(join(run.dir, "..a"));
    await run.finish();
    expect(() => run.event("late")).toThrow("comes too late");
  });

  test("says which folder cannot be made", async () => {
    const file = join(root, "a-file");
    writeFileSync(file, "");
    await expect(openRun({ command: "x", root: file })).rejects.toThrow(ConfigError);
  });

  test("metrics survive NaN and repeated steps", async () => {
    const run = await openRun({ command: "x", root: freshRoot() });
    for (const [step, value] of [
      [1, 3],
      [2, NaN],
      [3, 9],
      [2, 5],
      [3, Infinity],
    ] as const)
      run.metric("loss", step, value);
    run.interrupt();
    const points = (await readMetrics(run.dir)).get("loss");
    expect(points).toEqual([
      { step: 1, value: 3 },
      { step: 2, value: 5 },
      { step: 3, value: Infinity },
    ]);
  });
});

suite("reopenRun", () => {
  test("after SIGKILL: the torn line is cut off, the dead lock taken over, the old events kept", async () => {
    const folder = freshRoot();
    const child = startProgram(`
      const run = await openRun({ command: "train", seed: 3, root: ${JSON.stringify(folder)} });
      console.log(run.dir);
      for (let step = 0; ; step++) { run.metric("loss", step, 1 / step); if (step % 100 === 0) await new Promise(setImmediate); }`);
    const dir = await firstLine(child);
    child.kill("SIGKILL");
    await once(child, "exit");
    appendFileSync(join(dir, "events.jsonl"), '{"time":"2026-01-01T00:00:00.000Z","type":"met');
    expect((await listRuns(folder)).map(({ status }) => status)).toEqual(["interrupted"]);
    const before = await eventTypes(dir);

    const run = await reopenRun(dir);
    expect(run).toMatchObject({ resumed: true, seed: 3 });
    run.event("step");
    await run.finish();
    expect(await eventTypes(dir)).toEqual([...before, "run-resume", "step", "run-finish"]);
    expect(readFileSync(join(dir, "events.jsonl"), "utf8")).not.toContain('"met{');
  });

  test("two processes never hold one run", async () => {
    const run = await openRun({ command: "x", root: freshRoot() });
    await expect(reopenRun(run.dir)).rejects.toThrow(`held by process ${process.pid}`);
    expect((await listRuns(join(run.dir, "..")))[0]!.status).toBe("running");
    run.interrupt();
    (await reopenRun(run.dir)).interrupt();
  });

  test("of four processes that race for a stale lock, one wins", async () => {
    const run = await openRun({ command: "x", root: freshRoot() });
    run.interrupt();
    const dead = { token: "dead", pid: 2 ** 30, host: (await import("node:os")).hostname() };
    writeFileSync(join(run.dir, "lock"), JSON.stringify(dead));
    const program = `
      process.stdin.once("data", async () => {
        const outcome = await reopenRun(${JSON.stringify(run.dir)}).then(() => "won", (error) => error.message);
        console.log(outcome);
        process.stdin.once("data", () => process.exit());
      });
      console.log("ready");`;
    const children = Array.from({ length: 4 }, () => startProgram(program));
    await Promise.all(children.map(firstLine));
    const outcomes = children.map(firstLine);
    for (const child of children) child.stdin!.write("go\n");
    const results = await Promise.all(outcomes);
    expect(results.filter((result) => result === "won")).toHaveLength(1);
    expect(results.filter((result) => /is held by process/.test(result))).toHaveLength(3);
    for (const child of children) child.stdin!.write("end\n");
    await Promise.all(children.map((child) => once(child, "exit")));
    expect(existsSync(join(run.dir, "lock"))).toBe(false); // the winner's exit gave it back
  });

  test("refuses what is finished, damaged or no run", async () => {
    const run = await openRun({ command: "x", root: freshRoot() });
    await run.finish();
    await expect(reopenRun(run.dir)).rejects.toThrow("is finished");
    writeFileSync(join(run.dir, "run.json"), '{"id": 3}');
    await expect(reopenRun(run.dir)).rejects.toThrow("id: expected text, got 3");
    await expect(reopenRun(root)).rejects.toThrow(DataError);
    expect((await listRuns(join(run.dir, ".."))).map(({ status }) => status)).toEqual(["damaged"]);
  });
});

suite("findRun", () => {
  test("by id, by folder name, by path, and the latest", async () => {
    const folder = freshRoot();
    const run = await openRun({ command: "x", root: folder });
    run.interrupt();
    mkdirSync(join(folder, "no-run"));
    for (const name of [run.id, basename(run.dir), run.dir, "latest"])
      expect(await findRun(name, folder)).toBe(run.dir);
    await expect(findRun("zzz", folder)).rejects.toMatchObject({ hint: expect.stringContaining(run.id) });
    await expect(findRun("latest", freshRoot())).rejects.toThrow(UsageError);
  });
});
