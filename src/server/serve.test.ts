/** The API as the official client and as plain fetch see it. */
import OpenAI, { APIError, BadRequestError, NotFoundError } from "openai";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, suite, test } from "vitest";
import { ContextTooLongError, OverloadedError } from "../endpoint/errors.ts";
import { fakeEndpoint, fakeTokens } from "./fake-endpoint.fixtures.ts";
import { startServer } from "./serve.ts";
import { hello, readEvents, type TestServer, testServer } from "./server.fixtures.ts";

let server: TestServer;
let client: OpenAI;
beforeAll(async () => {
  server = await testServer({
    fail: (request) => {
      const text = JSON.stringify(request);
      if (text.includes("too long"))
        return { error: new ContextTooLongError("9000 tokens, but the context holds 512") };
      if (text.includes("breaks midway")) return { error: new OverloadedError("out of memory"), at: 3 };
      if (text.includes("has a bug")) return { error: new TypeError("secret detail of x.y") };
      return undefined;
    },
    metrics: () => ({ tokensReusedTotal: 42, rowBytes: 7 }),
  });
  client = new OpenAI({ baseURL: server.url, apiKey: "none", maxRetries: 0 });
});
afterAll(() => server.close({ graceMs: 0 }));
beforeEach(() => {
  server.fake.requests.length = 0;
});

const said = (seed?: number, index = 0) => fakeTokens({ ...hello, seed }, index);
const lastRequest = () => server.fake.requests.at(-1)!;

suite("the official client", () => {
  test("models", async () => {
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(["fake"]);
    expect(await client.models.retrieve("fake")).toMatchObject({ id: "fake", object: "model" });
    await expect(client.models.retrieve("org/other")).rejects.toThrow(NotFoundError);
  });

  test("a chat", async () => {
    const reply = await client.chat.completions.create({ ...hello, seed: 5 });
    expect(reply).toMatchObject({
      id: expect.stringMatching(/^chatcmpl-/),
      object: "chat.completion",
      model: "fake",
      choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: said(5).join("") } }],
      usage: { prompt_tokens: 7, completion_tokens: 12, total_tokens: 19, prompt_tokens_details: { cached_tokens: 3 } },
    });
    expect(lastRequest()).toEqual({ messages: hello.messages, seed: 5 });
  });

  test("n, stop and a token limit", async () => {
    const reply = await client.chat.completions.create({ ...hello, n: 3 });
    expect(reply.choices.map(({ index, message }) => [index, message.content])).toEqual(
      [0, 1, 2].map((index) => [index, said(undefined, index).join("")]),
    );
    const stopped = await client.chat.completions.create({ ...hello, stop: said()[2]!.trim() });
    expect(stopped.choices[0]).toMatchObject({ finish_reason: "stop", stop_reason: said()[2]!.trim() });
    const short = await client.chat.completions.create({ ...hello, max_completion_tokens: 4 });
    expect(short.choices[0]).toMatchObject({
      finish_reason: "length",
      message: { content: said().slice(0, 4).join("") },
    });
  });

  test("a stream says the same, and ends with its usage", async () => {
    const stream = await client.chat.completions.create({
      ...hello,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = await Array.fromAsync(stream);
    expect(chunks[0]!.choices[0]!.delta).toEqual({ role: "assistant", content: "" });
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toBe(said().join(""));
    expect(chunks.at(-2)!.choices[0]!.finish_reason).toBe("stop");
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 12 } });
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
  });

  test("a stream of several choices keeps them apart", async () => {
    const final = await client.chat.completions.stream({ ...hello, n: 2 }).finalChatCompletion();
    expect(final.choices.map(({ message }) => message.content)).toEqual([said().join(""), said(undefined, 1).join("")]);
  });

  test("log-probabilities of a chat, streamed and not", async () => {
    const ask = { ...hello, logprobs: true, top_logprobs: 2, max_tokens: 3 };
    const { choices } = await client.chat.completions.create(ask);
    const { content } = choices[0]!.logprobs!;
    expect(content!.map(({ token }) => token)).toEqual(said().slice(0, 3));
    const [token] = said() as [string];
    expect(content![0]).toEqual({
      token,
      logprob: -0.5,
      bytes: [...Buffer.from(token)],
      top_logprobs: [
        { token, logprob: -0.5, bytes: [...Buffer.from(token)] },
        { token: `${token}1`, logprob: -1.5, bytes: [...Buffer.from(`${token}1`)] },
      ],
    });
    const chunks = await Array.fromAsync(await client.chat.completions.create({ ...ask, stream: true }));
    expect(chunks.flatMap(({ choices }) => choices[0]!.logprobs?.content ?? [])).toEqual(content);
  });

  test("completions: several prompts, echo, log-probabilities in parallel lists", async () => {
    const words = (prompt: string) => fakeTokens({ prompt }, 0);
    const reply = await client.completions.create({ model: "fake", prompt: ["a", "b"], echo: true });
    expect(reply.choices.map(({ index, text }) => [index, text])).toEqual([
      [0, `a${words("a").join("")}`],
      [1, `b${words("b").join("")}`],
    ]);
    expect(reply.usage!.completion_tokens).toBe(24);
    const { choices } = await client.completions.create({ model: "fake", prompt: "a", logprobs: 1, max_tokens: 2 });
    const [first, second] = words("a") as [string, string];
    expect(choices[0]!.logprobs).toEqual({
      tokens: [first, second],
      token_logprobs: [-0.5, -0.5],
      top_logprobs: [{ [first]: -0.5 }, { [second]: -0.5 }],
      text_offset: [0, first.length],
    });
  });

  test("a streamed completion of two prompts", async () => {
    const prompts = { model: "fake", prompt: ["a", "b"], echo: true };
    const texts = ["", ""];
    for await (const { choices } of await client.completions.create({ ...prompts, stream: true })) {
      for (const { index, text } of choices) texts[index] += text;
    }
    const { choices } = await client.completions.create(prompts);
    expect(texts).toEqual(choices.map(({ text }) => text));
  });

  test("errors have their class, code and field", async () => {
    const create = (body: object) => client.chat.completions.create({ ...hello, ...body } as any);
    await expect(create({ model: "other" })).rejects.toMatchObject({
      status: 404,
      code: "model_not_found",
      message: expect.stringContaining('The model "other" does not exist; this server has: fake'),
    });
    await expect(create({ messages: [{ role: "user", content: "too long" }] })).rejects.toMatchObject({
      status: 400,
      code: "context_length_exceeded",
    });
    await expect(create({ messages: [] })).rejects.toThrow(BadRequestError);
    const image = [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:," } }] }];
    await expect(create({ messages: image })).rejects.toMatchObject({ status: 400, code: "unsupported_parameter" });
    await expect(create({ messages: image, stream: true })).rejects.toMatchObject({ status: 400 });
  });

  test("an error midway ends the stream as an error", async () => {
    const stream = await client.chat.completions.create({
      ...hello,
      messages: [{ role: "user", content: "breaks midway" }],
      stream: true,
    });
    let pieces = 0;
    const read = async () => {
      for await (const { choices } of stream) pieces += choices[0]!.delta.content ? 1 : 0;
    };
    await expect(read()).rejects.toThrow(APIError);
    expect(pieces).toBe(3);
  });

  test("a fault of ours is a 500 that tells nothing, and stands in the log", async () => {
    const messages = [{ role: "user" as const, content: "has a bug" }];
    await expect(client.chat.completions.create({ ...hello, messages })).rejects.toMatchObject({
      status: 500,
      error: { message: "The server failed to answer; its log says why", type: "server_error" },
    });
    expect(server.lines.join("\n")).toContain("request-fault");
  });
});

suite("plain fetch", () => {
  test("a stream is server-sent events up to [DONE]", async () => {
    const response = await server.post("/chat/completions", { ...hello, stream: true });
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const events = await readEvents(response);
    expect(events.at(-1)).toBe("[DONE]");
    const pieces = events.slice(0, -1).map((event) => JSON.parse(event).choices[0].delta.content ?? "");
    expect(pieces.join("")).toBe(said().join(""));
  });

  test.each([
    [{ temperature: 3 }, "temperature: expected a number from 0 to 2, got 3", "temperature"],
    [
      { temperature: "0.5" },
      'temperature: expected a number from 0 to 2, got "0.5" (text). Write it without quotes.',
      "temperature",
    ],
    [{ n: 0 }, "n: expected a whole number from 1 to 128, got 0", "n"],
    [{ messages: undefined }, "messages: missing, expected a list (not empty)", "messages"],
    [{ messages: [{ role: "robot", content: "x" }] }, 'messages[0].role: expected one of "system"', "messages[0].role"],
    [{ messages: [{ role: "user", content: 5 }] }, "messages[0].content: expected", "messages[0].content"],
    [{ top_logprobs: 2 }, "top_logprobs: only allowed when logprobs is true", "top_logprobs"],
    [{ stream_options: {} }, "stream_options: only allowed when stream is true", "stream_options"],
    [{ stop: [""] }, "stop", "stop[0]"],
    [{ continue_final_message: true }, "the last message must be the assistant's", "continue_final_message"],
  ])("%j names the field", async (fields, message, param) => {
    const response = await server.post("/chat/completions", { ...hello, ...fields });
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as any;
    expect(error).toMatchObject({ type: "invalid_request_error", code: "invalid_value", param });
    expect(error.message).toContain(message);
  });

  test.each([
    ["{", "The body is not valid JSON"],
    ["", "The body is not valid JSON"],
    ["[]", "The body: expected an object"],
    ["null", "The body: expected an object"],
    ['"text"', "The body: expected an object"],
    [`{"model":"fake","x":${"[".repeat(5000)}${"]".repeat(5000)}}`, "nested more than 64 levels deep"],
  ])("%.20s is no request", async (body, message) => {
    const response = await server.post("/completions", body);
    expect(response.status).toBe(400);
    expect(((await response.json()) as any).error.message).toContain(message);
  });

  test("known fields beyond OpenAI's arrive, unknown ones are handed on, null is nothing", async () => {
    const body = {
      ...hello,
      top_k: 5,
      min_p: 0.1,
      repetition_penalty: 1.1,
      priority: -2,
      guided_regex: "a+",
      user: null,
    };
    expect((await server.post("/chat/completions", { ...body, temperature: null, stop: null })).status).toBe(200);
    expect(lastRequest()).toEqual({
      messages: hello.messages,
      topK: 5,
      minP: 0.1,
      repetitionPenalty: 1.1,
      priority: -2,
      extra: { guided_regex: "a+" },
    });
  });

  test.each([{ continue_final_message: true, add_generation_prompt: false }, {}])(
    "a begun answer is a prefill",
    async (how) => {
      const begun = { role: "assistant", content: "Well,", ...(how.continue_final_message ? {} : { prefix: true }) };
      const messages = [...hello.messages, begun];
      expect((await server.post("/chat/completions", { ...hello, ...how, messages })).status).toBe(200);
      expect(lastRequest()).toMatchObject({ messages: hello.messages, prefill: "Well," });
    },
  );

  test("the model may be left out when the server has only to choose its first", async () => {
    expect((await server.post("/completions", { prompt: "x" })).status).toBe(200);
  });

  test("unknown routes and methods are told what there is", async () => {
    const missing = await fetch(`${server.url}/embeddings`);
    expect([missing.status, ((await missing.json()) as any).error.message]).toEqual([
      404,
      expect.stringContaining("POST /v1/chat/completions"),
    ]);
    const wrong = await fetch(`${server.url}/chat/completions`);
    expect([wrong.status, ((await wrong.json()) as any).error.code]).toEqual([405, "method_not_allowed"]);
  });

  test("metrics count requests, tokens and what the engine tells", async () => {
    const text = await (await fetch(server.url.replace("/v1", "/metrics"))).text();
    const value = (line: string) => Number(new RegExp(`^${line} ([\\d.]+)$`, "m").exec(text)?.[1]);
    expect(value('polymath_http_requests_total\\{route="/v1/chat/completions",status="200"\\}')).toBeGreaterThan(5);
    expect(value('polymath_http_requests_total\\{route="/v1/chat/completions",status="400"\\}')).toBeGreaterThan(5);
    expect(value('polymath_completion_tokens_total\\{model="fake"\\}')).toBeGreaterThan(100);
    expect(value('polymath_first_token_seconds_count\\{model="fake"\\}')).toBeGreaterThanOrEqual(5);
    expect(value('polymath_generations_total\\{model="fake",outcome="overloaded"\\}')).toBe(1);
    expect(value('polymath_engine_tokens_reused_total\\{model="fake"\\}')).toBe(42);
    expect(value('polymath_engine_row_bytes\\{model="fake"\\}')).toBe(7);
    expect(text).toContain("# TYPE polymath_engine_tokens_reused_total counter");
    expect(value('polymath_streams_active\\{model="fake"\\}')).toBe(0);
    expect(value('polymath_sequences_active\\{model="fake"\\}')).toBe(0);
  });
});

suite("several models", () => {
  test("each by its names; reasoning is told apart", async () => {
    const [small, large] = [fakeEndpoint(), fakeEndpoint({ reasoning: "hm" })];
    const models = [
      { id: "small", endpoint: small },
      { id: "org/large", aliases: ["./models/large"], endpoint: large },
    ];
    const both = await startServer({ models, port: 0 });
    onTestFinished(() => both.close());
    const openai = new OpenAI({ baseURL: both.url, apiKey: "none", maxRetries: 0 });
    const { choices, model } = await openai.chat.completions.create({ ...hello, model: "./models/large" });
    expect([model, (choices[0]!.message as any).reasoning_content]).toEqual(["org/large", "hm"]);
    expect(await openai.models.retrieve("org/large")).toMatchObject({ id: "org/large" });
    const stream = await openai.chat.completions.create({ ...hello, model: "org/large", stream: true });
    const deltas = (await Array.fromAsync(stream)).map(({ choices }) => choices[0]!.delta as any);
    expect(deltas.map(({ reasoning_content }) => reasoning_content).filter(Boolean)).toEqual(["hm"]);
    expect([small.requests.length, large.requests.length]).toEqual([0, 2]);
  });
});
