/**
 * A process for tests: `lead DIR` runs a pipeline to its end on the embedded database, `work URL` is a worker of a
 * shared one. Each item worked on is a line in the log file, so that the tests can count calls.
 */
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { createLog } from "../core/log.ts";
import { definePipeline, keep, openDatabase, reject, runPipeline, runWorker, split } from "./index.ts";

export const itemCount = 300;
export const input = Array.from({ length: itemCount }, (_, n) => ({ n }));

export function squares(log: string) {
  const note = (text: string) => appendFileSync(log, `${text}\n`);
  return definePipeline({
    name: "squares",
    stages: [
      {
        name: "square",
        version: 1,
        async run({ n }: { n: number }) {
          await sleep(10);
          note(`square ${n}`);
          return n % 7 === 0 ? reject("seventh") : keep({ n, square: n * n });
        },
      },
      {
        name: "digits",
        version: 1,
        async run({ n, square }: { n: number; square: number }) {
          await sleep(10);
          note(`digits ${n}`);
          return split([...String(square)].map((digit) => `${n}:${digit}`));
        },
      },
    ],
  });
}

/** What every run must end with. */
export const expected = input.flatMap(({ n }) =>
  n % 7 === 0 ? [] : [...String(n * n)].map((digit) => `${n}:${digit}`),
);

const [role, place, log] = process.argv.slice(2);
if (role === "lead") {
  const database = await openDatabase({ url: "", dir: place! });
  await runPipeline({ database, pipeline: squares(log!), id: "it", input, concurrency: 4 });
  await database.close();
} else if (role === "work") {
  const database = await openDatabase({ url: place!, dir: "" });
  const stop = new AbortController();
  process.on("SIGTERM", () => stop.abort());
  const known = squares(log!);
  const resolve = (name: string) => (name === known.name ? known : undefined);
  await runWorker({ database, resolve, concurrency: 4, signal: stop.signal, log: createLog() });
  await database.close();
}
