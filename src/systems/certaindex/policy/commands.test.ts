import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, suite, test } from "vitest";
import type { Command, CommandContext } from "../../../core/command.ts";
import { writeJsonLines } from "../../../core/jsonl.ts";
import { createProgress } from "../../../core/progress.ts";
import { Random } from "../../../core/random.ts";
import { Report } from "../../../core/report.ts";
import { openRun, type Run } from "../../../core/run.ts";
import type { Recording, TraceEvent } from "../schemas.ts";
import { Policy } from "../schemas.ts";
import { calibrateCommand, replayCommand, valueCommand } from "./commands.ts";
import { decide } from "./decide.ts";
import { readPolicy, writePolicy } from "./policy-file.ts";
import { sampleRecordings } from "./questions.fixtures.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "certaindex-commands-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** As the command line runs it: values through the schemas, a run folder where the command wants one. */
async function execute<Result>(
  command: Command<any, any, Result>,
  args: string[],
  options: Record<string, unknown> = {},
) {
  const opened = command.journal ? await openRun({ command: command.name, root: join(dir, "runs") }) : undefined;
  const run = opened as Run; // commands without a journal never look at it
  const warnings: string[] = [];
  const context: CommandContext = {
    log: { info: () => {}, debug: () => {}, warn: (event) => void warnings.push(event) },
    progress: createProgress,
    signal: new AbortController().signal,
    run,
    interactive: false,
    json: true,
  };
  const running = Promise.resolve(command.run(command.args!.parse(args), command.options!.parse(options), context));
  const result = await running.finally(() => opened?.interrupt());
  return { result, text: command.print!(result), json: JSON.parse(JSON.stringify(result)), run, warnings };
}

/** What a live run under the policy would have traced. */
function traceOf({ id, steps }: Recording, policy: Policy): TraceEvent[] {
  const events: TraceEvent[] = [{ t: 0, program: id, kind: "arrive" }];
  for (let spent = 0; ; ) {
    const decision = decide(policy, steps.slice(0, spent));
    if ("stop" in decision) {
      const { answer, correct } = steps[spent - 1]!;
      events.push({ t: 2, program: id, kind: "stop", reason: decision.stop, knob: spent });
      return [...events, { t: 2, program: id, kind: "finish", answer, correct }];
    }
    events.push({ t: 1, program: id, kind: "grant", units: decision.grant });
    const next = steps.slice(spent, spent + decision.grant);
    events.push(...next.map((step): TraceEvent => ({ t: 1, program: id, kind: "certaindex", step })));
    spent += decision.grant;
  }
}

async function writeRecordings(count: number): Promise<{ file: string; recordings: Recording[] }> {
  const recordings = sampleRecordings(count, new Random("commands"));
  const file = join(dir, "recordings.jsonl");
  await writeJsonLines(file, recordings);
  return { file, recordings };
}

suite("certaindex value", () => {
  test("a a a a b: 0.689, its groups, and what it means", async () => {
    const { json, text } = await execute(valueCommand, ["a", "a", "a", "a", "b"]);
    expect(json.certaindex).toBeCloseTo(0.689, 3);
    expect(json.groups.map(({ answer, count }: { answer: string; count: number }) => [answer, count])).toEqual([
      ["a", 4],
      ["b", 1],
    ]);
    expect(text).toContain("at least 4 of 5 agree");
    expect(text).toContain("not how likely it is to be right");
  });
  test("one answer has none, an empty one differs from all, and values are listed when asked for", async () => {
    expect((await execute(valueCommand, ["a"])).json).toMatchObject({ certaindex: null });
    const { json, text } = await execute(valueCommand, ["1/2", "0.5", ""], { values: true });
    expect(json).toMatchObject({
      emptyCount: 1,
      groups: [
        { answer: "1/2", count: 2 },
        { answer: null, count: 1 },
      ],
    });
    expect(json.attainable).toHaveLength(3);
    expect(text).toMatch(/0\.421 {2}2 \+ 1 +at least 2 of 3 agree/);
  });
  test("by likeness of spelling", async () => {
    const answers = ["It is even.", "it is even", "It is odd"];
    expect((await execute(valueCommand, answers, { similar: true })).json.groups).toHaveLength(2);
    expect((await execute(valueCommand, answers, { similar: true, cosine: 0.2 })).json.groups).toHaveLength(1);
  });
});

suite("certaindex calibrate", () => {
  test("writes the policy, and a report whose chart holds even budgets and every rule", async () => {
    const { file } = await writeRecordings(400);
    const out = join(dir, "policy.json");
    const { run, text } = await execute(calibrateCommand, [file], { out });
    const policy = await readPolicy(out);
    expect(policy).toEqual(await readPolicy(run.path("policy.json")));
    expect(policy.calibration).toMatchObject({ dataset: "recordings", n: 400, delta: 0.01 });
    expect(text).toContain("Calibrated on 400 questions");
    const report = Report.parse(JSON.parse(readFileSync(run.path("report.json"), "utf8")));
    expect(existsSync(run.path("report.html"))).toBe(true);
    const chart = report.sections.find(({ kind }) => kind === "chart")!;
    const series = (chart as any).chart.series as { label: string; points: unknown[] }[];
    expect(series.map(({ label, points }) => [label, points.length])).toEqual([
      ["the same budget for all", 20],
      ["static", 7],
      ["chosen", 1],
    ]);
    expect(JSON.stringify(report)).toContain("not how likely it is to be right");
  });
  test("too few questions: says how many, and no policy is written", async () => {
    const { file } = await writeRecordings(100);
    const out = join(dir, "policy.json");
    await expect(execute(calibrateCommand, [file], { out })).rejects.toThrow("at least 299 are needed");
    expect(existsSync(out)).toBe(false);
    await execute(calibrateCommand, [file], { out, mode: "no-loss" });
    expect((await readPolicy(out)).calibration).toMatchObject({ mode: "no-loss", n: 100 });
  });
  test("a run of which a policy stopped some questions is refused: those left are the hard ones", async () => {
    const { recordings } = await writeRecordings(12);
    const policy = Policy.parse({ algorithm: "static", detectAt: 5, cap: 20, thresholds: { entropy: 0.4 } });
    await writeJsonLines(
      join(dir, "trace.jsonl"),
      recordings.flatMap((one) => traceOf(one, policy)),
    );
    await writeJsonLines(join(dir, "recordings.jsonl"), recordings.slice(0, 4));
    await expect(execute(calibrateCommand, [dir])).rejects.toThrow("4 of 12 questions were run to the cap");
    await expect(execute(calibrateCommand, [join(dir, "trace.jsonl")])).rejects.toThrow(
      "is a trace, expected recordings",
    );
  });
  test("the folder of a whole run brings the name of its data set", async () => {
    const { recordings } = await writeRecordings(40);
    const whole = Policy.parse({ algorithm: "even", detectAt: 20, cap: 20 });
    await writeJsonLines(
      join(dir, "trace.jsonl"),
      recordings.flatMap((one) => traceOf(one, whole)),
    );
    writeFileSync(join(dir, "summary.json"), JSON.stringify({ name: "sums", program: "self-consistency", model: "m" }));
    const { json } = await execute(calibrateCommand, [dir], { out: join(dir, "policy.json"), delta: 0.1 });
    expect(json.policy.calibration).toMatchObject({ dataset: "sums", n: 40 });
  });
  test("a row that is no recording is named by line and field", async () => {
    const file = join(dir, "bad.jsonl");
    writeFileSync(file, '{"id":"q","program":"p","cap":0,"model":"m","steps":[]}\n');
    await expect(execute(calibrateCommand, [file])).rejects.toThrow("bad.jsonl line 1: cap: expected a whole number");
  });
});

suite("certaindex replay", () => {
  test("short forms mean the cap of the recordings, and files theirs", async () => {
    const { file } = await writeRecordings(60);
    const { json, text } = await execute(replayCommand, [file], { policy: "static:0.7@5" });
    expect(json).toMatchObject({ questionCount: 60, policy: { cap: 20, detectAt: 5, thresholds: { entropy: 0.7 } } });
    expect(json.results).toBeUndefined();
    expect(text).toContain("all 5 agree");
    expect(text).toMatch(/saved +\d+(\.\d+)? % of generated tokens/);
    const policy = join(dir, "p.json");
    await writePolicy(policy, json.policy);
    const again = await execute(replayCommand, [file], { policy, results: true });
    expect(again.json).toMatchObject({ tokens: json.tokens, saved: json.saved });
    expect(again.json.results).toHaveLength(60);
  });
  test("the folder of a run gives its live figures again; a bolder policy is exact, a more careful one is refused", async () => {
    const recordings = sampleRecordings(40, new Random("live"));
    const policy = Policy.parse({ algorithm: "static", detectAt: 5, cap: 20, thresholds: { entropy: 0.6 } });
    const events = recordings.flatMap((one) => traceOf(one, policy));
    await writeJsonLines(join(dir, "trace.jsonl"), events);
    await writePolicy(join(dir, "policy.json"), policy);
    writeFileSync(
      join(dir, "summary.json"),
      JSON.stringify({ name: "sums", program: "self-consistency", model: "simulated" }),
    );
    const { json, text } = await execute(replayCommand, [dir]);
    const right = events.filter((event) => event.kind === "finish" && event.correct).length;
    expect(json.live).toMatchObject({ programCount: 40, sameCount: 40, different: [], tokens: json.tokens, right });
    expect(json.accuracy.value).toBe(right / 40);
    expect(text).toContain("all 40 programs as they ran");
    // Full runs are known of the questions that were not stopped, the hard ones: no saving is read off them.
    expect(text).toMatch(/saved +not known/);
    expect(text).toContain(
      `${events.filter((event) => event.kind === "stop" && event.reason === "cap").length} whose full run`,
    );
    const bolder = await execute(replayCommand, [dir], { policy: "static:0.4@5" });
    expect(bolder.json.tokens).toBeLessThan(json.tokens);
    expect(bolder.json.live).toBeUndefined();
    await expect(execute(replayCommand, [dir], { policy: "static:0.99@5" })).rejects.toThrow(
      "and this policy would go on",
    );
    const trace = await execute(replayCommand, [join(dir, "trace.jsonl")], { policy: "static:0.4@5", cap: 20 });
    expect(trace.json.tokens).toBe(bolder.json.tokens);
  });
  test("says what is missing", async () => {
    const { file } = await writeRecordings(3);
    await expect(execute(replayCommand, [file])).rejects.toThrow("does not say which policy ran");
    await expect(execute(replayCommand, [file], { policy: "statik" })).rejects.toThrow("is no policy and no file");
    await expect(execute(replayCommand, [join(dir, "none.jsonl")], { policy: "none" })).rejects.toThrow("no such file");
  });
});
