/** Server-sent events, cut apart but otherwise as they came (WHATWG HTML, section 9.2). */
export interface RawEvent {
  /** With the empty line that ends it. */
  raw: Buffer;
  /** Its `data` lines, joined; undefined for a comment. */
  data: string | undefined;
}

/**
 * Takes a stream's bytes as they come, and returns the events whose end has come with them. What follows the last end
 * is kept for the next bytes: half an event is none.
 */
export function createSplitter(): (bytes: Buffer) => RawEvent[] {
  let rest: Buffer = Buffer.alloc(0);
  return (bytes) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    const events: RawEvent[] = [];
    let start = 0;
    for (let end = endOfEvent(rest, start); end !== -1; end = endOfEvent(rest, start)) {
      const raw = rest.subarray(start, end);
      start = end;
      events.push({ raw, data: dataOf(raw.toString("utf8")) });
    }
    rest = rest.subarray(start);
    return events;
  };
}

const [newline, carriage] = [10, 13];

/** The index after the first empty line from `start` on; -1 when there is none yet. */
function endOfEvent(bytes: Buffer, start: number): number {
  for (let at = bytes.indexOf(newline, start); at !== -1; at = bytes.indexOf(newline, at + 1)) {
    if (bytes[at + 1] === newline) return at + 2;
    if (bytes[at + 1] === carriage && bytes[at + 2] === newline) return at + 3;
  }
  return -1;
}

function dataOf(event: string): string | undefined {
  if (event.startsWith("data: ") && event.indexOf("\n") === event.length - 2) return event.slice(6, -2); // as a rule
  const lines = event.split(/\r?\n/).filter((line) => line.startsWith("data:"));
  return lines.length === 0 ? undefined : lines.map((line) => line.slice(5).replace(/^ /, "")).join("\n");
}
