/**
 * Works on one run: takes items, lets their stages run, and writes down what came of them, many at a time.
 *
 * The order of writing makes dying harmless: first the result and the items that follow, then their jobs, then the mark
 * that this one is done, then the end of its job. Whatever comes twice is the same as once.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { contentHash } from "../core/canonical.ts";
import { PolymathError } from "../core/errors.ts";
import { validate } from "../core/schema.ts";
import type { Database } from "./database.ts";
import type { Outcome, Pipeline, Stage } from "./pipeline.ts";
import { heartbeatSeconds, type Queue, type QueuedJob } from "./queue.ts";
import {
  addItems,
  addResults,
  countItems,
  type Finished,
  findRun,
  findWaiting,
  type ItemError,
  markItems,
  type RunStatus,
  type StoredItem,
  setStatus,
} from "./store.ts";

export interface WorkOptions {
  database: Database;
  queue: Queue;
  run: string;
  pipeline: Pipeline;
  /** Items worked on at a time; default 8. */
  concurrency?: number;
  signal: AbortSignal;
  /** False while more items are being added: then having nothing to do is not the end. */
  isWhole?: () => boolean;
  /** Called when something was written down. */
  onWritten?: () => void;
}

/** Items written down together at most, and how long the first of them may wait. */
const [mostAtOnce, flushMs] = [200, 25];
const idleMs = 50;
/** How often the run's status is looked at. */
const statusMs = 500;

/** What ends the run rather than an item: no other item would fare better. */
const runEndingCodes = new Set(["BUDGET", "ENDPOINT_AUTH", "ENDPOINT_MODEL", "ENDPOINT_ADDRESS", "CACHE_MISS"]);

/**
 * Until the run is finished or paused, or the signal fires; then what is under way is given back.
 * @returns the run's status
 */
export async function work(options: WorkOptions): Promise<RunStatus> {
  const {
    database,
    queue,
    run,
    pipeline,
    concurrency = 8,
    signal,
    isWhole = () => true,
    onWritten = () => {},
  } = options;
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const underWay = new Map<string, Promise<void>>();
  const asked = new Map<string, Promise<Outcome>>(); // by hash, until they are written down
  const [buffer, failed]: [Ended[], string[]] = [[], []];
  let flushing: Promise<void> | undefined;
  let fault: unknown;
  let pausedFor: string | undefined;

  async function flush(): Promise<void> {
    while (buffer.length > 0 || failed.length > 0) {
      const [ended, again] = [buffer.splice(0, mostAtOnce), failed.splice(0, mostAtOnce)];
      await writeDown(options, ended);
      for (const { finished } of ended) if (finished?.result) asked.delete(finished.result.hash);
      await queue.fail(run, again);
      onWritten();
    }
  }
  const flushSoon = () => {
    flushing ??= sleep(buffer.length >= mostAtOnce ? 0 : flushMs)
      .then(flush)
      .catch((error) => {
        fault ??= error;
        stop.abort(error);
      })
      .finally(() => {
        flushing = undefined;
        if (buffer.length > 0 && !fault) flushSoon();
      });
  };
  const end = (ended: Ended) => {
    buffer.push(ended);
    flushSoon();
  };

  /** Equal items that come together are worked on once. */
  function ask(hash: string, run: () => Promise<Outcome>): Promise<Outcome> {
    const known = asked.get(hash);
    if (known) return known;
    const asking = run();
    asked.set(hash, asking);
    asking.catch(() => asked.delete(hash));
    return asking;
  }

  async function runItem(job: QueuedJob, item: StoredItem): Promise<void> {
    const stage = pipeline.stages[item.stage]!;
    const attempts = item.attempts + 1;
    const key = { stage: item.stage, place: item.place };
    try {
      const input = check(stage, item.input);
      const outcome = await ask(item.hash, async () =>
        plain(await stage.run(input, { signal: either, attempt: attempts, place: item.place })),
      );
      end({ job, finished: { ...key, ...statusOf(outcome), attempts, result: { hash: item.hash, outcome } }, outcome });
    } catch (error) {
      if (either.aborted) return queue.giveBack(run, [job.id]);
      const described = describeError(error);
      if (runEndingCodes.has(described.code)) {
        pausedFor ??= `${stage.name}: ${described.message}`;
        stop.abort(error);
        return queue.giveBack(run, [job.id]);
      }
      const isLast = attempts >= (stage.attempts ?? 3) || (error as { retryable?: boolean }).retryable === false;
      if (isLast) return end({ job, finished: { ...key, status: "poison", attempts, error: described } });
      await database.query(
        "update polymath.item set attempts = $4, error = $5 where run = $1 and stage = $2 and place = $3",
        [run, item.stage, item.place, attempts, JSON.stringify(described)],
      );
      failed.push(job.id);
      flushSoon();
    }
  }

  async function take(): Promise<number> {
    const jobs = await queue.fetch(run, concurrency - underWay.size);
    if (jobs.length === 0) return 0;
    const items = new Map(
      (await findWaiting(database, run, jobs)).map((item) => [`${item.stage} ${item.place}`, item]),
    );
    for (const job of jobs) {
      const item = items.get(`${job.stage} ${job.place}`);
      if (!item)
        end({ job }); // done by somebody whose job came back
      else if (item.outcome) {
        const { stage, place, attempts, outcome } = item;
        end({ job, finished: { stage, place, ...statusOf(outcome), attempts }, outcome });
      } else {
        const running = runItem(job, item).catch((error) => {
          fault ??= error;
          stop.abort(error);
        });
        underWay.set(
          job.id,
          running.finally(() => underWay.delete(job.id)),
        );
      }
    }
    return jobs.length;
  }

  let [lookedAt, beatAt] = [0, performance.now()];
  let status: RunStatus = "running";
  try {
    while (!either.aborted) {
      const now = performance.now();
      if (now - lookedAt > statusMs) {
        status = (await findRun(database, run))?.status ?? "finished";
        lookedAt = now;
        if (status !== "running") break;
      }
      if (now - beatAt > (heartbeatSeconds * 1000) / 3) {
        await queue.touch(run, [...underWay.keys()]);
        beatAt = now;
      }
      const hasRoom = underWay.size < concurrency && buffer.length < 2 * mostAtOnce;
      if (hasRoom && (await take()) > 0) continue;
      if (hasRoom && underWay.size === 0 && !flushing && isWhole() && (await isFinished(options))) {
        await setStatus(database, run, "finished");
        status = "finished";
        break;
      }
      await Promise.race([...underWay.values(), sleep(idleMs)]);
    }
  } catch (error) {
    fault ??= error;
  }
  stop.abort();
  await Promise.all(underWay.values());
  await flushing;
  if (pausedFor !== undefined) {
    await setStatus(database, run, "paused", pausedFor);
    status = "paused";
  }
  if (fault) throw fault;
  return status;
}

/** A job that has ended; without `finished` there was nothing left to do for it. */
interface Ended {
  job: QueuedJob;
  finished?: Finished;
  outcome?: Outcome;
}

async function writeDown({ database, queue, run, pipeline }: WorkOptions, ended: readonly Ended[]): Promise<void> {
  if (ended.length === 0) return;
  const finished = ended.flatMap((entry) => entry.finished ?? []);
  const followers = ended.flatMap(({ finished, outcome }) =>
    finished ? followersOf(pipeline, finished, outcome) : [],
  );
  await database.transaction(async (inside) => {
    await addResults(
      inside,
      finished.flatMap(({ result }) => result ?? []),
    );
    await addItems(inside, run, followers);
  });
  await queue.send(run, followers);
  await markItems(
    database,
    run,
    finished.map(({ stage, place, status, attempts, error }) => ({ stage, place, status, attempts, error })),
  );
  await queue.complete(
    run,
    ended.map(({ job }) => job.id),
  );
}

function followersOf({ stages }: Pipeline, { stage, place }: Finished, outcome: Outcome | undefined) {
  const next = stages[stage + 1];
  if (!next || !outcome || "reject" in outcome) return [];
  return outcome.items.map((input, index) => ({
    stage: stage + 1,
    place: outcome.items.length === 1 ? place : `${place}/${String(index).padStart(6, "0")}`,
    input,
    hash: itemHash(next, input),
  }));
}

/** Where the result of a stage for an item is kept. */
export function itemHash({ name, version, settings }: Stage, input: unknown): string {
  return contentHash({ stage: name, version, settings: settings ?? null, input });
}

async function isFinished({ database, run, pipeline }: WorkOptions): Promise<boolean> {
  return (await countItems(database, run, pipeline.stages.length)).every(({ waiting }) => waiting === 0);
}

const statusOf = (outcome: Outcome) => ({ status: "reject" in outcome ? ("rejected" as const) : ("done" as const) });

/**
 * As it comes back from the database, so that the first run and a resumed one see the same. PostgreSQL's JSON has neither
 * the character zero nor halves of surrogate pairs, and models write both.
 */
export function plain<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value), (_name, inner) =>
    typeof inner === "string" ? inner.toWellFormed().replaceAll("\0", "\ufffd") : inner,
  );
}

function check(stage: Stage, input: unknown): unknown {
  if (!stage.input) return input;
  const result = validate(stage.input, input);
  if ("value" in result) return result.value;
  const details = result.problem.hint ? { hint: result.problem.hint } : {};
  throw Object.assign(new PolymathError("DATA", `${stage.name}: ${result.problem.message}`, details), {
    retryable: false,
  });
}

function describeError(error: unknown): ItemError {
  const { code, message, hint } = error as Partial<PolymathError>;
  return { code: code ?? "FAULT", message: message ?? String(error), ...(hint !== undefined && { hint }) };
}
