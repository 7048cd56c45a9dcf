/**
 * What happened, for the person at the terminal: one line per event on stderr, so that stdout stays the result.
 * An event is noun then verb (`trim-end`); its fields follow as `name=value`.
 */
import pc from "picocolors";

export type LogFields = Record<string, unknown>;

export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  /** Written only when POLYMATH_DEBUG is set. */
  debug(event: string, fields?: LogFields): void;
}

/** What a log or a progress display writes to; `process.stderr` in life, a collector in tests. */
export type TextStream = { write(text: string): unknown; isTTY?: boolean | undefined; columns?: number | undefined };

export interface LogOptions {
  /** Default `process.stderr`. */
  stream?: TextStream;
  /** Default: whether the environment variable POLYMATH_DEBUG is set and not empty. */
  debug?: boolean;
}

/** A log that writes one line per event. */
export function createLog({ stream = process.stderr, debug = !!process.env.POLYMATH_DEBUG }: LogOptions = {}): Log {
  const colors = pc.createColors(pc.isColorSupported && !!stream.isTTY);
  // A progress bar may stand on the current line of a terminal: wipe it, it redraws itself below.
  const wipe = stream.isTTY ? "\r\x1b[2K" : "";
  const line = (mark: string, event: string, fields: LogFields = {}) => {
    const details = describeFields(fields);
    stream.write(`${wipe}${mark}${event}${details && ` ${colors.dim(details)}`}\n`);
  };
  return {
    info: (event, fields) => line("", event, fields),
    warn: (event, fields) => line(colors.yellow("warning: "), event, fields),
    debug: (event, fields) => debug && line(colors.dim("debug: "), event, fields),
  };
}

/** `{ droppedCount: 3, file: "a b" }` as `droppedCount=3 file="a b"`; undefined fields are left out. */
export function describeFields(fields: LogFields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${describeField(value)}`)
    .join(" ");
}

function describeField(value: unknown): string {
  if (typeof value === "string") return /^[\w./:@%+-]+$/.test(value) ? value : JSON.stringify(value);
  if (typeof value === "number") return String(Number.isInteger(value) ? value : Number(value.toPrecision(4)));
  if (value instanceof Error) return JSON.stringify(value.message);
  if (typeof value === "object" && value !== null) return JSON.stringify(value);
  return String(value);
}
