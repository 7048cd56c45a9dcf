/**
 * A file of responses, analysed trace by trace in a stream: memory does not grow with the file.
 * Rows are read, cut, judged, grouped and counted (prepare.ts) and summed up (measure/summary.ts).
 */
import type { DataError } from "../../core/errors.ts";
import { mapInOrder } from "./map-in-order.ts";
import { ExampleKeeper } from "./measure/examples.ts";
import type { TokenBasis } from "./measure/figures.ts";
import { collapseRepeats } from "./measure/repeats.ts";
import { type Summary, SummaryBuilder } from "./measure/summary.ts";
import { type AnalysedTrace, type PrepareOptions, prepareTrace } from "./prepare.ts";
import { type ReadCounts, readTraceFile } from "./traces/read.ts";

export interface AnalyseOptions extends PrepareOptions {
  /** Default reasoning. */
  basis?: TokenBasis;
  /** `formula` (default), or `solutions`, the weighting of the published code. */
  weighting?: "formula" | "solutions";
  /** See `readTraceFile`. */
  unlabelled?: boolean;
  /** Traces at once, for endpoints; default 1. */
  concurrency?: number;
  /** Traces kept for the report, those with most waste; default 6. */
  exampleCount?: number;
  onReject?(error: DataError): void;
  /** In the order of the file. */
  onTrace?(trace: AnalysedTrace, copies: number): void | Promise<void>;
}

export type Analysis = Summary &
  ReadCounts & {
    file: string;
    tokenizer: string;
    /** Counts that are not those of the model: words for tokens, or another tokenizer than the server's. */
    approximateTokens: boolean;
    basis: TokenBasis;
    weighting: "formula" | "solutions";
    /** Most wasteful first. */
    examples: AnalysedTrace[];
  };

/** Share of traces cut by rules where a model should have cut them, from which on every figure carries a warning. */
export const WARN_PARSE_ERRORS = 0.1;
/** Our counts and the server's may differ by the chat template's tokens; by more, the tokenizer is another model's. */
const countTolerance = 0.1;

/** @throws DataError when the file or none of its rows can be used; EndpointError as the endpoint */
export async function analyseFile(file: string, options: AnalyseOptions): Promise<Analysis> {
  const { basis = "reasoning", weighting = "formula", counter, concurrency = 1, exampleCount = 6, signal } = options;
  const counts: ReadCounts = { rowCount: 0, traceCount: 0, rejectedCount: 0 };
  const summary = new SummaryBuilder(basis);
  const examples = new ExampleKeeper(exampleCount);
  const reported = { ours: 0, theirs: 0 };
  const traces = collapseRepeats(readTraceFile(file, options, counts));
  const analysed = mapInOrder(traces, concurrency, async ({ trace, copies }) => {
    signal?.throwIfAborted();
    return { trace: await prepareTrace(trace, options), copies };
  });
  for await (const { trace, copies } of analysed) {
    summary.add(trace, copies);
    examples.add(trace);
    if (trace.reportedTokenCount !== null) {
      reported.ours += trace.solutions.reduce((total, one) => total + one.tokenCount, trace.answerTokenCount);
      reported.theirs += trace.reportedTokenCount;
    }
    await options.onTrace?.(trace, copies);
  }
  const isOff = reported.theirs > 0 && Math.abs(reported.ours / reported.theirs - 1) > countTolerance;
  return {
    file,
    tokenizer: counter.name,
    approximateTokens: counter.approximate || isOff,
    basis,
    weighting,
    ...counts,
    ...summary.finish(weighting),
    examples: examples.kept,
  };
}
