/** Equal neighbours in a stream of traces, taken together; see summary.ts for why files have them. */
import type { Trace } from "../schemas.ts";

export async function* collapseRepeats(traces: AsyncIterable<Trace>): AsyncGenerator<{ trace: Trace; copies: number }> {
  let held: { trace: Trace; copies: number } | undefined;
  for await (const trace of traces) {
    if (held && isSame(held.trace, trace)) {
      held.copies++;
      continue;
    }
    if (held) yield held;
    held = { trace, copies: 1 };
  }
  if (held) yield held;
}

/** Only rows with cuts were written by the published pipeline; equal samples without cuts are samples of their own. */
function isSame(a: Trace, b: Trace): boolean {
  if (!a.solutions || !b.solutions || a.solutions.length !== b.solutions.length) return false;
  return (
    a.reasoning === b.reasoning &&
    a.closing === b.closing &&
    a.problem === b.problem &&
    a.model === b.model &&
    a.solutions.every(({ text, correct, strategy }, index) => {
      const other = b.solutions![index]!;
      return text === other.text && correct === other.correct && strategy === other.strategy;
    })
  );
}
