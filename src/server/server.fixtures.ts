/** What the server's tests share: a server on a free port, requests to it, and the events of a stream. */
import type { Log, LogFields } from "../core/log.ts";
import { type FakeEndpoint, type FakeOptions, fakeEndpoint } from "./fake-endpoint.fixtures.ts";
import type { RunningServer } from "./http.ts";
import { type ServerOptions, startServer } from "./serve.ts";

export interface TestServer extends RunningServer {
  fake: FakeEndpoint;
  /** Lines of the log. */
  lines: string[];
  post(path: string, body: unknown, init?: RequestInit): Promise<Response>;
}

/** A server with one fake model called `fake`. */
export async function testServer(
  fakeOptions: FakeOptions = {},
  options: Partial<ServerOptions> = {},
): Promise<TestServer> {
  const fake = fakeEndpoint(fakeOptions);
  const lines: string[] = [];
  const write = (event: string, fields?: LogFields) => lines.push(`${event} ${JSON.stringify(fields)}`);
  const log: Log = { info: write, warn: write, debug: write };
  const server = await startServer({ models: [{ id: "fake", endpoint: fake }], port: 0, log, ...options });
  const post = (path: string, body: unknown, init: RequestInit = {}) =>
    fetch(`${server.url}${path}`, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      ...init,
      headers: { "Content-Type": "application/json", ...init.headers },
    });
  return Object.defineProperties({ fake, lines, post } as TestServer, Object.getOwnPropertyDescriptors(server));
}

export const hello = { model: "fake", messages: [{ role: "user" as const, content: "hello" }] };

/** The `data:` of each server-sent event, read as a client without a library would. */
export async function readEvents(response: Response): Promise<string[]> {
  const text = await response.text();
  return text
    .split("\n\n")
    .filter((event) => event.startsWith("data: "))
    .map((event) => event.slice("data: ".length));
}

/** Waits until a condition holds. @returns how long that took, milliseconds */
export async function until(condition: () => boolean, limitMs = 5000): Promise<number> {
  const began = performance.now();
  while (!condition()) {
    if (performance.now() - began > limitMs) throw new Error(`not so within ${limitMs} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return performance.now() - began;
}
