/** A process that works on whatever runs there are in a shared database: `polymath worker`. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../core/log.ts";
import type { Database } from "./database.ts";
import type { Pipeline } from "./pipeline.ts";
import { openQueue, type QueueOptions } from "./queue.ts";
import { listRuns } from "./store.ts";
import { createTables } from "./tables.ts";
import { work } from "./work.ts";

export interface WorkerOptions extends QueueOptions {
  database: Database;
  /** The pipeline of a run, from its name and settings; undefined for one that this process does not know. */
  resolve(name: string, settings: unknown): Promise<Pipeline | undefined> | Pipeline | undefined;
  /** Items worked on at a time, per run; default 8. */
  concurrency?: number;
  signal: AbortSignal;
  log: Log;
}

/** Until the signal fires; then what is under way is given back. */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { database, resolve, concurrency, signal, log } = options;
  await createTables(database);
  const queue = await openQueue(database, options);
  const underWay = new Map<string, Promise<void>>();
  const unknown = new Set<string>();

  async function workOn(run: string, name: string, settings: unknown): Promise<void> {
    const pipeline = await resolve(name, settings);
    if (!pipeline) {
      if (!unknown.has(run)) log.warn("run-skip", { run, pipeline: name, why: "this version has no such pipeline" });
      unknown.add(run);
      return;
    }
    log.info("run-begin", { run, pipeline: name });
    await queue.open(run);
    const begun = performance.now();
    // The process that began the run says when it is over: only there is it known whether all of the input is in.
    const status = await work({ database, queue, run, pipeline, concurrency, signal, isWhole: () => false });
    log.info("run-end", { run, status, seconds: Math.round((performance.now() - begun) / 1000) });
  }

  try {
    while (!signal.aborted) {
      for (const { id, pipeline, settings } of await listRuns(database, "running")) {
        if (underWay.has(id) || unknown.has(id)) continue;
        const working = workOn(id, pipeline, settings)
          .catch((error) => log.warn("run-fault", { run: id, error }))
          .finally(() => underWay.delete(id));
        underWay.set(id, working);
      }
      await sleep(1000, undefined, { signal }).catch(() => {});
    }
    await Promise.all(underWay.values());
  } finally {
    await queue.close();
  }
}
