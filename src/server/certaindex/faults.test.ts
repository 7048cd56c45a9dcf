/** Crowds, breakdowns, retries, budgets, and clients that go away. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI from "openai";
import { expect, onTestFinished, suite, test } from "vitest";
import { type Fault, faultsBySeed, type MockOptions, type MockRequest } from "../../endpoint/testing/index.ts";
import { createShadow, Policy, readTrace, resultsFromTrace } from "../../systems/certaindex/index.ts";
import { rawServer, settlesAfter, type TestProxy, testProxy, think, wordsOf } from "./proxy.fixtures.ts";
import { startProxy } from "./proxy.ts";

const probed = { dynasor: { probe_interval: 8, certainty_window: 2 } };
const chat = (content: string, fields: object = probed) => ({
  model: "mock",
  messages: [{ role: "user", content }],
  stream: true,
  ...fields,
});
const isProbe = ({ prompt }: MockRequest) => prompt.endsWith("\\boxed{");
const isTest = ({ prompt }: MockRequest) => !/\bq\d*\b/.test(prompt); // of the proxy itself, at its start

async function readStream(response: Response): Promise<{ chunks: any[]; text: string; isDone: boolean }> {
  const events = (await response.text()).split("\n\n").flatMap((event) => /^data: (.*)$/s.exec(event)?.[1] ?? []);
  const chunks = events.filter((event) => event !== "[DONE]").map((event) => JSON.parse(event));
  const text = chunks.map(({ choices }) => choices?.[0]?.delta?.content ?? "").join("");
  return { chunks, text, isDone: events.at(-1) === "[DONE]" };
}

suite("a crowd", () => {
  test("200 streams at once, 10 % faults: nothing lost or mixed, every end valid, no connection left", async () => {
    const rates = { rateLimit: 0.03, overload: 0.02, die: 0.03, malformed: 0.02 };
    const draw = faultsBySeed(5, rates);
    const late = (fault: Fault | undefined): Fault | undefined =>
      fault && "afterTokens" in fault ? { ...fault, afterTokens: fault.afterTokens! * 8 } : fault; // some in mid-stream
    const proxy = await testProxy({
      answer: think(settlesAfter(8, 60)),
      tokenDelayMs: 15, // room for 200 streams and their probes in one process
      faults: (request) => (isTest(request) ? undefined : late(draw(request))),
    });
    onTestFinished(() => proxy.close());
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const response = await proxy.post("/chat/completions", chat(`q${index}`));
        expect(response.status).toBe(200);
        return { index, ...(await readStream(response)) };
      }),
    );
    const ends = { settled: 0, natural: 0, failed: 0 };
    for (const { index, chunks, text, isDone } of answers) {
      const last = chunks.at(-1);
      expect(isDone).toBe(true);
      expect(last).toMatchObject({ object: "chat.completion.chunk", choices: [{ index: 0, delta: {} }] });
      expect(last.choices[0].finish_reason).toMatch(/^(stop|abort)$/);
      expect(last.usage.total_tokens).toBe(last.usage.prompt_tokens + last.usage.completion_tokens);
      expect(chunks.slice(0, -1).every(({ choices }) => choices[0].finish_reason === null)).toBe(true);
      // The words are this question's own, in order, none missing and none twice.
      const words = text.match(/q\d+w\d+/g) ?? [];
      expect(words).toEqual(wordsOf(words.length, `q${index}`));
      const reason = last.x_certaindex.reason as keyof typeof ends;
      ends[reason]++;
      expect(last.error === undefined).toBe(reason !== "failed");
      if (reason === "natural") expect(words).toHaveLength(60);
      if (reason !== "failed") expect(text).toMatch(/<\/think>\n\n.*\\boxed\{42\}/s);
    }
    // Or the test shows less than it says. How many of each depends on how fast this machine asks probes.
    expect(ends.settled).toBeGreaterThan(0);
    expect(ends.failed).toBeGreaterThan(0);
    expect(Object.values(proxy.upstream.counts.faults).reduce((a, b) => a + b, 0)).toBeGreaterThan(30);
    await expect.poll(() => proxy.upstream.counts.openCount).toBe(0);
    expect(proxy.openCount).toBe(0);
  });
});

suite("probes that fail", () => {
  test.each([
    ["refused", { kind: "status", status: 429 }, "the server answered 429"],
    ["without an end", { kind: "hang" }, "no answer within 0.05 s"],
    ["no JSON", { kind: "wrong-json" }, ""],
  ] as [string, Fault, string][])(
    "%s: the chain is whole, probing is off, and the reply says so",
    async (_, fault, note) => {
      const proxy = await testProxy(
        {
          answer: think(settlesAfter(0, 120)),
          tokenDelayMs: 3,
          faults: (request) => (isProbe(request) ? fault : undefined),
        },
        { probeTimeoutMs: 50 },
      );
      onTestFinished(() => proxy.close());
      const { text, chunks } = await readStream(await proxy.post("/chat/completions", chat("q")));
      expect(text.match(/w\d+/g)).toEqual(wordsOf(120));
      const { probes, reason, notes } = chunks.at(-1).x_certaindex;
      expect([probes, reason]).toEqual([3, "natural"]);
      expect(notes[0]).toContain(`Probing was turned off: 3 probes in a row failed; the last one: ${note}`);
    },
  );

  test("a slow probe does not hold the chain up", async () => {
    const faults = (request: MockRequest) =>
      isProbe(request) ? ({ kind: "slow", tokenDelayMs: 300 } as const) : undefined;
    const proxy = await testProxy({ answer: think(settlesAfter(0, 60)), faults });
    onTestFinished(() => proxy.close());
    const { text } = await readStream(await proxy.post("/chat/completions", chat("q")));
    expect(text.match(/w\d+/g)).toEqual(wordsOf(60));
  });
});

suite("a chain that breaks", () => {
  const breaking = (kind: "die" | "malformed", afterTokens: number, times: number) => {
    let count = 0;
    return (request: MockRequest): Fault | undefined =>
      !isTest(request) && !isProbe(request) && count++ < times ? { kind, afterTokens } : undefined;
  };

  test.each(["die", "malformed"] as const)(
    "in mid-stream (%s): the part is kept, the end is valid and has the error",
    async (kind) => {
      const proxy = await testProxy({
        answer: think(settlesAfter(99, 100)),
        tokenDelayMs: 1,
        faults: breaking(kind, 30, 9),
      });
      onTestFinished(() => proxy.close());
      const { text, chunks, isDone } = await readStream(await proxy.post("/chat/completions", chat("q")));
      expect([text.match(/w\d+/g)?.length, isDone]).toEqual([29, true]); // the tag is a token, too
      expect(chunks.at(-1)).toMatchObject({
        choices: [{ finish_reason: "abort", delta: {} }],
        x_certaindex: { reason: "failed" },
        error: { type: "server_error", code: "endpoint_broke_off" },
      });
      const client = new OpenAI({ baseURL: proxy.url, apiKey: "none", maxRetries: 0 });
      const heard: string[] = [];
      const read = async () => {
        const stream: any = await client.chat.completions.create(chat("q2") as any);
        for await (const { choices } of stream) heard.push(choices[0].delta.content);
      };
      await expect(read()).rejects.toThrow(/broke off/);
      expect(heard.join("").match(/w\d+/g)).toHaveLength(29);
    },
  );

  test("before its first byte, or where the client waits for the whole, it is asked for again", async () => {
    const faults = breaking("die", 30, 1);
    const proxy = await testProxy({ answer: think(settlesAfter(99, 60)), tokenDelayMs: 1, faults });
    onTestFinished(() => proxy.close());
    const whole: any = await (await proxy.post("/chat/completions", { ...chat("q"), stream: false })).json();
    expect(whole.choices[0].message.content.match(/w\d+/g)).toEqual(wordsOf(60));
    const early = await testProxy({ answer: think(settlesAfter(99, 60)), faults: breaking("die", 0, 2) });
    onTestFinished(() => early.close());
    const { text } = await readStream(await early.post("/chat/completions", chat("q")));
    expect(text.match(/w\d+/g)).toEqual(wordsOf(60));
  });

  test("where the client waits for the whole, the part of the last attempt is kept, with the error", async () => {
    const proxy = await testProxy({
      answer: think(settlesAfter(99, 100)),
      tokenDelayMs: 1,
      faults: breaking("die", 30, 9),
    });
    onTestFinished(() => proxy.close());
    const whole: any = await (await proxy.post("/chat/completions", { ...chat("q"), stream: false })).json();
    expect(whole).toMatchObject({
      object: "chat.completion",
      choices: [{ finish_reason: "abort", message: { role: "assistant" } }],
      x_certaindex: { reason: "failed" },
      error: { code: "endpoint_broke_off" },
    });
    expect(whole.choices[0].message.content.match(/w\d+/g)).toHaveLength(29);
    const { prompt_tokens, completion_tokens, total_tokens } = whole.usage;
    expect([completion_tokens > 0, total_tokens]).toEqual([true, prompt_tokens + completion_tokens]);
  });

  test("a whole of which nothing ever came is an error", async () => {
    const proxy = await testProxy({ answer: think(settlesAfter(99, 60)), faults: breaking("die", 0, 9) });
    onTestFinished(() => proxy.close());
    const reply = await proxy.post("/chat/completions", { ...chat("q"), stream: false });
    expect(reply.status).toBe(502);
    expect(await reply.json()).toMatchObject({ error: { code: "endpoint_broke_off" } });
  });

  test("that was passed through ends with an error event", async () => {
    const proxy = await testProxy({
      answer: think(settlesAfter(99, 60)),
      tokenDelayMs: 1,
      faults: breaking("die", 30, 9),
    });
    onTestFinished(() => proxy.close());
    const { text, chunks } = await readStream(await proxy.post("/chat/completions", chat("q", {})));
    expect(text.match(/w\d+/g)).toHaveLength(29);
    expect(chunks.at(-1)).toMatchObject({ error: { code: "endpoint_broke_off" } });
  });
});

suite("retries", () => {
  test("before the first byte, after the pause that the server asks for", async () => {
    const times: number[] = [];
    const faults = (request: MockRequest): Fault | undefined => {
      if (isTest(request) || isProbe(request)) return undefined;
      times.push(performance.now());
      return times.length < 3 ? { kind: "status", status: 503, headers: { "retry-after-ms": "60" } } : undefined;
    };
    const proxy = await testProxy({ answer: think(settlesAfter(99, 20)), faults });
    onTestFinished(() => proxy.close());
    for (const fields of [{}, probed]) {
      times.length = 0;
      expect((await proxy.post("/chat/completions", chat("q", fields))).status).toBe(200);
      expect(times).toHaveLength(3);
      expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(59);
    }
  });

  test("not where the server wants more patience than we have: the client hears it", async () => {
    const faults = (request: MockRequest): Fault | undefined =>
      isTest(request) ? undefined : { kind: "status", status: 429, headers: { "retry-after": "3600" } };
    const proxy = await testProxy({ faults });
    onTestFinished(() => proxy.close());
    const response = await proxy.post("/chat/completions", chat("q", {}));
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "3600"]);
  });
});

suite("clients that go away", () => {
  test.each([
    ["a probed stream", probed],
    ["a passed stream", {}],
  ])("%s: the upstream's work ends within a second, and so does its probe", async (_, fields) => {
    const faults = (request: MockRequest): Fault | undefined => (isProbe(request) ? { kind: "hang" } : undefined);
    const proxy = await testProxy({ answer: think(settlesAfter(0, 4000)), tokenDelayMs: 2, faults });
    onTestFinished(() => proxy.close());
    const gone = new AbortController();
    const response = await proxy.post("/chat/completions", chat("q", fields), { signal: gone.signal });
    const reader = response.body!.getReader();
    for (let pieces = 0; pieces < 20; pieces++) await reader.read();
    expect(proxy.upstream.counts.openCount).toBeGreaterThan(0);
    gone.abort();
    await expect.poll(() => proxy.upstream.counts.openCount, { timeout: 1000 }).toBe(0);
    await expect.poll(() => proxy.openCount).toBe(0);
  });

  test("a whole answer, too, and one whose upstream has not begun yet", async () => {
    const proxy = await testProxy({
      answer: think(settlesAfter(0, 4000)),
      tokenDelayMs: 2,
      delayMs: (request) => (isTest(request) ? 0 : 5000),
    });
    onTestFinished(() => proxy.close());
    const gone = new AbortController();
    const asked = proxy
      .post("/chat/completions", { ...chat("q"), stream: false }, { signal: gone.signal })
      .catch(() => "gone");
    await expect.poll(() => proxy.upstream.counts.openCount).toBe(1);
    gone.abort();
    expect(await asked).toBe("gone");
    await expect.poll(() => proxy.upstream.counts.openCount, { timeout: 1000 }).toBe(0);
  });
});

suite("every request that was begun has an end in the trace", () => {
  async function traced(mock: MockOptions, ask: (proxy: TestProxy) => Promise<unknown>) {
    const trace = join(mkdtempSync(join(tmpdir(), "certaindex-trace-")), "trace.jsonl");
    const proxy = await testProxy(mock, { trace, retries: { maxAttempts: 1 } });
    onTestFinished(() => proxy.close());
    await ask(proxy);
    await expect.poll(() => proxy.openCount).toBe(0);
    const events = await Array.fromAsync(readTrace(trace));
    const counts = events.filter((event) => event.kind === "token-count");
    return { kinds: events.map(({ kind }) => kind), counts, results: resultsFromTrace(events) };
  }
  const ended = (reason: string) => [expect.objectContaining({ reason, answer: null, isDegraded: true })];

  test("refused before the first byte", async () => {
    const faults = (request: MockRequest): Fault | undefined =>
      isTest(request) ? undefined : { kind: "status", status: 503 };
    const { kinds, results } = await traced({ faults }, async (proxy) => {
      expect((await proxy.post("/chat/completions", chat("q"))).status).toBe(503);
    });
    expect([kinds, results]).toEqual([["arrive", "issue", "stop", "finish"], ended("failed")]);
  });

  test("broken off before the first byte at each attempt", async () => {
    const faults = (request: MockRequest): Fault | undefined =>
      isTest(request) ? undefined : { kind: "die", afterTokens: 0 };
    const { kinds, results } = await traced({ answer: think(settlesAfter(99, 60)), faults }, async (proxy) => {
      expect((await proxy.post("/chat/completions", chat("q"))).status).toBe(502);
    });
    const attempt = ["arrive", "issue", "token-count"];
    expect(kinds).toEqual([...attempt, ...attempt, ...attempt, "stop", "finish"]);
    expect(results).toEqual(ended("failed"));
  });

  test("left by the client: what it had cost till then stands there, too", async () => {
    const answer = think(settlesAfter(9999, 4000));
    const { kinds, counts, results } = await traced({ answer, tokenDelayMs: 2 }, async (proxy) => {
      const gone = new AbortController();
      const response = await proxy.post("/chat/completions", chat("q"), { signal: gone.signal });
      const reader = response.body!.getReader();
      for (let pieces = 0; pieces < 20; pieces++) await reader.read();
      gone.abort();
    });
    expect(kinds.slice(-3)).toEqual(["token-count", "stop", "finish"]);
    expect(counts[0]!.tokens).toBeGreaterThan(0);
    expect(results).toEqual(ended("aborted"));
  });

  test("an end of its own is told once", async () => {
    const { kinds, results } = await traced(
      { answer: think(settlesAfter(0, 400)), tokenDelayMs: 1 },
      async (proxy) => void (await (await proxy.post("/chat/completions", chat("q"))).text()),
    );
    expect(kinds.filter((kind) => kind === "finish")).toHaveLength(1);
    expect(results).toMatchObject([{ reason: "settled", answer: "42", isDegraded: false }]);
  });
});

suite("limits", () => {
  test("a full queue says when to come back", async () => {
    const proxy = await testProxy(
      { answer: think(settlesAfter(0, 400)), tokenDelayMs: 2 },
      { maxActive: 1, maxQueue: 1 },
    );
    onTestFinished(() => proxy.close());
    const statuses = await Promise.all(
      Array.from({ length: 3 }, async (_, index) => {
        const response = await proxy.post("/chat/completions", chat(`q${index}`));
        await response.text();
        return [response.status, response.headers.get("retry-after")];
      }),
    );
    expect(statuses.filter(([status]) => status === 200)).toHaveLength(2);
    expect(statuses.find(([status]) => status === 429)?.[1]).toMatch(/^\d+$/);
  });

  test("a program's budget ends its chain, and refuses its next request; others go on", async () => {
    const proxy = await testProxy(
      { answer: think(settlesAfter(9999, 400)), tokenDelayMs: 1 },
      { budgets: { programTokens: 50 } },
    );
    onTestFinished(() => proxy.close());
    const fields = { dynasor: { probe_interval: 8, certainty_window: 9 }, x_certaindex: { program: "p1" } };
    const { chunks } = await readStream(await proxy.post("/chat/completions", chat("q", fields)));
    const last = chunks.at(-1);
    expect([last.choices[0].finish_reason, last.x_certaindex.reason]).toEqual(["length", "budget"]);
    expect(last.usage.completion_tokens).toBeLessThan(70);
    const refused = await proxy.post("/chat/completions", chat("q", fields));
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ error: { code: "insufficient_quota" } });
    const other = { ...fields, x_certaindex: { program: "p2" } };
    expect((await proxy.post("/chat/completions", chat("q", other))).status).toBe(200);
  });

  test("the run's budget counts what is passed through, too", async () => {
    const proxy = await testProxy({ answer: think(settlesAfter(0, 60)) }, { budgets: { runTokens: 50 } });
    onTestFinished(() => proxy.close());
    await (await proxy.post("/chat/completions", { ...chat("q", {}), stream: false })).json();
    expect((await proxy.post("/chat/completions", chat("q", {}))).status).toBe(429);
  });
});

test("several tokens in one chunk are counted as the server counts them", async () => {
  const words = wordsOf(200);
  const server = await rawServer(async (body, _, response) => {
    const isStream = body.stream === true;
    response.writeHead(200, { "content-type": isStream ? "text/event-stream" : "application/json" });
    const usage = (count: number) => ({ prompt_tokens: 9, completion_tokens: count, total_tokens: 9 + count });
    if (!isStream) {
      const choice = { index: 0, text: "42", stop_reason: "}", finish_reason: "stop" };
      const message = { role: "assistant", content: "42" };
      return response.end(JSON.stringify({ choices: [{ ...choice, message }], usage: usage(1) }));
    }
    const send = (value: object) => response.write(`data: ${JSON.stringify(value)}\n\n`);
    for (let count = 20; count <= words.length; count += 20) {
      if (response.destroyed) return;
      const text = `${words.slice(count - 20, count).join(" ")} `;
      send({ choices: [{ index: 0, delta: { content: text }, finish_reason: null }], usage: usage(count) });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    send({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
    return response.end("data: [DONE]\n\n");
  });
  onTestFinished(() => server.close());
  const options = { policies: new Map(), fallback: undefined, base: { thinkingEnd: null }, thinkingIsOpen: false };
  const proxy = await startProxy({ upstream: server.url, model: "m", port: 0, ...options });
  onTestFinished(() => proxy.close({ graceMs: 0 }));
  expect(proxy.findings.streamOptions).toEqual({ include_usage: true, continuous_usage_stats: true });
  const client = new OpenAI({ baseURL: proxy.url, apiKey: "none", maxRetries: 0 });
  const fields = { dynasor: { probe_interval: 50, certainty_window: 2 } };
  const stream: any = await client.completions.create({ model: "m", prompt: "q", stream: true, ...fields });
  const chunks: any[] = await Array.fromAsync(stream);
  // Chunks are multiples of 20 tokens: probed at 60 and at 120.
  const { stopped_at, probes, notes } = chunks.at(-1).x_certaindex;
  expect([probes, stopped_at % 20]).toEqual([2, 0]);
  expect(stopped_at).toBeGreaterThanOrEqual(120);
  expect(notes.join()).not.toContain("estimated");
  expect(chunks.slice(0, -1).every(({ usage }) => usage === undefined)).toBe(true); // nobody asked for it
});

test("a policy whose stops change answers is turned off by its shadow, and says so", async () => {
  const calibration = {
    ...{ program: "chain-of-thought", model: "mock", dataset: "d", settings: { interval: 8, window: 2 } },
    ...{ n: 400, losses: 0, bound: 0.0075, delta: 0.01, confidence: 0.95, saved: 0.3 },
  };
  const policy = Policy.parse({
    algorithm: "single-step",
    thresholds: { consistency: 1 },
    detectAt: 2,
    cap: 99,
    calibration,
  });
  const shadow = createShadow(policy, { share: 1, falseAlarmEvery: 20 });
  // Every chain agrees on 3 early and ends with 42.
  const proxy = await testProxy(
    { answer: think({ words: 60, belief: () => "3} \\]", final: "42" }), tokenDelayMs: 2 },
    { policies: new Map([["math", { id: "math", policy, shadow }]]) },
  );
  onTestFinished(() => proxy.close());
  const ask = async () => proxy.post("/chat/completions", chat("q", { dynasor: { policy: "math" } }));
  const first = await readStream(await ask());
  expect(first.text).toMatch(/\\boxed\{3\} \\\]$/); // whoever asked sees the stop alone
  await expect.poll(() => shadow.summary().shadowed, { timeout: 5000 }).toBe(1);
  for (let count = 0; count < 20 && !shadow.isOff; count++) {
    await (await ask()).text();
    await expect.poll(() => proxy.openCount).toBe(0);
  }
  expect(shadow.isOff).toBe(true);
  expect(proxy.lines.join("\n")).toContain("policy-off");
  const after = await ask();
  expect(after.headers.get("x-certaindex-off")).toMatch(/policy math is turned off: \d+ of \d+ shadowed stops/);
  expect((await readStream(after)).text).toContain("\\boxed{42}");
});
