/** Runs as the studio shows them: lists of any length, journals of any size, metrics that were resumed. */
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { commandLineOf } from "../../../core/command-line.ts";
import { openRun, reopenRun } from "../../../core/run.ts";
import { type TestStudio, testStudio } from "../studio.fixtures.ts";
import { createEventDigest, type EventDigest } from "./event-digest.ts";
import { Series } from "./series.ts";

/** Everything that the journal holds: on a busy machine the first look is answered before all is read. */
async function liveOf(studio: TestStudio, run: string) {
  let live = await studio.call("runs.live", { run });
  while (!live.isComplete) live = await studio.call("runs.live", { run });
  return live;
}

async function readWhole(digest: EventDigest): Promise<void> {
  do await digest.update();
  while (!digest.isComplete);
}

suite("the list of runs", () => {
  test("has every state, newest first, and is searched by words", async () => {
    const studio = await testStudio();
    const { root } = studio;
    const done = await openRun({ command: "train chains", options: { out: "here" }, root });
    await done.finish({ title: "Trained", summary: "It learned.", sections: [] });
    const failed = await openRun({ command: "overthinking metrics", args: ["traces.jsonl"], root });
    await failed.fail(new Error("no such file"));
    const left = await openRun({ command: "claim", root });
    left.interrupt();
    const working = await openRun({ command: "codeelo run", root });
    mkdirSync(join(root, "2020-01-01T00-00-00-broken-abc234"));
    writeFileSync(join(root, "2020-01-01T00-00-00-broken-abc234", "run.json"), "{");
    mkdirSync(join(root, "no-run"));

    const page = await studio.call("runs.list", {});
    expect(page.rows.map(({ command, status }) => [command, status])).toEqual([
      ["codeelo run", "running"],
      ["claim", "interrupted"],
      ["overthinking metrics", "failed"],
      ["train chains", "finished"],
      ["", "damaged"],
    ]);
    expect(page.rows.map(({ result }) => result)).toEqual([null, null, "no such file", "It learned.", null]);
    expect(page.counts).toEqual({ running: 1, finished: 1, failed: 1, interrupted: 1, damaged: 1 });
    const found = async (search: string) =>
      (await studio.call("runs.list", { search })).rows.map(({ command }) => command);
    expect(await found("traces.jsonl metrics")).toEqual(["overthinking metrics"]);
    expect(await found("such FILE")).toEqual(["overthinking metrics"]);
    expect(await found(done.id)).toEqual(["train chains"]);
    expect((await studio.call("runs.list", { status: "failed" })).total).toBe(1);
    working.interrupt();
  });

  test("a run's end is seen, and its detail has words, report and files", async () => {
    const studio = await testStudio();
    const run = await openRun({
      command: "make",
      args: [["a b"]],
      options: { dryRun: true, count: 3, off: false },
      root: studio.root,
    });
    expect((await studio.call("runs.read", { run: run.id })).status).toBe("running");
    writeFileSync(run.path("images/one.png"), "png");
    await run.finish({ title: "Made", sections: [] });
    const detail = await studio.call("runs.read", { run: run.id });
    expect(detail).toMatchObject({
      status: "finished",
      commandLine: "polymath make 'a b' --dry-run --count 3",
      report: { title: "Made" },
    });
    expect(detail.artifacts).toContainEqual({ path: "images/one.png", bytes: 3, kind: "image" });
    await expect(studio.call("runs.read", { run: "nobody" })).rejects.toThrow('There is no run "nobody"');
  });

  test("words that a shell would take apart are quoted", () => {
    const info = { command: "ask", args: ["what's 1+1?"], options: { model: ["a", "b c"] } };
    expect(commandLineOf(info as never)).toBe(`polymath ask 'what'\\''s 1+1?' --model a 'b c'`);
  });

  test("many runs are paged: a page is asked for by its offset", async () => {
    const studio = await testStudio();
    const one = await openRun({ command: "make", root: studio.root });
    await one.finish();
    const info = { ...one.info, device: {}, versions: {} };
    for (let index = 0; index < 1000; index++) {
      const id = `r${index}`;
      const dir = join(studio.root, `2020-01-01T00-00-00-make-${id}`);
      mkdirSync(dir);
      const started = new Date(Date.UTC(2020, 0, 1, 0, 0, index)).toISOString();
      writeFileSync(join(dir, "run.json"), JSON.stringify({ ...info, id, started }));
    }
    const page = await studio.call("runs.list", { search: "r9", offset: 100, limit: 20 });
    // r999 to r900 are the first hundred, newest first; r99 to r90 and r9 come after them.
    expect([page.all, page.total, page.rows.length]).toEqual([1001, 111, 11]);
    expect([page.rows[0]!.key, page.rows.at(-1)!.key]).toEqual(["r99", "r9"]);
  });
});

suite("a journal", () => {
  const event = (type: string, fields: object) =>
    `${JSON.stringify({ time: "2026-01-01T00:00:00.000Z", type, ...fields })}\n`;

  test("gives metrics, the last progress of each job, and any page of its lines, while it grows", async () => {
    const studio = await testStudio();
    const run = await openRun({ command: "train", root: studio.root });
    for (let step = 1; step <= 1200; step++) run.metric("loss", step, 1 / step);
    run.event("progress", { label: "train", done: 5, total: 10, unit: "steps", fields: { loss: 0.1 } });
    run.event("progress", { label: "train", done: 7, total: 10, unit: "steps", fields: {} });
    const live = await liveOf(studio, run.id);
    expect(live.metrics).toMatchObject([{ name: "loss", count: 1200 }]);
    expect(live.metrics[0]!.points.at(-1)).toEqual([1200, 1 / 1200, 1 / 1200, 1 / 1200]);
    expect(live.progress).toMatchObject([{ label: "train", done: 7, total: 10 }]);
    const log = await studio.call("runs.log", { run: run.id, offset: 1000, limit: 3 });
    expect(log.lines.map(({ text }) => JSON.parse(text).step)).toEqual([1000, 1001, 1002]); // line 0 is run-start
    run.metric("loss", 1201, 0);
    expect((await liveOf(studio, run.id)).eventCount).toBe(1204);
    run.interrupt();
  });

  test("a torn last line waits for its end", async () => {
    const studio = await testStudio();
    const path = join(studio.root, "events.jsonl");
    const whole = event("metric", { name: "loss", step: 1, value: 2 });
    writeFileSync(path, whole + whole.slice(0, 20));
    const digest = createEventDigest(studio.root);
    await readWhole(digest);
    expect([digest.eventCount, digest.readBytes]).toEqual([1, whole.length]);
    appendFileSync(path, event("metric", { name: "loss", step: 2, value: 1 }).slice(20));
    await readWhole(digest);
    expect(digest.metrics()[0]!.points.map(([step]) => step)).toEqual([1, 2]);
  });

  test("20 MB are read in pieces that let others through", async () => {
    const studio = await testStudio();
    const path = join(studio.root, "events.jsonl");
    const block = Array.from({ length: 2000 }, (_, index) =>
      event("metric", { name: "loss", step: index, value: index }),
    ).join("");
    for (let written = 0; written < 20e6; written += block.length) appendFileSync(path, block);
    const digest = createEventDigest(studio.root);
    await readWhole(digest);
    expect(digest.eventCount % 2000).toBe(0);
    const last = digest.eventCount - 1;
    expect((await digest.lines(last, 5)).map(({ index }) => index)).toEqual([last]);
  });

  test("a resumed run's later values count", async () => {
    const studio = await testStudio();
    const run = await openRun({ command: "train", root: studio.root });
    for (const step of [1, 2, 3, 4]) run.metric("loss", step, 10 * step);
    run.interrupt();
    const again = await reopenRun(run.dir);
    again.metric("loss", 3, 7);
    const { metrics } = await liveOf(studio, run.id);
    expect(metrics[0]!.points.map(([step, value]) => [step, value])).toEqual([
      [1, 10],
      [2, 20],
      [3, 7],
    ]);
    again.interrupt();
  });
});

suite("a series in bounded memory", () => {
  test("keeps first bounds and the last value whatever comes", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 9000 }),
        (values) => {
          const series = new Series();
          for (const [index, value] of values.entries()) series.add(index, value);
          const { points, count } = series.toMetric("x");
          expect(points.length).toBeLessThanOrEqual(2000);
          expect([count, points.at(-1)!.slice(0, 2)]).toEqual([values.length, [values.length - 1, values.at(-1)]]);
          expect(points.reduce((low, point) => Math.min(low, point[2]), Infinity)).toBe(
            values.reduce((a, b) => Math.min(a, b)),
          );
          expect(points.reduce((high, point) => Math.max(high, point[3]), -Infinity)).toBe(
            values.reduce((a, b) => Math.max(a, b)),
          );
          for (const [index, [step]] of points.entries())
            if (index > 0) expect(step).toBeGreaterThan(points[index - 1]![0]);
        },
      ),
      { numRuns: 30 },
    );
  });

  test("2,001 values become a thousand points of two, and one of one", () => {
    const series = new Series();
    for (let step = 0; step <= 2000; step++) series.add(step, step % 2);
    const { points } = series.toMetric("x");
    expect([points.length, points[0], points.at(-1)]).toEqual([1001, [1, 1, 0, 1], [2000, 0, 0, 0]]);
  });
});
