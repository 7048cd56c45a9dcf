/**
 * The server at full load: streams, whole answers, several choices, clients that leave, requests that are wrong. No
 * request is lost, no place stays taken, memory stays flat. Two minutes; POLYMATH_SOAK_S=3600 makes it an hour.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import OpenAI, { APIError, APIUserAbortError } from "openai";
import { afterAll, expect, test } from "vitest";
import { Random } from "../src/core/random.ts";
import { localEndpoint } from "../src/language/endpoint.ts";
import { startServer } from "../src/server/index.ts";
import { saveBabbler } from "./fixtures.ts";

const soakMs = 1000 * Number(process.env.POLYMATH_SOAK_S ?? 120);
const clientCount = 48;
const dir = mkdtempSync(join(tmpdir(), "polymath-soak-"));
afterAll(() => rmSync(dir, { recursive: true }));

/** What no collection can free is what has leaked. */
setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

type Ending = "answered" | "left" | "refused" | "lost";

/** One request of a random kind. @returns how it ended; only "lost" is wrong */
async function ask(client: OpenAI, rng: Random): Promise<Ending> {
  const kind = rng.choice(["stream", "stream", "whole", "choices", "leave", "wrong"]);
  const body = {
    model: "tiny",
    messages: [{ role: "user" as const, content: `${rng.int(1, 99)}+${rng.int(1, 99)}` }],
    max_tokens: kind === "wrong" ? -1 : rng.int(1, 100),
    n: kind === "choices" ? 5 : 1,
  };
  try {
    if (kind === "whole" || kind === "choices" || kind === "wrong") {
      const { choices } = await client.chat.completions.create(body);
      return choices.length === body.n ? "answered" : "lost";
    }
    const stream = await client.chat.completions.create({ ...body, stream: true });
    let pieceCount = 0;
    let isWhole = false;
    for await (const { choices } of stream) {
      if (choices[0]?.finish_reason) isWhole = true;
      if (kind === "leave" && ++pieceCount > 5) stream.controller.abort();
    }
    return isWhole ? "answered" : kind === "leave" ? "left" : "lost";
  } catch (error) {
    if (error instanceof APIUserAbortError && kind === "leave") return "left";
    const status = error instanceof APIError ? error.status : undefined;
    return status === 429 || (status === 400 && kind === "wrong") ? "refused" : "lost";
  }
}

test("a soak leaves memory flat and loses nothing", { timeout: 2 * soakMs + 60_000 }, async () => {
  await saveBabbler(dir);
  writeFileSync(join(dir, "chat_template.jinja"), "{{ bos_token }}{{ messages[0].content }}=");
  const endpoint = await localEndpoint({ dir, memoryBytes: 2 ** 20 }); // full soon: a cache that fills is no leak
  const server = await startServer({ models: [{ id: "tiny", endpoint }], port: 0, maxActive: 32, maxQueue: 8 });
  const client = new OpenAI({ baseURL: server.url, apiKey: "none", maxRetries: 0 });
  const endings: Record<Ending, number> = { answered: 0, left: 0, refused: 0, lost: 0 };
  const until = performance.now() + soakMs;
  const heapMiB: number[] = [];
  const watch = setInterval(() => {
    collectGarbage();
    heapMiB.push(Math.round(process.memoryUsage().heapUsed / 2 ** 20));
  }, soakMs / 10);
  await Promise.all(
    Array.from({ length: clientCount }, async (_, number) => {
      const rng = new Random("soak").split(number);
      while (performance.now() < until) {
        const ending = await ask(client, rng);
        endings[ending]++;
        if (ending === "refused") await new Promise((resolve) => setTimeout(resolve, rng.int(1, 50)));
      }
    }),
  );
  clearInterval(watch);
  await expect.poll(() => [server.openCount, endpoint.engine.stats().running], { timeout: 2000 }).toEqual([0, 0]);
  await server.close();
  await endpoint.close();
  console.log(`${JSON.stringify(endings)}, heap MiB by tenths: ${heapMiB}`);
  expect(endings.lost).toBe(0);
  for (const kind of ["answered", "left", "refused"] as const)
    expect(endings[kind], kind).toBeGreaterThan(soakMs / 1000);
  // The first tenths warm up: code is compiled, caches fill.
  expect(heapMiB.at(-1)! - heapMiB[2]!).toBeLessThan(8);
});
