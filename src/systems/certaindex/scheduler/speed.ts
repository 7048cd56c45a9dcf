/**
 * How fast an engine is, by the number of branches it works on: what the simulator runs on. A batched step costs a
 * little more for many rows than for one, so a slot is slower the more of them are busy, and one rate per slot would be
 * wrong nearly everywhere. A step is taken to last `stepSeconds + rows * rowSeconds`, which is found in traces of the
 * live engine, reading prompts and everything else included.
 */
import { DataError } from "../../../core/errors.ts";
import type { TraceEvent } from "../schemas.ts";
import type { EngineSpeed } from "./virtual-executor.ts";

export interface MeasuredSpeed {
  /** Of a step, whatever its rows. */
  stepSeconds: number;
  /** More for each row. */
  rowSeconds: number;
}

/** A branch of a trace: what it wrote, and how long it had how much company. */
interface Branch {
  tokens: number;
  /** By the number of branches under way, itself included. */
  seconds: Float64Array;
}

/**
 * The two numbers by which the branches of these traces come nearest to their lengths: all of them together to the
 * token, and each with the least squared error relative to its length.
 * @throws DataError when no branch has ended
 */
export function measureSpeed(traces: readonly (readonly TraceEvent[])[]): MeasuredSpeed {
  const branches = traces.flatMap(branchesOf);
  const tokens = branches.reduce((sum, branch) => sum + branch.tokens, 0);
  if (tokens === 0) throw new DataError("measureSpeed: no branch has ended in these traces");
  let best = { error: Number.POSITIVE_INFINITY, stepSeconds: 0, rowSeconds: 0 };
  for (const share of shares) {
    // Steps of which each lasts 1 at one row: the total then tells how long that is.
    const steps = branches.map(({ seconds }) =>
      seconds.reduce((sum, time, rows) => sum + time / (1 - share + share * Math.max(1, rows)), 0),
    );
    const second = tokens / steps.reduce((sum, one) => sum + one, 0);
    const error = branches.reduce(
      (sum, branch, i) => sum + (branch.tokens - second * steps[i]!) ** 2 / branch.tokens,
      0,
    );
    if (error < best.error) best = { error, stepSeconds: (1 - share) / second, rowSeconds: share / second };
  }
  const { stepSeconds, rowSeconds } = best;
  return { stepSeconds, rowSeconds };
}

/** Of a step of one row, the part that each row costs: from nothing, as where memory is the limit, to all of it. */
const shares = [0, ...Array.from({ length: 60 }, (_, i) => 10 ** (-3 + i / 20)), 1];

function branchesOf(events: readonly TraceEvent[]): Branch[] {
  const ended: Branch[] = [];
  const begun = new Map<string, Float64Array>();
  /** How long so many were under way until now, seconds. */
  const lived: number[] = [0];
  let last = 0;
  for (const event of events) {
    if (event.kind !== "issue" && event.kind !== "token-count") continue;
    lived[begun.size] = (lived[begun.size] ?? 0) + event.t - last;
    last = event.t;
    if (event.kind === "issue") {
      begun.set(
        event.request,
        Float64Array.from(lived, (time = 0) => time),
      );
      continue;
    }
    const before = begun.get(event.request);
    begun.delete(event.request);
    if (!before || event.tokens === 0) continue; // of a request that failed nothing can be told
    const seconds = Float64Array.from(lived, (time = 0, rows) => time - (before[rows] ?? 0));
    ended.push({ tokens: event.tokens, seconds });
  }
  return ended;
}

/** The simulator's speed. */
export function speedFrom({ stepSeconds, rowSeconds }: MeasuredSpeed, slots: number): EngineSpeed {
  return { slots, secondsPerStep: (rows) => stepSeconds + rows * rowSeconds };
}
