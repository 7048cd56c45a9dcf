/** The proxy as the official client sees it, unchanged; the third-party dialects go in as further fields of the body. */
import OpenAI from "openai";
import { afterAll, beforeAll, expect, onTestFinished, suite, test } from "vitest";
import { settlesAfter, type TestProxy, testProxy, think } from "./proxy.fixtures.ts";

const ask = { model: "mock", messages: [{ role: "user" as const, content: "What is 6 * 7?" }] };
const clientOf = (proxy: TestProxy) => new OpenAI({ baseURL: proxy.url, apiKey: "none", maxRetries: 0 });

/** What the client got, streamed or not, in one shape. */
async function collect(proxy: TestProxy, fields: object, isStream: boolean): Promise<any> {
  const client = clientOf(proxy);
  if (!isStream) {
    const whole: any = await client.chat.completions.create({ ...ask, ...fields });
    const [choice] = whole.choices;
    return { text: choice.message.content, ...whole, finish: choice.finish_reason, message: choice.message };
  }
  const chunks: any[] = await Array.fromAsync(
    await client.chat.completions.create({ ...ask, ...fields, stream: true }),
  );
  const last = chunks.at(-1);
  const join = (name: string) => chunks.map(({ choices }) => choices[0]?.delta?.[name] ?? "").join("");
  const message = { content: join("content"), reasoning_content: join("reasoning_content") };
  const finish = chunks.map(({ choices }) => choices[0]?.finish_reason).filter(Boolean);
  return { text: message.content, ...last, finish: finish.join(), message, chunks };
}

const dialects = {
  "dynasor.saving_effort": { dynasor: { saving_effort: "crazy", min_tokens: 0 } },
  "dynasor.probe_interval": { dynasor: { probe_interval: 32, certainty_window: 2 } },
  adaptive_compute: {
    adaptive_compute: {
      mode: "prompting",
      probe_text: "\n\nSo the answer is \\boxed{",
      probe_text_end: "} \\]",
      certainty_window: 2,
      token_interval: 32,
    },
  },
};

suite("a chain that settles at word 60 of 400", () => {
  let proxy: TestProxy;
  beforeAll(async () => {
    proxy = await testProxy({ answer: think(settlesAfter(60, 400)), tokenDelayMs: 1 });
  });
  afterAll(() => proxy.close());

  for (const [name, fields] of Object.entries(dialects)) {
    test.each([true, false])(`${name}, stream %s: stopped, closed, counted`, async (isStream) => {
      const { text, finish, usage, x_certaindex, object } = await collect(proxy, fields, isStream);
      expect(text).toMatch(/^<think>\nw1 w2 .* w\d+\n<\/think>\n\n.*\\boxed\{42\} \\\]$/s);
      expect([finish, object]).toEqual(["stop", isStream ? "chat.completion.chunk" : "chat.completion"]);
      const { stopped_at, probe_tokens, probes } = x_certaindex;
      // Probed every 32 tokens: the first belief differs, the next two agree.
      expect(x_certaindex).toMatchObject({ value: 1, reason: "settled" });
      expect(probes).toBe(3);
      expect(stopped_at).toBeGreaterThanOrEqual(96);
      expect(stopped_at).toBeLessThan(400);
      expect(usage.completion_tokens).toBe(stopped_at + probe_tokens);
      expect(usage.completion_tokens_details).toMatchObject({ probe_tokens });
      expect(x_certaindex.notes.join()).toMatch(/is uncalibrated/);
    });
  }

  test("the fields are ours alone: the upstream never sees them", () => {
    const known = new Set(proxy.upstream.bodies.flatMap((body) => Object.keys(body)));
    for (const name of ["dynasor", "adaptive_compute", "x_certaindex"]) expect(known.has(name)).toBe(false);
  });

  test("with include_usage the usage has a chunk of its own, as OpenAI has it", async () => {
    const fields = { ...dialects["dynasor.probe_interval"], stream_options: { include_usage: true } };
    const { chunks } = await collect(proxy, fields, true);
    const [end, last] = chunks.slice(-2);
    expect(last).toMatchObject({ choices: [], usage: { prompt_tokens: expect.any(Number) }, x_certaindex: {} });
    expect(end).toMatchObject({ usage: null, choices: [{ finish_reason: "stop", delta: {} }] });
  });

  test("what a stop saved is known once a chain has ended by itself", async () => {
    const natural = await collect(proxy, { dynasor: { probe_interval: 32, certainty_window: 99 } }, true);
    expect(natural).toMatchObject({ finish: "stop", x_certaindex: { reason: "natural", stopped_at: null } });
    expect(natural.text).toContain("w400\n</think>\n\nThe answer is \\boxed{42}");
    const stopped = await collect(proxy, dialects["dynasor.probe_interval"], true);
    const { saved_estimate, stopped_at, probe_tokens } = stopped.x_certaindex;
    const full = natural.usage.completion_tokens - natural.x_certaindex.probe_tokens;
    expect(saved_estimate).toBe(full - stopped_at - probe_tokens);
    expect(saved_estimate).toBeGreaterThan(0);
  });

  test("completions are probed in their own text", async () => {
    const prompt = "<|user|>What is 6 * 7?\n<|assistant|>";
    const stream = await clientOf(proxy).completions.create({
      ...{ model: "mock", prompt, stream: true as const },
      ...dialects["dynasor.probe_interval"],
    });
    const chunks: any[] = await Array.fromAsync(stream);
    const text = chunks.map(({ choices }) => choices[0].text).join("");
    expect(text).toMatch(/^<think>\nw1 .*\n<\/think>\n\n.*\\boxed\{42\} \\\]$/s);
    expect(chunks.at(-1)).toMatchObject({ object: "text_completion", x_certaindex: { reason: "settled" } });
  });

  test("the mock was told to stop: no generation went on after its stop", async () => {
    await expect.poll(() => proxy.upstream.counts.openCount).toBe(0);
    expect(proxy.upstream.counts.disconnectCount).toBeGreaterThanOrEqual(9);
  });

  test("the counters are on /metrics", async () => {
    const text = await (await fetch(proxy.url.replace("/v1", "/metrics"))).text();
    const value = (name: string) =>
      Number(new RegExp(`^polymath_certaindex_${name}{model="mock"} (\\d+)`, "m").exec(text)?.[1]);
    expect(value("stops_total")).toBeGreaterThanOrEqual(9);
    expect(value("probes_total")).toBeGreaterThanOrEqual(27);
    expect(value("saved_tokens_total")).toBeGreaterThan(0);
  });
});

suite("reasoning that the server tells apart", () => {
  test.each([true, false])("stays where it is, and the answer is the content; stream %s", async (isStream) => {
    const answer = think(settlesAfter(40, 400), { asReasoning: true });
    const proxy = await testProxy({ answer, tokenDelayMs: 1 });
    onTestFinished(() => proxy.close());
    const { message, x_certaindex } = await collect(proxy, dialects["dynasor.probe_interval"], isStream);
    expect(message.reasoning_content).toMatch(/^w1 w2 .* w\d+$/);
    expect(message.content).toMatch(/^I stop thinking here.*\\boxed\{42\} \\\]$/s);
    expect(x_certaindex.reason).toBe("settled");
    const probes = proxy.upstream.bodies.filter(({ prompt }) => prompt?.endsWith("\\boxed{"));
    expect(probes[0]!.prompt).toMatch(/<\|assistant\|><think>w1 w2/); // as the model itself wrote it
  });
});

suite("the counter-evidence", () => {
  // Words 1 to 300 repeat a partial value: a plateau, on which three probes agree on the wrong answer.
  const plateau = { words: 400, belief: (count: number) => (count <= 300 ? "3} \\]" : "42} \\]"), final: "42" };

  test("preset mid stops at the wrong answer; a floor above the plateau does not", async () => {
    const proxy = await testProxy({ answer: think(plateau), tokenDelayMs: 0.5 });
    onTestFinished(() => proxy.close());
    const hasty = await collect(proxy, { dynasor: { saving_effort: "mid", min_tokens: 0 } }, true);
    expect(hasty.text).toMatch(/\\boxed\{3\} \\\]$/);
    expect(hasty.x_certaindex).toMatchObject({ value: 1, reason: "settled", policy: "mid" });
    expect(hasty.x_certaindex.notes.join()).toContain("effort mid is uncalibrated");
    const patient = await collect(proxy, { dynasor: { saving_effort: "mid", min_tokens: 320 } }, true);
    expect(patient.text).toMatch(/\\boxed\{42\}/);
  });
});

const policyWith = (settings: object) => ({
  ...{ algorithm: "single-step" as const, thresholds: { consistency: 1 } },
  ...{ detectAt: 6, every: 5, cap: 20, confidence: 0.95, minTokens: 0 },
  calibration: {
    ...{ program: "chain-of-thought", model: "mock", dataset: "d", settings: { interval: 16, window: 4, ...settings } },
    ...{ n: 400, losses: 0, bound: 0.0075, delta: 0.01, confidence: 0.95, saved: 0.3 },
  },
});

suite("what the server was started with", () => {
  test("a default serves requests that ask for nothing; none turns it off", async () => {
    const fallback = {
      settings: { interval: 32, window: 2 },
      effort: "crazy" as const,
      policy: undefined,
      program: undefined,
    };
    const proxy = await testProxy({ answer: think(settlesAfter(0, 200)), tokenDelayMs: 1 }, { fallback });
    onTestFinished(() => proxy.close());
    expect((await collect(proxy, {}, true)).x_certaindex).toMatchObject({ reason: "settled", policy: "crazy" });
    expect((await collect(proxy, { dynasor: { saving_effort: "none" } }, true)).x_certaindex).toBeUndefined();
  });

  test("policies go by their id, with the settings they were calibrated with", async () => {
    const policies = new Map([["math", { id: "math", policy: policyWith({}) }]]);
    const proxy = await testProxy({ answer: think(settlesAfter(0, 600)), tokenDelayMs: 1 }, { policies });
    onTestFinished(() => proxy.close());
    const { x_certaindex } = await collect(proxy, { dynasor: { policy: "math" } }, true);
    // Four probes agree at once, but the policy decides for the first time at the sixth.
    expect(x_certaindex).toMatchObject({ policy: "math", probes: 6, reason: "settled" });
    expect(x_certaindex.notes.join()).not.toMatch(/uncalibrated|calibrated with other/);
    const changed = await collect(proxy, { dynasor: { policy: "math", certainty_window: 2 } }, true);
    expect(changed.x_certaindex.notes.join()).toContain("calibrated with other settings (the request sets window)");
    await expect(collect(proxy, { dynasor: { policy: "maths" } }, false)).rejects.toMatchObject({
      status: 400,
      error: { message: expect.stringContaining('no policy "maths". This server has: math'), param: "dynasor.policy" },
    });
    // The cap of 20 intervals cuts a chain that never settles.
    const restless = await testProxy(
      { answer: think({ words: 600, belief: (count) => `${count}} \\]`, final: "1" }), tokenDelayMs: 0.5 },
      { policies },
    );
    onTestFinished(() => restless.close());
    const cut = await collect(restless, { dynasor: { policy: "math" } }, true);
    expect([cut.finish, cut.x_certaindex.reason]).toEqual(["length", "cap"]);
  });

  test.each([
    [{ base: { window: 1 } }, "probe settings: window: expected a whole number of at least 2, got 1"],
    [{ base: { interval: 0 } }, "probe settings: interval: expected a whole number of at least 1, got 0"],
    [
      { policies: new Map([["math", { id: "math", policy: policyWith({ maxProbeTokens: 0 }) }]]) },
      "policy math: maxProbeTokens: expected a whole number of at least 1, got 0",
    ],
  ])("what cannot be is refused before it starts: %j", async (options, message) => {
    await expect(testProxy({}, options)).rejects.toThrow(message);
  });

  test("wrong fields are named", async () => {
    const proxy = await testProxy();
    onTestFinished(() => proxy.close());
    for (const [name, value] of [
      ["probe_interval", 0],
      ["certainty_window", 1],
    ] as const) {
      await expect(collect(proxy, { dynasor: { [name]: value } }, false)).rejects.toMatchObject({
        status: 400,
        error: { param: `dynasor.${name}`, type: "invalid_request_error" },
      });
    }
  });
});
