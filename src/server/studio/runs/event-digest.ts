/**
 * What the studio shows of a run's events.jsonl without holding it: metrics as bounded series, the latest progress of each
 * job, and where every so many lines begin, so that any page of the log is found at once. The file is read once, in
 * pieces that let other requests through, and then only what was added: 200 MB take seconds, the next look nothing.
 */
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { LogLine, MetricSeries, ProgressState } from "./contract.ts";
import { Series } from "./series.ts";

const pieceBytes = 256 * 1024;
/** Lines between two remembered beginnings. */
const markEvery = 500;
/** A look waits so long for a first reading before it shows what there is. */
const patienceMs = 150;
/** Characters of a line of the log. */
const shownLength = 2000;

export interface EventDigest {
  /** Reads what was added since; returns early, with the reading going on, when that takes long. */
  update(): Promise<void>;
  readonly readBytes: number;
  readonly totalBytes: number;
  readonly eventCount: number;
  readonly isComplete: boolean;
  metrics(): MetricSeries[];
  progress(): ProgressState[];
  lines(offset: number, limit: number): Promise<LogLine[]>;
}

export function createEventDigest(dir: string): EventDigest {
  const path = join(dir, "events.jsonl");
  const series = new Map<string, Series>();
  const jobs = new Map<string, ProgressState>();
  let marks = [0];
  let [readBytes, totalBytes, eventCount] = [0, 0, 0];
  let reading: Promise<void> | undefined;

  function reset(): void {
    series.clear();
    jobs.clear();
    marks = [0];
    readBytes = eventCount = 0;
  }

  function take(line: string): void {
    const event = parse(line);
    if (event?.type === "metric") {
      const [name, value] = [String(event.name), Number(event.value)];
      const one = series.get(name) ?? new Series();
      series.set(name, one);
      if (Number.isFinite(value)) one.add(Number(event.step), value);
    } else if (event?.type === "progress") {
      const { label, done, total, unit, fields, time } = event as unknown as ProgressState;
      jobs.delete(label); // the job that last moved stands last
      jobs.set(label, { label, done, total: total ?? null, unit: unit ?? "items", fields: fields ?? {}, time });
    }
  }

  async function read(): Promise<void> {
    const file = await open(path).catch(() => undefined);
    if (!file) return;
    try {
      totalBytes = (await file.stat()).size;
      if (totalBytes < readBytes) reset(); // written anew, or a torn line was cut off by a resume
      let rest = Buffer.alloc(0);
      const piece = Buffer.allocUnsafe(pieceBytes);
      for (let at = readBytes; at < totalBytes; ) {
        const { bytesRead } = await file.read(piece, 0, Math.min(pieceBytes, totalBytes - at), at);
        if (bytesRead === 0) break;
        at += bytesRead;
        const text = Buffer.concat([rest, piece.subarray(0, bytesRead)]);
        let from = 0;
        for (let end = text.indexOf(10); end !== -1; end = text.indexOf(10, from)) {
          take(text.toString("utf8", from, end));
          readBytes += end + 1 - from;
          from = end + 1;
          if (++eventCount % markEvery === 0) marks.push(readBytes);
        }
        rest = text.subarray(from); // a line that is being written stays unread
      }
    } finally {
      await file.close();
    }
  }

  return {
    async update() {
      reading ??= read().finally(() => {
        reading = undefined;
      });
      const clock = Promise.withResolvers<void>();
      const timer = setTimeout(clock.resolve, patienceMs);
      await Promise.race([reading, clock.promise]);
      clearTimeout(timer);
    },
    get readBytes() {
      return readBytes;
    },
    get totalBytes() {
      return totalBytes;
    },
    get eventCount() {
      return eventCount;
    },
    get isComplete() {
      return reading === undefined;
    },
    metrics: () => [...series].map(([name, one]) => one.toMetric(name)),
    progress: () => [...jobs.values()],
    lines: (offset, limit) => readLines(path, marks, offset, Math.min(limit, eventCount - offset)),
  };
}

async function readLines(path: string, marks: readonly number[], offset: number, limit: number): Promise<LogLine[]> {
  if (limit <= 0) return [];
  const mark = Math.floor(offset / markEvery);
  const [start, end] = [marks[mark] ?? 0, marks[Math.floor((offset + limit) / markEvery) + 1]];
  const file = await open(path);
  try {
    const size = (end ?? (await file.stat()).size) - start;
    const bytes = Buffer.alloc(size);
    await file.read(bytes, 0, size, start);
    const skipped = offset - mark * markEvery;
    const lines = bytes
      .toString("utf8")
      .split("\n")
      .slice(skipped, skipped + limit);
    return lines.map((line, i) => toLogLine(line, offset + i));
  } finally {
    await file.close();
  }
}

function toLogLine(line: string, index: number): LogLine {
  const event = parse(line);
  if (!event) return { index, time: "", type: "damaged", text: line.slice(0, shownLength) };
  const { time, type, ...fields } = event;
  const text = Object.keys(fields).length > 0 ? JSON.stringify(fields) : "";
  return { index, time: String(time), type: String(type), text: text.slice(0, shownLength) };
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
