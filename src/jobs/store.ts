/** Items and results in the database. Writing a thing twice is the same as writing it once. */
import type { Database, Queryable } from "./database.ts";
import type { Outcome } from "./pipeline.ts";

export type ItemStatus = "waiting" | "done" | "rejected" | "poison";
export type RunStatus = "running" | "paused" | "finished";

export interface ItemKey {
  stage: number;
  place: string;
}

export interface StoredItem extends ItemKey {
  input: unknown;
  hash: string;
  attempts: number;
}

export interface ItemError {
  code: string;
  message: string;
  hint?: string;
}

/** An item that was worked on, with what comes of it. */
export interface Finished extends ItemKey {
  status: Exclude<ItemStatus, "waiting">;
  attempts: number;
  error?: ItemError;
  /** Absent when it was known already. */
  result?: { hash: string; outcome: Outcome };
}

export interface StageCounts {
  waiting: number;
  done: number;
  rejected: number;
  poison: number;
}

export async function addItems(db: Queryable, run: string, items: readonly Omit<StoredItem, "attempts">[]) {
  if (items.length === 0) return;
  await db.query(
    `insert into polymath.item (run, stage, place, input, hash)
     select $1, stage, place, input, hash
     from jsonb_to_recordset($2::jsonb) as new (stage int, place text, input jsonb, hash text)
     on conflict do nothing`,
    [run, JSON.stringify(items)],
  );
}

/** The items of these keys that still wait, and the results that are known for them. */
export async function findWaiting(db: Queryable, run: string, keys: readonly ItemKey[]) {
  return db.query<StoredItem & { outcome: Outcome | null }>(
    `select stage, place, input, item.hash, attempts, outcome
     from jsonb_to_recordset($2::jsonb) as wanted (stage int, place text)
     join polymath.item using (stage, place)
     left join polymath.result on result.hash = item.hash
     where run = $1 and status = 'waiting'`,
    [run, JSON.stringify(keys)],
  );
}

export async function addResults(db: Queryable, results: readonly { hash: string; outcome: Outcome }[]) {
  if (results.length === 0) return;
  await db.query(
    `insert into polymath.result (hash, outcome)
     select distinct on (hash) hash, outcome from jsonb_to_recordset($1::jsonb) as new (hash text, outcome jsonb)
     on conflict do nothing`,
    [JSON.stringify(results)],
  );
}

export async function markItems(
  db: Queryable,
  run: string,
  items: readonly (ItemKey & { status: ItemStatus; attempts: number; error?: ItemError })[],
) {
  if (items.length === 0) return;
  await db.query(
    `update polymath.item set status = new.status, attempts = new.attempts, error = new.error
     from jsonb_to_recordset($2::jsonb) as new (stage int, place text, status text, attempts int, error jsonb)
     where run = $1 and item.stage = new.stage and item.place = new.place and item.status = 'waiting'`,
    [run, JSON.stringify(items)],
  );
}

export async function countItems(db: Queryable, run: string, stageCount: number): Promise<StageCounts[]> {
  const rows = await db.query<{ stage: number; status: ItemStatus; count: number }>(
    "select stage, status, count(*)::int as count from polymath.item where run = $1 group by stage, status",
    [run],
  );
  const counts = Array.from({ length: stageCount }, () => ({ waiting: 0, done: 0, rejected: 0, poison: 0 }));
  for (const { stage, status, count } of rows) counts[stage]![status] = count;
  return counts;
}

export interface RunRow {
  id: string;
  pipeline: string;
  settings: unknown;
  status: RunStatus;
  /** Why it is paused. */
  reason: string | null;
}

export async function findRun(db: Queryable, id: string): Promise<RunRow | undefined> {
  const [row] = await db.query<RunRow>(
    "select id, pipeline, settings, status, reason from polymath.pipeline_run where id = $1",
    [id],
  );
  return row;
}

export async function listRuns(db: Queryable, status?: RunStatus): Promise<RunRow[]> {
  return db.query<RunRow>(
    `select id, pipeline, settings, status, reason from polymath.pipeline_run
     where $1::text is null or status = $1 order by created, id`,
    [status ?? null],
  );
}

export async function setStatus(db: Queryable, id: string, status: RunStatus, reason?: string): Promise<void> {
  await db.query("update polymath.pipeline_run set status = $2, reason = $3 where id = $1", [
    id,
    status,
    reason ?? null,
  ]);
}

/** Pages through a query by place, so that memory stays flat. */
export async function* readItems<Row extends { place: string }>(
  db: Database,
  select: string,
  params: readonly unknown[],
  pageSize = 1000,
): AsyncGenerator<Row> {
  for (let after = ""; ; ) {
    const rows = await db.query<Row>(`${select} and place > $${params.length + 1} order by place limit ${pageSize}`, [
      ...params,
      after,
    ]);
    yield* rows;
    if (rows.length < pageSize) return;
    after = rows.at(-1)!.place;
  }
}
