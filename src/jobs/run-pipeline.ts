/** Starts, resumes, pauses and reads runs of pipelines. */
import { isDeepStrictEqual } from "node:util";
import { UsageError } from "../core/errors.ts";
import type { Database } from "./database.ts";
import type { Pipeline } from "./pipeline.ts";
import { openQueue, type Queue, type QueueOptions } from "./queue.ts";
import {
  addItems,
  countItems,
  findRun,
  type ItemError,
  type RunStatus,
  readItems,
  type StageCounts,
  setStatus,
} from "./store.ts";
import { createTables } from "./tables.ts";
import { itemHash, plain, work } from "./work.ts";

export interface PipelineState {
  status: RunStatus;
  /** Why it is paused. */
  reason: string | undefined;
  /** One per stage, in order. */
  stages: (StageCounts & { name: string })[];
}

export interface RunPipelineOptions extends QueueOptions {
  database: Database;
  pipeline: Pipeline;
  /** Names the run: the same id goes on where it was. */
  id: string;
  /** What the pipeline was made from, for workers in other processes. Plain data. */
  settings?: unknown;
  /** In an order that does not change between calls. */
  input: Iterable<unknown> | AsyncIterable<unknown>;
  /** Items worked on at a time by this process; default 8, 0 leaves all work to other workers. */
  concurrency?: number;
  signal?: AbortSignal;
  /** Called about twice a second, and at the end. */
  onProgress?(state: PipelineState): void;
}

const pageSize = 500;

/**
 * Puts the input in, works until every item has ended, and says what became of them. Interrupted anywhere, by a signal
 * or SIGKILL, the same call goes on and ends with the same results.
 * @throws UsageError when the id belongs to another pipeline or other settings; what the signal aborts with
 */
export async function runPipeline(options: RunPipelineOptions): Promise<PipelineState> {
  const { database, pipeline, id, settings = null, concurrency = 8, onProgress = () => {} } = options;
  const signal = options.signal ?? new AbortController().signal;
  await createTables(database);
  const queue = await openQueue(database, options);
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const watch = setInterval(() => {
    pipelineState(database, pipeline, id).then(onProgress, () => {}); // the next one will do
  }, 500);
  try {
    await openRun(database, pipeline, id, settings);
    await queue.open(id);
    let isWhole = false;
    const adding = addInput(options, queue, either).then(() => {
      isWhole = true;
    });
    adding.catch((error) => stop.abort(error));
    if (concurrency > 0) {
      await work({ database, queue, run: id, pipeline, concurrency, signal: either, isWhole: () => isWhole });
    } else {
      await adding;
      await untilEnded(database, pipeline, id, either);
    }
    if (stop.signal.aborted) await adding;
    signal.throwIfAborted();
    const state = await pipelineState(database, pipeline, id);
    onProgress(state);
    return state;
  } finally {
    clearInterval(watch);
    stop.abort();
    await queue.close();
  }
}

/** Lets no worker take more items of a run; `runPipeline` or a worker goes on after `continueRun`. */
export async function pauseRun(database: Database, id: string, reason = "paused by hand"): Promise<void> {
  await setStatus(database, id, "paused", reason);
}

/** Lets a paused run go on. */
export async function continueRun(database: Database, id: string): Promise<void> {
  await setStatus(database, id, "running");
}

/** How far a run is: its status, and the items of each stage by what became of them. */
export async function pipelineState(database: Database, pipeline: Pipeline, id: string): Promise<PipelineState> {
  const [row, counts] = await Promise.all([findRun(database, id), countItems(database, id, pipeline.stages.length)]);
  return {
    status: row?.status ?? "running",
    reason: row?.reason ?? undefined,
    stages: counts.map((count, stage) => ({ name: pipeline.stages[stage]!.name, ...count })),
  };
}

/** What left the last stage, in the order of the input. */
export async function* pipelineResults<Item>(database: Database, pipeline: Pipeline, id: string): AsyncGenerator<Item> {
  const rows = readItems<{ place: string; outcome: { items: Item[] } }>(
    database,
    `select place, outcome from polymath.item join polymath.result using (hash)
     where run = $1 and stage = $2 and status = 'done'`,
    [id, pipeline.stages.length - 1],
  );
  for await (const { outcome } of rows) yield* outcome.items;
}

export interface Reject {
  place: string;
  item: unknown;
  reject: string;
  detail?: unknown;
}

/** What a stage turned away, in the order of the input. */
export function pipelineRejects(
  database: Database,
  pipeline: Pipeline,
  id: string,
  stage: string,
): AsyncGenerator<Reject> {
  return readItems<Reject>(
    database,
    `select place, input as item, outcome->>'reject' as reject, outcome->'detail' as detail
     from polymath.item join polymath.result using (hash) where run = $1 and stage = $2 and status = 'rejected'`,
    [id, stageIndex(pipeline, stage)],
  );
}

export interface PoisonItem {
  place: string;
  stage: number;
  item: unknown;
  attempts: number;
  error: ItemError;
}

/** Items that were set aside because their stage failed each time. */
export async function poisonItems(database: Database, id: string): Promise<PoisonItem[]> {
  return database.query<PoisonItem>(
    `select place, stage, input as item, attempts, error from polymath.item
     where run = $1 and status = 'poison' order by stage, place`,
    [id],
  );
}

/** Lets poison items be tried again, e.g. after the endpoint was mended. @returns how many */
export async function retryPoison(database: Database, id: string): Promise<number> {
  const rows = await database.query(
    "update polymath.item set status = 'waiting', attempts = 0 where run = $1 and status = 'poison' returning stage, place",
    [id],
  );
  // Their jobs have ended: dropped, so that they can be sent anew.
  await database.query(
    `delete from pgboss.job where name = $1 and state = 'completed'
     and (data->>'stage')::int = any($2::int[]) and data->>'place' = any($3::text[])`,
    [`run-${id}`, rows.map(({ stage }) => stage), rows.map(({ place }) => place)],
  );
  if (rows.length > 0) await setStatus(database, id, "running");
  return rows.length;
}

function stageIndex({ name, stages }: Pipeline, stage: string): number {
  const index = stages.findIndex((other) => other.name === stage);
  if (index !== -1) return index;
  throw new UsageError(`${name} has no stage "${stage}"`, {
    hint: `It has: ${stages.map((one) => one.name).join(", ")}`,
  });
}

async function openRun(database: Database, pipeline: Pipeline, id: string, settings: unknown): Promise<void> {
  if (!/^[\w-]+$/.test(id))
    throw new UsageError(`"${id}" is no name for a run`, { hint: "Use letters, digits, - and _." });
  await database.query(
    `insert into polymath.pipeline_run (id, pipeline, settings, status) values ($1, $2, $3, 'running')
     on conflict (id) do update set status = 'running', reason = null where pipeline_run.status = 'paused'`,
    [id, pipeline.name, JSON.stringify(settings)],
  );
  const row = (await findRun(database, id))!;
  if (row.pipeline === pipeline.name && isDeepStrictEqual(row.settings, JSON.parse(JSON.stringify(settings)))) return;
  const what = row.pipeline === pipeline.name ? "was begun with other settings" : `belongs to pipeline ${row.pipeline}`;
  throw new UsageError(`Run ${id} ${what}`, { hint: "Begin a new run: what it has in common is not worked on again." });
}

async function addInput({ database, pipeline, id, input }: RunPipelineOptions, queue: Queue, signal: AbortSignal) {
  const [first] = pipeline.stages;
  let page: { stage: number; place: string; input: unknown; hash: string }[] = [];
  const add = async () => {
    await addItems(database, id, page);
    // Also those of a call that died between the two; the ids of jobs that are there already are passed over.
    await queue.send(id, await waitingOf(database, id, page));
    page = [];
  };
  let index = 0;
  for await (const item of input) {
    signal.throwIfAborted();
    const input = plain(item);
    page.push({ stage: 0, place: String(index++).padStart(9, "0"), input, hash: itemHash(first!, input) });
    if (page.length === pageSize) await add();
  }
  await add();
  // And those of later stages whose job was lost, e.g. given up as poison and let in again.
  await queue.send(
    id,
    await database.query("select stage, place from polymath.item where run = $1 and stage > 0 and status = 'waiting'", [
      id,
    ]),
  );
}

async function waitingOf(database: Database, id: string, page: readonly { place: string }[]) {
  return database.query<{ stage: number; place: string }>(
    "select stage, place from polymath.item where run = $1 and stage = 0 and status = 'waiting' and place = any($2::text[])",
    [id, page.map(({ place }) => place)],
  );
}

/** Waits for workers in other processes. */
async function untilEnded(database: Database, pipeline: Pipeline, id: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { status, stages } = await pipelineState(database, pipeline, id);
    if (status !== "running") return;
    if (stages.every(({ waiting }) => waiting === 0)) return setStatus(database, id, "finished");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
