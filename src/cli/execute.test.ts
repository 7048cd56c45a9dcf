import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, suite, test, vi } from "vitest";
import { z } from "zod";
import { type Command, type CommandContext, defineCommand } from "../core/command.ts";
import { DataError } from "../core/errors.ts";
import { findRun, listRuns, reopenRun } from "../core/run.ts";
import { execute } from "./execute.ts";

let folder: string;
let stdout: string;
let stderr: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "execute-"));
  vi.stubEnv("POLYMATH_RUNS", folder);
  [stdout, stderr] = ["", ""];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    stdout += text;
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    stderr += text;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const add = defineCommand({
  name: "add",
  summary: "Add",
  examples: [],
  args: z.array(z.number()),
  options: z.object({ seed: z.number().default(0) }),
  run: (numbers) => ({ sum: numbers.reduce((total, number) => total + number, 0) }),
  print: ({ sum }) => `sum ${sum}`,
  exitCode: ({ sum }) => (sum > 100 ? 3 : 0),
});
const invoke = (command: Command<any, any>, options = {}) => ({ command, args: [1, 2], options, json: false });

/** Work that a signal stops halfway, and that a second process ends. */
const work = (context: { steps: string[] }) =>
  defineCommand({
    ...add,
    name: "work",
    journal: true,
    run: async (numbers, options, { run, signal }: CommandContext) => {
      context.steps.push(`${run.resumed ? "resumed" : "new"} ${run.seed} ${JSON.stringify([numbers, options])}`);
      if (!run.resumed) process.emit("SIGINT");
      return { sum: signal.aborted ? -1 : 3 };
    },
  });

suite("execute", () => {
  test("prints the result for people, or as JSON", async () => {
    expect(await execute(invoke(add))).toBe(0);
    expect(await execute({ ...invoke(add), json: true })).toBe(0);
    expect(stdout).toBe('sum 3\n{\n  "sum": 3\n}\n');
    expect(await listRuns()).toEqual([]);
  });
  test("the command decides the exit code", async () => {
    expect(await execute({ ...invoke(add), args: [99, 2] })).toBe(3);
  });
  test("a journal keeps arguments, seed and end", async () => {
    await execute(invoke({ ...add, journal: true }, { seed: 7 }));
    const [run] = await listRuns();
    expect(run).toMatchObject({ status: "finished", info: { command: "add", args: [1, 2], seed: 7 } });
    expect(stderr).toContain(`run ${run!.info!.id} in `);
  });
  test("a fault ends the run as failed and goes on up", async () => {
    const fault = () => {
      throw new DataError("rows.jsonl line 3: not JSON");
    };
    await expect(execute(invoke({ ...add, journal: true, run: fault }))).rejects.toThrow("line 3");
    const [run] = await listRuns();
    expect(run).toMatchObject({ status: "failed", info: { error: { code: "DATA" } } });
  });
  test("Ctrl-C stops well, tells how to go on, and the run goes on with the same words", async () => {
    const context = { steps: [] as string[] };
    const command = work(context);
    expect(await execute(invoke(command, { seed: 5 }))).toBe(130);
    const [stopped] = await listRuns();
    expect(stopped!.status).toBe("interrupted");
    expect(stderr).toContain(`polymath resume ${stopped!.info!.id}`);
    expect(stdout).toBe("");

    const run = await reopenRun(await findRun(stopped!.info!.id));
    const { args, options } = run.info;
    expect(await execute({ command, args, options, json: false }, run)).toBe(0);
    expect(context.steps).toEqual(['new 5 [[1,2],{"seed":5}]', 'resumed 5 [[1,2],{"seed":5}]']);
    expect((await listRuns()).map(({ status }) => status)).toEqual(["finished"]);
    expect(stdout).toBe("sum 3\n");
  });
  test("Ctrl-C twice quits at once", async () => {
    const exit = vi.spyOn(process, "exit").mockImplementation((code) => {
      throw new Error(`exit ${code}`);
    });
    const stubborn = () => {
      process.emit("SIGINT");
      process.emit("SIGINT");
    };
    expect(await execute(invoke({ ...add, run: stubborn }))).toBe(130);
    expect(exit).toHaveBeenCalledWith(130);
  });
});
