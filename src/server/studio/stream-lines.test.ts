/** A reply that is written while it is read: its lines, its error, and a reader that leaves. */
import { Hono } from "hono";
import { expect, onTestFinished, suite, test } from "vitest";
import { DataError } from "../../core/errors.ts";
import { startHttp } from "../http.ts";
import { streamLines } from "./stream-lines.ts";

const linesOf = async (response: Response) =>
  (await response.text())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

suite("streamed lines", () => {
  test("come in order; an error of ours is the last one, in its own words", async () => {
    const response = streamLines(async function* () {
      yield { kind: "first" };
      throw new DataError("it is damaged", { hint: "Make it anew." });
    }, "It failed");
    expect(await linesOf(response)).toEqual([
      { kind: "first" },
      { kind: "problem", message: "it is damaged", hint: "Make it anew." },
    ]);
  });

  test("what is no error of ours does not tell about the machine", async () => {
    const response = streamLines(async function* () {
      yield* [];
      throw new Error("/home/somebody/secret");
    }, "It failed");
    expect(await linesOf(response)).toEqual([{ kind: "problem", message: "It failed", hint: null }]);
  });

  test("a page that is closed ends the work", async () => {
    const ended = Promise.withResolvers<string>();
    const endless = () =>
      streamLines(async function* (signal) {
        try {
          yield { step: 1 };
          await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
        } finally {
          ended.resolve(signal.aborted ? "aborted" : "went on");
        }
      }, "It failed");
    const app = new Hono().post("/draw", endless);
    const server = await startHttp({ port: 0 }, () => ({ app, turnAway: () => {} }));
    onTestFinished(() => server.close());
    const page = new AbortController();
    const url = new URL("/draw", server.url);
    const reader = (await fetch(url, { method: "POST", signal: page.signal })).body!.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('{"step":1}\n');
    page.abort();
    expect(await ended.promise).toBe("aborted");
  });
});
