import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { workedMs } from "./journal.ts";

test("the time that was worked on a run: pauses between its processes do not count", async () => {
  const dir = await mkdtemp(join(tmpdir(), "journal-"));
  onTestFinished(() => rm(dir, { recursive: true }));
  const start = Date.parse("2026-01-01T00:00:00.000Z");
  const events = [
    [0, "run-start"],
    [40, "progress"], // the process was killed here
    [1000, "run-resume"],
    [1005, "run-interrupt"],
    [5000, "run-resume"],
    [5010, "progress"],
  ] as const;
  const lines = events.map(([seconds, type]) =>
    JSON.stringify({ time: new Date(start + 1000 * seconds).toISOString(), type }),
  );
  await writeFile(join(dir, "events.jsonl"), `${lines.join("\n")}\n`);
  expect(await workedMs(dir, start + 5_030_000)).toBe(1000 * (40 + 5 + 30));
});
