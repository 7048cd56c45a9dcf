/**
 * events.jsonl of a run: append-only, one JSON object per line, written at once.
 * A line that a crash cut short is dropped when the journal is opened again.
 */
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { DataError } from "./errors.ts";
import { readJsonLines } from "./jsonl.ts";

export type JournalEvent = z.output<typeof JournalEvent>;
/** `time` is ISO 8601 in UTC; the other fields are the event's own. */
export const JournalEvent = z.looseObject({ time: z.string(), type: z.string() });

export interface Journal {
  append(event: Record<string, unknown>): void;
  close(): void;
}

/** @param scrub takes secrets out of each line */
export function openJournal(path: string, scrub: (line: string) => string = (line) => line): Journal {
  const fd = openSync(path, "a+");
  dropTornLine(fd);
  return {
    append(event) {
      // One synchronous write: the line is in the system's hands before anything that depends on it happens.
      writeSync(fd, `${scrub(JSON.stringify(event, keepNonFinite))}\n`);
    },
    close() {
      fsyncSync(fd);
      closeSync(fd);
    },
  };
}

/** The events of a run so far, also while it is being written: a torn last line is left out. */
export async function* readEvents(dir: string): AsyncGenerator<JournalEvent> {
  let torn: DataError | undefined;
  const onError = (error: DataError) => {
    torn = error;
  };
  for await (const event of readJsonLines(join(dir, "events.jsonl"), JournalEvent, { onError })) {
    if (torn) throw torn; // more lines follow it: the file is damaged, not merely cut short
    yield event;
  }
}

/**
 * Milliseconds that processes worked on a run: each from its start or resume to its last event, the present one to `now`.
 * The pauses between them do not count.
 */
export async function workedMs(dir: string, now = Date.now()): Promise<number> {
  let worked = 0;
  let [begun, last] = [now, now];
  for await (const { time, type } of readEvents(dir)) {
    const at = Date.parse(time);
    if (type === "run-start" || type === "run-resume") {
      worked += last - begun;
      begun = at;
    }
    last = at;
  }
  return worked + now - begun;
}

/** All metrics by name, in the order of their steps; where a resumed run repeated a step, the later value counts. */
export async function readMetrics(dir: string): Promise<Map<string, { step: number; value: number }[]>> {
  const metrics = new Map<string, Map<number, number>>();
  for await (const { type, name, step, value } of readEvents(dir)) {
    if (type !== "metric") continue;
    const series = metrics.get(String(name)) ?? new Map<number, number>();
    metrics.set(String(name), series.set(Number(step), Number(value)));
  }
  const sorted = [...metrics].map(([name, series]) => {
    const points = [...series].map(([step, value]) => ({ step, value })).sort((a, b) => a.step - b.step);
    return [name, points] as const;
  });
  return new Map(sorted);
}

/** JSON has no NaN and infinities, and a loss that became NaN is the very thing to see: they are written as text. */
function keepNonFinite(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

/** Cuts off what follows the last newline. */
function dropTornLine(fd: number): void {
  const block = Buffer.alloc(64 * 1024);
  let end = fstatSync(fd).size;
  const size = end;
  while (end > 0) {
    const start = Math.max(0, end - block.length);
    const read = readSync(fd, block, 0, end - start, start);
    const newline = block.subarray(0, read).lastIndexOf(10);
    if (newline !== -1) {
      if (start + newline + 1 < size) ftruncateSync(fd, start + newline + 1);
      return;
    }
    end = start;
  }
  if (size > 0) ftruncateSync(fd, 0);
}
