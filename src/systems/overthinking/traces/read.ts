/**
 * A file of responses as a stream of traces, one at a time. Rows that cannot be used do not end the reading: they are
 * counted, and written with their reason where the caller wants that.
 */
import { z } from "zod";
import { DataError } from "../../../core/errors.ts";
import { readRows } from "../../../core/rows.ts";
import type { Trace } from "../schemas.ts";
import { answerOfTrace } from "./final-answer.ts";
import { Row, readTraces } from "./row.ts";

export interface ReadTracesOptions {
  /**
   * Rows without an expected answer and without a verdict: false (default) rejects them; true measures them against
   * the model's own final answer.
   */
  unlabelled?: boolean;
  /** Told of every row that is left out; the message names file, row and reason. */
  onReject?(error: DataError): void;
}

/** How many rows and traces came of a file. */
export type ReadCounts = { rowCount: number; traceCount: number; rejectedCount: number };

/**
 * @param counts filled while reading
 * @throws DataError when the file cannot be read, or none of its rows can be used
 */
export async function* readTraceFile(
  file: string,
  { unlabelled = false, onReject }: ReadTracesOptions = {},
  counts: ReadCounts = { rowCount: 0, traceCount: 0, rejectedCount: 0 },
): AsyncGenerator<Trace> {
  let first: DataError | undefined;
  const onError = (error: DataError) => {
    first ??= error;
    counts.rowCount++;
    counts.rejectedCount++;
    onReject?.(error);
  };
  for await (const traces of readRows(file, traceRow(unlabelled), { onError })) {
    counts.rowCount++;
    for (const trace of traces) {
      counts.traceCount++;
      yield trace.id === "" ? { ...trace, id: `row ${counts.rowCount}` } : trace;
    }
  }
  if (counts.traceCount > 0) return;
  throw first ?? new DataError(`${file}: has no rows`, { hint: "Write one response per line, as JSON." });
}

/** As a schema, so that the readers of all formats put file and line before what is wrong. */
const traceRow = (unlabelled: boolean) =>
  Row.transform((row, context): Trace[] => {
    try {
      return readTraces(row, "").map((trace) => withReference(trace, unlabelled));
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      context.addIssue({ code: "custom", message: error.hint ? `${error.message}. ${error.hint}` : error.message });
      return z.NEVER;
    }
  });

function withReference(trace: Trace, unlabelled: boolean): Trace {
  const isJudged = trace.solutions?.every(({ correct }) => correct !== null);
  if (trace.expected !== null || isJudged) return trace;
  if (unlabelled) return { ...trace, expected: answerOfTrace(trace), flags: [...trace.flags, "own_answer"] };
  throw new DataError("There is no expected answer", {
    hint: 'Add a field "expected_answer", or measure against the model\'s own final answer with --unlabelled.',
  });
}
