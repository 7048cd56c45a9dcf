/** Bars that the journal hears of: the first update, the end, and not every step between. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readEvents } from "../../core/journal.ts";
import { openRun } from "../../core/run.ts";
import { journalProgress } from "./journal-progress.ts";

async function openTestRun() {
  const root = mkdtempSync(join(tmpdir(), "progress-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const run = await openRun({ command: "make", root });
  const progressOf = async () => (await Array.fromAsync(readEvents(run.dir))).filter(({ type }) => type === "progress");
  return { run, progressOf };
}
const stream = { write: () => true, isTTY: false };

test("a thousand quick updates are two events, the last of them the end", async () => {
  const { run, progressOf } = await openTestRun();
  const bar = journalProgress(
    run,
    new AbortController().signal,
  )({ label: "train", total: 1000, unit: "steps", stream });
  for (let done = 1; done <= 1000; done++) bar.update(done, { loss: 1 / done });
  bar.stop();
  const events = await progressOf();
  expect(events[0]).toMatchObject({ label: "train", unit: "steps", total: 1000, done: 1, fields: { loss: 1 } });
  expect(events.at(-1)).toMatchObject({ done: 1000, fields: { loss: 0.001 } });
  expect(events.length).toBeLessThan(20);
  run.interrupt();
});

test("after Ctrl-C and after the run's end nothing is written", async () => {
  const { run, progressOf } = await openTestRun();
  const stop = new AbortController();
  const bar = journalProgress(run, stop.signal)({ label: "train", stream });
  stop.abort();
  bar.update(1);
  bar.stop();
  const late = journalProgress(run, new AbortController().signal)({ label: "late", stream });
  await run.finish();
  late.update(1);
  late.stop();
  expect(await progressOf()).toEqual([]);
});
