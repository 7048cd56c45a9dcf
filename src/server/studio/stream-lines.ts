/** Replies that are written while the page reads: lines of JSON, and what ends them. */
import { PolymathError } from "../../core/errors.ts";

/** The last line of work that failed. */
export interface ProblemLine {
  kind: "problem";
  message: string;
  hint: string | null;
}

/**
 * Lines of JSON as they come; a reader that leaves aborts the signal and so ends the work. An error is the last line.
 * @param unexpected what an error that is none of ours is called; its own words stay in the process
 */
export function streamLines<Line extends object>(
  lines: (signal: AbortSignal) => AsyncIterable<Line>,
  unexpected: string,
): Response {
  const controller = new AbortController();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async start(sink) {
      const write = (line: Line | ProblemLine) => sink.enqueue(encoder.encode(`${JSON.stringify(line)}\n`));
      try {
        for await (const line of lines(controller.signal)) write(line);
      } catch (error) {
        if (controller.signal.aborted) return;
        const isExpected = error instanceof PolymathError;
        write({
          kind: "problem",
          message: isExpected ? error.message : unexpected,
          hint: (isExpected && error.hint) || null,
        });
      }
      sink.close();
    },
    cancel: () => controller.abort(),
  });
  return new Response(body, { headers: { "Content-Type": "application/x-ndjson", "Cache-Control": "no-store" } });
}
