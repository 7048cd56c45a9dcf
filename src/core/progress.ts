/**
 * How far a long job is: a bar with rate and ETA on a terminal (drawn by cli-progress), otherwise a plain line
 * now and then, so that a log file of an hour's work stays readable. Always on stderr.
 */
import cliProgress from "cli-progress";
import { describeFields, type TextStream } from "./log.ts";

export interface ProgressOptions {
  /** What is going on: "train reasoner". */
  label: string;
  /** How many there will be; without it only count and rate are shown. */
  total?: number;
  /** What is counted, in the plural: "steps", "tokens". Default "items". */
  unit?: string;
  /** How many an earlier process did already: they count for the bar, not for the rate. Default 0. */
  start?: number;
  /** Default `process.stderr`. */
  stream?: TextStream;
}

export interface Progress {
  /** @param done how many are finished so far, the resumed ones included */
  update(done: number, fields?: Record<string, number | string>): void;
  /** Ends the display; a summary replaces the fields of the last line. */
  stop(summary?: string): void;
}

/** Between two plain lines; often enough to see life, seldom enough to read. */
const plainIntervalMs = 5000;
/** The rate looks back this far, so that it follows a change of pace but not every hiccup. */
const rateWindowMs = 15_000;

export function createProgress(options: ProgressOptions): Progress {
  const stream = options.stream ?? process.stderr;
  return stream.isTTY ? barProgress(options, stream) : plainProgress(options, stream);
}

function plainProgress(options: ProgressOptions, stream: TextStream): Progress {
  const meter = createMeter(options);
  let last = performance.now();
  let stopped = false;
  return {
    update(done, fields = {}) {
      meter.update(done, fields);
      const now = performance.now();
      if (now - last < plainIntervalMs) return;
      last = now;
      stream.write(`${describeProgress(options, meter.state())}\n`);
    },
    stop(summary) {
      if (stopped) return;
      stopped = true;
      stream.write(`${describeEnd(options, meter.state(), summary)}\n`);
    },
  };
}

function barProgress(options: ProgressOptions, stream: TextStream): Progress {
  const meter = createMeter(options);
  const barWidth = 16;
  const bar = new cliProgress.SingleBar({
    stream: stream as NodeJS.WriteStream,
    fps: 10,
    forceRedraw: true, // a log line may have wiped the bar although its text is the same
    // Wrapping and the cursor stay as they are: a killed process could not put them back.
    linewrap: true,
    hideCursor: false,
    gracefulExit: false,
    clearOnComplete: true,
    format: () => {
      const share = options.total ? Math.min(1, meter.state().done / options.total) : 0;
      const filled = Math.round(share * barWidth);
      const drawn = options.total ? `${"█".repeat(filled)}${"░".repeat(barWidth - filled)}  ` : "";
      const line = `${drawn}${describeProgress(options, meter.state())}`;
      return line.slice(0, (stream.columns || 80) - 1); // a wrapped line could not be redrawn in place
    },
  });
  bar.start(options.total ?? 0, options.start ?? 0);
  let stopped = false;
  return {
    update(done, fields = {}) {
      meter.update(done, fields);
      bar.update(done);
    },
    stop(summary) {
      if (stopped) return;
      stopped = true;
      bar.stop();
      stream.write(`\r\x1b[2K${describeEnd(options, meter.state(), summary)}\n`);
    },
  };
}

export interface ProgressState {
  done: number;
  elapsedMs: number;
  /** Units per second lately; 0 until something was done. */
  rate: number;
  fields: Record<string, number | string>;
}

function createMeter({ start = 0 }: ProgressOptions) {
  const began = performance.now();
  const samples = [{ at: began, done: start }];
  let fields: Record<string, number | string> = {};
  return {
    update(done: number, newFields: Record<string, number | string>) {
      const at = performance.now();
      fields = newFields;
      const last = samples.at(-1)!;
      // Ten samples a second are plenty; the first one is kept as the origin.
      if (samples.length > 1 && at - last.at < 100) Object.assign(last, { done });
      else samples.push({ at, done });
      while (samples.length > 2 && at - samples[1]!.at > rateWindowMs) samples.shift();
    },
    state(): ProgressState {
      const now = performance.now();
      const [first, last] = [samples[0]!, samples.at(-1)!];
      const seconds = (now - first.at) / 1000;
      const rate = last.done > first.done && seconds > 0 ? (last.done - first.done) / seconds : 0;
      return { done: last.done, elapsedMs: now - began, rate, fields };
    },
  };
}

/** `train reasoner 120/1000 steps (12%)  45 steps/s  ETA 0:20  loss=0.5`. */
export function describeProgress({ label, total, unit = "items" }: ProgressOptions, state: ProgressState): string {
  const { done, rate, fields } = state;
  const parts = [
    total ? `${label} ${done}/${total} ${unit} (${Math.floor((100 * done) / total)}%)` : `${label} ${done} ${unit}`,
  ];
  if (rate > 0) parts.push(describeRate(rate, unit));
  if (rate > 0 && total) parts.push(`ETA ${describeDuration((1000 * Math.max(0, total - done)) / rate)}`);
  else if (!total) parts.push(describeDuration(state.elapsedMs));
  const details = describeFields(fields);
  if (details) parts.push(details);
  return parts.join("  ");
}

function describeEnd({ label, unit = "items" }: ProgressOptions, state: ProgressState, summary: string | undefined) {
  const details = summary ?? describeFields(state.fields);
  return `${label} ${state.done} ${unit} in ${describeDuration(state.elapsedMs)}${details && `  ${details}`}`;
}

function describeRate(rate: number, unit: string): string {
  if (rate >= 0.1) return `${rate >= 100 ? Math.round(rate) : Number(rate.toPrecision(2))} ${unit}/s`;
  return `${describeDuration(1000 / rate)} each`;
}

/** Milliseconds as `0:07`, `12:30` or `1:02:03`. */
export function describeDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const pad = (value: number) => String(value).padStart(2, "0");
  return `${hours ? `${hours}:${pad(minutes)}` : minutes}:${pad(seconds % 60)}`;
}
