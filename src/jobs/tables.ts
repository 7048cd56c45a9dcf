/** The tables beside pg-boss's: runs, what became of each item in each stage, and results by content. */
import type { Database } from "./database.ts";

const statements = [
  "create schema if not exists polymath",
  `create table if not exists polymath.pipeline_run (
    id text primary key,
    pipeline text not null,
    settings jsonb not null,
    status text not null, -- running, paused, finished
    reason text,
    created timestamptz not null default now()
  )`,
  `create table if not exists polymath.item (
    run text not null references polymath.pipeline_run (id) on delete cascade,
    stage int not null,
    place text not null, -- sorts as the input did
    input jsonb not null,
    hash text not null, -- of stage and input
    status text not null default 'waiting', -- waiting, done, rejected, poison
    attempts int not null default 0,
    error jsonb,
    primary key (run, stage, place)
  )`,
  // Counted twice a second while a pipeline runs.
  "create index if not exists item_status on polymath.item (run, stage, status)",
  `create table if not exists polymath.result (
    hash text primary key,
    outcome jsonb not null,
    created timestamptz not null default now()
  )`,
];

/** Harmless where they exist; several processes may come at once. */
export async function createTables(database: Database): Promise<void> {
  await database.transaction(async ({ query }) => {
    if (database.isShared) await query("select pg_advisory_xact_lock(7311920)"); // "create if not exists" races
    for (const statement of statements) await query(statement);
  });
}
