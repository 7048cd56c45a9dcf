/** What was said of each update, on the disk as it is said: after a resume the whole run can be shown. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { readJsonLines } from "../../../core/jsonl.ts";

export interface History<Entry extends { update: number }> {
  add(entry: Entry): void;
  /** In the order of updates. */
  all(): Entry[];
}

/**
 * @param file JSON lines; without it in memory alone. An update that comes again replaces what was said of it and of all
 * later ones, and a line that broke off when its process was killed counts as not said
 */
export async function openHistory<Entry extends { update: number }>(file?: string): Promise<History<Entry>> {
  const known = new Map<number, Entry>();
  const put = (entry: Entry) => {
    for (const update of known.keys()) if (update >= entry.update) known.delete(update);
    known.set(entry.update, entry);
  };
  if (file && existsSync(file)) {
    const lines = readJsonLines(file, z.looseObject({ update: z.int() }), { onError: () => {} });
    for await (const entry of lines) put(entry as unknown as Entry);
    if (!readFileSync(file, "utf8").endsWith("\n")) appendFileSync(file, "\n"); // what comes is a line of its own
  } else if (file) mkdirSync(dirname(file), { recursive: true });
  return {
    add(entry) {
      put(entry);
      if (file) appendFileSync(file, `${JSON.stringify(entry)}\n`);
    },
    all: () => [...known.values()],
  };
}
