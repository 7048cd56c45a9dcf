/** The server under stress: full queues, clients that leave, shutdown, keys, hosts, huge bodies. */
import { request } from "node:http";
import OpenAI, { AuthenticationError, RateLimitError } from "openai";
import { expect, onTestFinished, suite, test } from "vitest";
import { startServer } from "./serve.ts";
import { hello, readEvents, type TestServer, testServer, until } from "./server.fixtures.ts";

/** A server for one test. */
async function open(...options: Parameters<typeof testServer>): Promise<TestServer> {
  const server = await testServer(...options);
  onTestFinished(() => server.close({ graceMs: 0 }));
  return server;
}

const endless = { tokens: () => Array.from({ length: 10_000 }, (_, i) => ` ${i}`), tokenDelayMs: 10 };

suite("back-pressure", () => {
  test("a full queue answers 429 with Retry-After at once; those who wait are served", async () => {
    const server = await open({ tokenDelayMs: 10 }, { maxActive: 2, maxQueue: 3 });
    const answers = Array.from({ length: 5 }, () => server.post("/chat/completions", hello));
    await until(() => server.openCount === 5);
    const refused = await server.post("/chat/completions", { ...hello, stream: true });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(((await refused.json()) as any).error).toMatchObject({ type: "rate_limit_exceeded", code: "queue_full" });
    const client = new OpenAI({ baseURL: server.url, apiKey: "none", maxRetries: 0 });
    await expect(client.chat.completions.create(hello)).rejects.toThrow(RateLimitError);
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses).toEqual([200, 200, 200, 200, 200]);
    expect(server.fake.peakCount).toBe(2);
  });

  test("the official client's own retries get through a full queue", async () => {
    const server = await open({ tokenDelayMs: 2 }, { maxActive: 1, maxQueue: 1 });
    const client = new OpenAI({ baseURL: server.url, apiKey: "none", maxRetries: 5 });
    const replies = await Promise.all(Array.from({ length: 4 }, () => client.chat.completions.create(hello)));
    expect(replies).toHaveLength(4);
  });
});

suite("a client that leaves", () => {
  test.each([true, false])("stops its generation within a second (stream: %s)", async (stream) => {
    const server = await open(endless);
    const leave = new AbortController();
    const answer = server.post("/chat/completions", { ...hello, stream }, { signal: leave.signal });
    if (stream) await (await answer).body!.getReader().read();
    else await until(() => server.fake.activeCount === 1);
    const left = performance.now();
    leave.abort();
    await answer.catch(() => {});
    await until(() => server.fake.abortedCount === 1 && server.openCount === 0);
    expect(server.fake.abortedAt - left).toBeLessThan(1000);
  });

  test("gives up its place in the queue", async () => {
    const server = await open(endless, { maxActive: 1, maxQueue: 1 });
    const [first, second] = [new AbortController(), new AbortController()];
    const running = server.post("/chat/completions", hello, { signal: first.signal }).catch(() => {});
    await until(() => server.fake.activeCount === 1);
    const waiting = server.post("/chat/completions", hello, { signal: second.signal }).catch(() => {});
    await until(() => server.openCount === 2);
    second.abort();
    await until(() => server.openCount === 1);
    first.abort();
    await Promise.all([running, waiting]);
    await until(() => server.openCount === 0);
    expect(server.fake.requests).toHaveLength(1);
    const metrics = await (await fetch(server.url.replace("/v1", "/metrics"))).text();
    expect(metrics).toContain('outcome="client_closed_request"} 2');
  });

  test("leaves the others alone", async () => {
    const server = await open({ tokenDelayMs: 5 });
    const leavers = Array.from({ length: 5 }, () => new AbortController());
    const ask = (signal?: AbortSignal) => server.post("/chat/completions", { ...hello, stream: true }, { signal });
    const left = leavers.map(async ({ signal }) => (await ask(signal)).text().catch(() => "left"));
    const stayed = Array.from({ length: 15 }, async () => readEvents(await ask()));
    await until(() => server.fake.activeCount === 20);
    leavers.forEach((leaver) => void leaver.abort());
    const texts = (await Promise.all(stayed)).map((events) => events.at(-1));
    expect(texts).toEqual(Array.from({ length: 15 }, () => "[DONE]"));
    await Promise.allSettled(left);
    await until(() => server.fake.activeCount === 0);
    expect(server.fake.abortedCount).toBe(5);
  });
});

suite("time and shutdown", () => {
  test("a request that takes too long is cut off", async () => {
    const server = await open(endless, { requestTimeoutMs: 100 });
    const response = await server.post("/chat/completions", hello);
    expect([response.status, ((await response.json()) as any).error.code]).toEqual([504, "timeout"]);
    const events = await readEvents(await server.post("/chat/completions", { ...hello, stream: true }));
    expect(JSON.parse(events.at(-1)!).error.code).toBe("timeout");
    await until(() => server.fake.activeCount === 0);
  });

  test("shutdown lets what runs end, refuses what waits and what comes", async () => {
    const server = await testServer({ tokenDelayMs: 20 }, { maxActive: 1 });
    const running = server.post("/chat/completions", { ...hello, stream: true });
    await until(() => server.fake.activeCount === 1);
    const waiting = server.post("/chat/completions", hello);
    await until(() => server.openCount === 2);
    const closed = server.close();
    expect((await waiting).status).toBe(503);
    expect((await readEvents(await running)).at(-1)).toBe("[DONE]");
    await closed;
    await expect(server.post("/chat/completions", hello)).rejects.toThrow("fetch failed");
  });

  test("after the grace it breaks off with an error the client sees", async () => {
    const server = await testServer(endless);
    const running = server.post("/chat/completions", { ...hello, stream: true });
    await until(() => server.fake.activeCount === 1);
    const began = performance.now();
    await server.close({ graceMs: 100 });
    expect(performance.now() - began).toBeLessThan(1500);
    const events = await readEvents(await running);
    expect(JSON.parse(events.at(-1)!).error.code).toBe("shutting_down");
    expect(server.fake.activeCount).toBe(0);
  });

  test("a port that is taken is a usage error", async () => {
    const server = await open();
    const port = Number(new URL(server.url).port);
    await expect(startServer({ models: [{ id: "x", endpoint: server.fake }], port })).rejects.toThrow(
      `Cannot listen: 127.0.0.1:${port} is taken by another program`,
    );
  });
});

suite("who may ask", () => {
  test("with a key: its holders, and everybody on /health", async () => {
    const server = await open({}, { apiKey: "sesame-open" });
    const client = (apiKey: string) => new OpenAI({ baseURL: server.url, apiKey, maxRetries: 0 });
    expect((await client("sesame-open").chat.completions.create(hello)).choices).toHaveLength(1);
    await expect(client("sesame").chat.completions.create(hello)).rejects.toThrow(AuthenticationError);
    const root = server.url.replace("/v1", "");
    const bare = await fetch(`${root}/metrics`);
    expect([bare.status, bare.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    expect((await fetch(`${root}/health`)).status).toBe(200);
    expect(server.lines.join("")).not.toContain("sesame");
  });

  test.each([
    ["Host", "evil.example", 403],
    ["Host", "evil.example:8000", 403],
    ["Host", "localhost:8000", 200],
    ["Host", "[::1]:8000", 200],
    ["Origin", "https://evil.example", 403],
    ["Origin", "null", 403],
    ["Origin", "http://localhost:3000", 200],
  ])("without a key on loopback, %s: %s is answered %d", async (name, value, status) => {
    const server = await open();
    expect(await statusWith(server, { [name]: value })).toBe(status);
  });

  test("an open address without a key is warned about", async () => {
    const server = await open({}, { host: "0.0.0.0" });
    expect(server.lines[0]).toContain("server-open");
    expect(await statusWith(server, { Host: "my-machine:8000" })).toBe(200);
    const safe = await open({}, { host: "0.0.0.0", apiKey: "sesame-open" });
    expect(safe.lines).toEqual([]);
  });
});

suite("bodies", () => {
  test.each([true, false])("larger than the limit are refused (length told: %s)", async (isTold) => {
    const server = await open({}, { maxBodyBytes: 10_000 });
    const text = JSON.stringify({ ...hello, padding: "x".repeat(50_000) });
    const body = isTold ? text : new Blob([text]).stream();
    const response = await server.post("/chat/completions", "", { body, duplex: "half" } as RequestInit);
    expect([response.status, ((await response.json()) as any).error.code]).toEqual([413, "body_too_large"]);
    expect((await server.post("/chat/completions", hello)).status).toBe(200);
  });

  test("that are not UTF-8 are refused", async () => {
    const server = await open();
    const response = await server.post("/chat/completions", "", { body: Buffer.from([0x22, 0xff, 0x22]) });
    expect(((await response.json()) as any).error.message).toContain("not UTF-8");
  });
});

/** fetch sets Host and Origin itself. */
function statusWith({ url }: TestServer, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${url}/models`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    });
    outgoing.on("error", reject).end();
  });
}
