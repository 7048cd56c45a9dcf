/** A listening server around an app: where it is bound, and how it stops. */
import { once } from "node:events";
import type { Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";
import { UsageError } from "../core/errors.ts";
import { createLog, type Log } from "../core/log.ts";
import { type Calls, createCalls } from "./calls.ts";
import { isLoopback } from "./guards.ts";

export interface HttpOptions {
  /** Address or name to listen on; default 127.0.0.1, which only this machine reaches. */
  host?: string;
  /** Default 8000; 0 takes a free one. */
  port?: number;
  /** Wanted as a bearer token when set. Never logged. */
  apiKey?: string;
  /** From the arrival of a request to the end of its answer, milliseconds; default 600 000. */
  requestTimeoutMs?: number;
  /** Of one request's body; default 32 MiB: room for a few pictures. */
  maxBodyBytes?: number;
  log?: Log;
}

/** What an app is built with: the options with their defaults, and the requests being served. */
export interface HttpContext {
  apiKey: string | undefined;
  /** Take requests of this machine's programs only; see `requireLocal`. */
  localOnly: boolean;
  maxBodyBytes: number;
  log: Log;
  calls: Calls;
}

export interface HttpApp {
  app: Hono;
  /** Turns away those that wait for their turn; called once, when the server stops. */
  turnAway(): void;
}

export interface RunningServer {
  /** Base URL for clients, ending in /v1. */
  readonly url: string;
  /** Requests being answered. */
  readonly openCount: number;
  /**
   * Stops: takes no new requests, turns away those that wait, gives the others `graceMs` (default 10 000) to end and
   * then breaks them off with an error.
   */
  close(options?: { graceMs?: number }): Promise<void>;
}

/** @throws UsageError when the address cannot be listened on */
export async function startHttp(
  options: HttpOptions,
  create: (context: HttpContext) => HttpApp,
): Promise<RunningServer> {
  const { host = "127.0.0.1", port = 8000, apiKey, log = createLog() } = options;
  const { requestTimeoutMs = 600_000, maxBodyBytes = 32 * 2 ** 20 } = options;
  const calls = createCalls(requestTimeoutMs);
  const localOnly = apiKey === undefined && isLoopback(host);
  const { app, turnAway } = create({ apiKey, localOnly, maxBodyBytes, log, calls });
  // The process's own Request and Response stay as they are: others in it use fetch.
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server;
  server.keepAliveTimeout = 75_000; // longer than clients keep connections, so that they do not send into a closing one
  const sent = watchResponses(server);
  await listen(server, host, port);
  if (apiKey === undefined && !isLoopback(host)) {
    log.warn("server-open", {
      host,
      risk: "everybody who reaches this address can use it: ask for a key (--help names the flag)",
    });
  }

  const stop = async (graceMs: number) => {
    const closed = once(server, "close");
    server.close();
    turnAway();
    await calls.drain(graceMs);
    await sent.settle(1000);
    server.closeAllConnections(); // also those that never asked anything
    await closed;
  };
  let stopped: Promise<void> | undefined;
  return {
    url: `http://${clientHost(host)}:${(server.address() as AddressInfo).port}/v1`,
    get openCount() {
      return calls.count;
    },
    close: ({ graceMs = 10_000 } = {}) => (stopped ??= stop(graceMs)),
  };
}

/** An answer is complete before its last bytes have left: `settle` waits for them, up to a limit. */
function watchResponses(server: Server): { settle(limitMs: number): Promise<void> } {
  const open = new Set<ServerResponse>();
  server.on("request", (_, response) => {
    open.add(response);
    response.once("close", () => open.delete(response));
  });
  return {
    async settle(limitMs) {
      const closings = Array.from(open, (response) => once(response, "close"));
      const limit = new AbortController();
      await Promise.race([Promise.all(closings), sleep(limitMs, undefined, limit).catch(() => {})]);
      limit.abort();
    },
  };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    const listening = once(server, "listening");
    server.listen(port, host);
    await listening;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reasons: Record<string, [problem: string, hint: string]> = {
      EADDRINUSE: ["is taken by another program", "Choose another --port; 0 takes a free one."],
      EACCES: ["is not allowed for this user", "Choose a --port above 1023."],
      EADDRNOTAVAIL: ["is no address of this machine", "Use --host 127.0.0.1, or 0.0.0.0 for all its addresses."],
      ENOTFOUND: ["is not known by name", "Use --host 127.0.0.1, or 0.0.0.0 for all its addresses."],
    };
    const known = reasons[code ?? ""];
    if (!known) throw error;
    throw new UsageError(`Cannot listen: ${clientHost(host)}:${port} ${known[0]}`, { hint: known[1] });
  }
}

/** How this machine's clients write the host: wildcards are no address to call. */
function clientHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}
