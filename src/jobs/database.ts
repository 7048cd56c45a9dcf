/**
 * Where jobs are kept: a PostgreSQL inside this process (PGlite, a folder), or any PostgreSQL server, which lets many
 * machines work on one pipeline. The SQL is the same.
 */
import { mkdir } from "node:fs/promises";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { type Db as BossDatabase, fromPglite } from "pg-boss";
import { ConfigError, PolymathError, UsageError } from "../core/errors.ts";
import { type FileLock, tryLockFile } from "../core/file-lock.ts";
import { redact } from "../core/secrets.ts";

export interface Queryable {
  /** Runs one statement with `$1`-style parameters and gives its rows. */
  query<Row = Record<string, any>>(sql: string, params?: readonly unknown[]): Promise<Row[]>;
}

export interface Database extends Queryable {
  /** Whether other processes can work on it at the same time. */
  readonly isShared: boolean;
  /** Where it is, without a password. */
  readonly place: string;
  /** The same database as pg-boss wants it. */
  readonly boss: BossDatabase;
  /** All or nothing. */
  transaction<Result>(work: (inside: Queryable) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** `postgres://…`; default POLYMATH_DATABASE_URL, and without it the embedded database in `dir`. */
  url?: string;
  /** Folder of the embedded database; "memory" keeps nothing. */
  dir: string;
}

/** @throws ConfigError when the server does not answer; UsageError when another process holds the embedded database */
export async function openDatabase({
  url = process.env.POLYMATH_DATABASE_URL,
  dir,
}: DatabaseOptions): Promise<Database> {
  return url ? openServer(url) : openEmbedded(dir);
}

async function openServer(url: string): Promise<Database> {
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({ connectionString: url, max: 8, application_name: "polymath" });
  pool.on("error", () => {}); // an idle connection broke: the next query opens another one, or says why it cannot
  const place = redact(url);
  const rowsOf = (result: unknown) => (result as { rows: any[] }).rows;
  await pool.query("select 1").catch(async (cause) => {
    await pool.end();
    throw new ConfigError(`${place}: ${cause.message || cause.code}`, {
      hint: "Check POLYMATH_DATABASE_URL; without it a database inside this process is used.",
      cause,
    });
  });
  const query = async (sql: string, params: readonly unknown[] = []) => rowsOf(await pool.query(sql, [...params]));
  return {
    isShared: true,
    place,
    boss: {
      async executeSql(text, values = []) {
        const result: unknown = await pool.query(text, values);
        // Several statements give several results; pg-boss wants the rows of all.
        return { rows: Array.isArray(result) ? result.flatMap(rowsOf) : rowsOf(result) };
      },
    },
    query,
    async transaction(work) {
      const client = await pool.connect();
      try {
        await client.query("begin");
        const result = await work({ query: async (sql, params = []) => rowsOf(await client.query(sql, [...params])) });
        await client.query("commit");
        return result;
      } catch (error) {
        await client.query("rollback").catch(() => {}); // the connection itself may be gone
        throw error;
      } finally {
        client.release();
      }
    },
    close: () => pool.end(),
  };
}

async function openEmbedded(dir: string): Promise<Database> {
  const { PGlite } = await import("@electric-sql/pglite");
  const isMemory = dir === "memory";
  const folder = isMemory ? "memory://" : resolve(dir);
  const lock = isMemory ? undefined : await lockFolder(folder);
  const pglite = await PGlite.create(isMemory ? folder : join(folder, "data")).catch((cause) => {
    lock?.release();
    throw new PolymathError("FAULT", `${folder}: the embedded database does not open: ${cause.message}`, { cause });
  });
  return {
    isShared: false,
    place: folder,
    boss: fromPglite(pglite),
    query: async (sql, params = []) => (await pglite.query(sql, [...params])).rows as any[],
    transaction: (work) =>
      pglite.transaction((inside) =>
        work({ query: async (sql, params = []) => (await inside.query(sql, [...params])).rows as any[] }),
      ),
    async close() {
      await pglite.close();
      lock?.release();
    },
  };
}

async function lockFolder(folder: string): Promise<FileLock> {
  await mkdir(folder, { recursive: true });
  const result = tryLockFile(join(folder, "lock"));
  if ("lock" in result) return result.lock;
  const { pid, host } = result.owner;
  throw new UsageError(`${folder} is held by process ${pid}${host === hostname() ? "" : ` on ${host}`}`, {
    hint: "The embedded database has one process at a time; for several, set POLYMATH_DATABASE_URL to a PostgreSQL.",
  });
}
