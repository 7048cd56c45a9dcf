/** pg-boss as a pipeline needs it: one queue per run, a job per item and stage whose id follows from both. */
import { createHash } from "node:crypto";
import { PgBoss } from "pg-boss";
import type { Database } from "./database.ts";
import type { ItemKey } from "./store.ts";

export interface QueuedJob extends ItemKey {
  id: string;
}

export interface Queue {
  /** Sent twice is sent once. Later stages go first, so that items leave before more come in. */
  send(run: string, keys: readonly ItemKey[]): Promise<void>;
  /** Takes at most so many; a job whose worker dies comes back. */
  fetch(run: string, count: number): Promise<QueuedJob[]>;
  complete(run: string, ids: readonly string[]): Promise<void>;
  /** To be tried again after a while that grows. */
  fail(run: string, ids: readonly string[]): Promise<void>;
  /** To be taken by anybody at once, as if it had not been taken. */
  giveBack(run: string, ids: readonly string[]): Promise<void>;
  /** Tells that the worker lives. */
  touch(run: string, ids: readonly string[]): Promise<void>;
  open(run: string): Promise<void>;
  close(): Promise<void>;
}

/** A worker that has not been heard of for so long is dead. */
export const heartbeatSeconds = 30;

export interface QueueOptions {
  /** Before the second attempt, seconds; doubled for each further one, up to a minute. Default 1. */
  retryDelay?: number;
}

/** Starts pg-boss in the database; the first call makes its tables. */
export async function openQueue(database: Database, { retryDelay = 1 }: QueueOptions = {}): Promise<Queue> {
  const boss = new PgBoss({
    db: database.boss,
    backend: database.isShared ? "postgres" : "pglite",
    schema: "pgboss",
    schedule: false,
    registerInstance: false,
    superviseIntervalSeconds: 15,
    monitorIntervalSeconds: 15,
  });
  boss.on("error", () => {}); // maintenance that failed is tried again; what a caller asked for rejects
  await startAlone(database, boss);
  const opened = new Set<string>();
  const queueOf = (run: string) => `run-${run}`;

  /** Only one process has an embedded database: what is active there was left behind by a dead one. */
  async function takeBackOrphans(run: string): Promise<void> {
    if (database.isShared) return;
    await database.query(
      "update pgboss.job set state = 'retry', start_after = now() where name = $1 and state = 'active'",
      [queueOf(run)],
    );
  }

  return {
    async open(run) {
      if (opened.has(run)) return;
      opened.add(run);
      await boss.createQueue(queueOf(run), {
        retryLimit: 100_000, // attempts are counted per item, where the reasons are kept
        retryDelay,
        retryBackoff: true,
        retryDelayMax: 60,
        expireInSeconds: 24 * 3600 - 1,
        heartbeatSeconds,
      });
      await takeBackOrphans(run);
    },
    async send(run, keys) {
      if (keys.length === 0) return;
      await boss.insert(
        queueOf(run),
        keys.map(({ stage, place }) => ({ id: jobId(run, stage, place), data: { stage, place }, priority: stage })),
      );
    },
    async fetch(run, count) {
      const jobs = await boss.fetch<ItemKey>(queueOf(run), { batchSize: count });
      return jobs.map(({ id, data }) => ({ id, ...data }));
    },
    async complete(run, ids) {
      if (ids.length > 0) await boss.complete(queueOf(run), [...ids]);
    },
    async fail(run, ids) {
      if (ids.length > 0) await boss.fail(queueOf(run), [...ids]);
    },
    async giveBack(run, ids) {
      if (ids.length === 0) return;
      await database.query(
        "update pgboss.job set state = 'retry', start_after = now() where name = $1 and id = any($2::uuid[]) and state = 'active'",
        [queueOf(run), [...ids]],
      );
    },
    async touch(run, ids) {
      if (ids.length > 0) await boss.touch(queueOf(run), [...ids]);
    },
    close: () => boss.stop({ graceful: false }),
  };
}

/** Processes that make pg-boss's tables at the same moment trip over each other: one after the other. */
async function startAlone(database: Database, boss: PgBoss): Promise<void> {
  if (!database.isShared) {
    await boss.start();
    return;
  }
  await database.transaction(async ({ query }) => {
    await query("select pg_advisory_xact_lock(7311921)");
    await boss.start(); // on other connections of the pool
  });
}

/** A UUID that names the work: inserting the same again changes nothing. */
function jobId(run: string, stage: number, place: string): string {
  const hex = createHash("sha256").update(`${run}\n${stage}\n${place}`).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}
