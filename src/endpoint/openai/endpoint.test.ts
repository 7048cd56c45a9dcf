import { expect, suite, test } from "vitest";
import type { ChatRequest, StreamEvent } from "../endpoint.ts";
import {
  AuthError,
  ContextTooLongError,
  MalformedReplyError,
  ModelNotFoundError,
  NotAnEndpointError,
  OverloadedError,
  RateLimitError,
  RefusedError,
  TimeoutError,
  UnreachableError,
  UnsupportedError,
} from "../errors.ts";
import { startMock } from "../mock.fixtures.ts";
import type { Fault, MockOptions, MockServer } from "../testing/index.ts";
import { listModels, type OpenAiOptions, openAiEndpoint } from "./endpoint.ts";

const hello: ChatRequest = { messages: [{ role: "user", content: "Hello" }] };

/** A server and an endpoint before it. */
async function open(mock: MockOptions = {}, options: Partial<OpenAiOptions> = {}) {
  const server = await startMock(mock);
  return { server, endpoint: openAiEndpoint({ url: server.url, model: "mock", ...options }) };
}

const always = (fault: Fault) => () => fault;

async function collect(events: AsyncIterable<StreamEvent>) {
  const deltas = [];
  for await (const event of events) {
    if (event.type === "reply") return { deltas, reply: event.reply };
    deltas.push(event);
  }
  throw new Error("the stream had no reply");
}

const openCalls = (server: MockServer) => expect.poll(() => server.counts.openCount);
const lostClients = (server: MockServer) => expect.poll(() => server.counts.disconnectCount);

suite("replies", () => {
  test("chat: text, reasoning, usage and why it ended", async () => {
    const it = await open({ answer: () => ({ text: "It is seven", reasoning: "3 + 4" }) });
    const reply = await it.endpoint.chat({ ...hello, maxTokens: 5 });
    expect(reply.choices).toEqual([{ text: "It is", reasoning: "3 + 4", finishReason: "length" }]);
    expect(reply.usage).toEqual({ promptTokens: 5, completionTokens: 5, cachedTokens: 0 });
    expect(reply.model).toBe("mock");
  });

  test("the other name of reasoning; usage is estimated where the server tells none", async () => {
    const it = await open({
      reasoningField: "reasoning",
      usage: false,
      answer: () => ({ text: "12345678", reasoning: "abcd" }),
    });
    const reply = await it.endpoint.chat(hello);
    expect(reply.choices[0]!.reasoning).toBe("abcd");
    expect(reply.usage).toEqual({ promptTokens: 6, completionTokens: 3, estimated: true });
  });

  test("n, stop, seed and unknown fields reach the server; each choice comes back in order", async () => {
    const it = await open({ answer: ({ choice }) => `choice ${choice} END not this` });
    const request = { ...hello, n: 3, stop: ["END"], seed: 7, temperature: 0.5, extra: { guided_regex: "a+" } };
    const reply = await it.endpoint.chat(request);
    expect(reply.choices.map(({ text }) => text)).toEqual(["choice 0 ", "choice 1 ", "choice 2 "]);
    expect(reply.choices[0]!.stopText).toBe("END");
    expect(it.server.bodies[0]).toEqual({
      model: "mock",
      messages: hello.messages,
      n: 3,
      stop: ["END"],
      seed: 7,
      temperature: 0.5,
      guided_regex: "a+",
    });
  });

  test("log-probabilities have one form for chat and completions", async () => {
    const it = await open({ answer: () => "a b" });
    const chat = await it.endpoint.chat({ ...hello, topLogprobs: 2 });
    const completion = await it.endpoint.complete({ prompt: "Hello", topLogprobs: 2 });
    const [first] = chat.choices[0]!.logprobs!;
    expect(chat.choices[0]!.logprobs!.map(({ token }) => token)).toEqual(["a", " b"]);
    expect(first!.top).toEqual([
      { token: "a", logprob: first!.logprob },
      { token: "a1", logprob: first!.logprob - 2 },
    ]);
    expect(completion.choices[0]!.logprobs).toEqual(chat.choices[0]!.logprobs);
  });

  test("a stream brings the same as a whole reply", async () => {
    const it = await open({ answer: ({ choice }) => ({ text: `one two ${choice}`, reasoning: "let me see" }) });
    const request = { ...hello, n: 2, logprobs: true };
    const whole = await it.endpoint.chat(request);
    const { deltas, reply } = await collect(it.endpoint.streamChat(request));
    expect(reply.choices).toEqual(whole.choices);
    expect(reply.usage).toEqual(whole.usage);
    const second = deltas.filter(({ index }) => index === 1);
    expect(second.map(({ text = "" }) => text)).toEqual(["", "", "", "one", " two", " 1"]);
    const completion = await collect(it.endpoint.streamCompletion({ prompt: "Go" }));
    expect(completion.reply.choices[0]!.text).toBe("one two 0");
  });
});

suite("faults have names", () => {
  test.each([
    [{ kind: "status", status: 403 }, AuthError],
    [{ kind: "status", status: 429 }, RateLimitError],
    [{ kind: "status", status: 503 }, OverloadedError],
    [{ kind: "status", status: 408 }, OverloadedError],
    [{ kind: "status", status: 400, message: "temperature: must be at most 2" }, RefusedError],
    [
      { kind: "status", status: 400, message: "This model's maximum context length is 4096 tokens" },
      ContextTooLongError,
    ],
    [{ kind: "html" }, OverloadedError],
    [{ kind: "html", status: 404 }, NotAnEndpointError],
    [{ kind: "html", status: 200 }, NotAnEndpointError],
    [{ kind: "wrong-json" }, MalformedReplyError],
    [{ kind: "wrong-json", text: "OK" }, MalformedReplyError],
    [{ kind: "malformed" }, MalformedReplyError],
    [{ kind: "die" }, UnreachableError],
  ] as [Fault, abstract new (...args: any[]) => Error][])("%j", async (fault, expected) => {
    const it = await open({ faults: always(fault), answer: () => "one two three" });
    await expect(it.endpoint.chat(hello)).rejects.toThrow(expected);
    await expect(collect(it.endpoint.streamChat(hello))).rejects.toThrow(expected);
  });

  test("no choices: malformed as a whole, broken off as a stream", async () => {
    const it = await open({ faults: always({ kind: "empty-choices" }) });
    await expect(it.endpoint.chat(hello)).rejects.toThrow("it has no choices");
    await expect(collect(it.endpoint.streamChat(hello))).rejects.toThrow("The stream ended before the answer did");
  });

  test("a broken stream tells what it probably cost", async () => {
    const it = await open({
      faults: always({ kind: "die", afterTokens: 2 }),
      answer: () => "12345678 1234567 x",
    });
    const error = await collect(it.endpoint.streamChat(hello)).catch((error) => error);
    expect(error.spent).toEqual({ promptTokens: 6, completionTokens: 4, estimated: true });
  });

  test("a silent server: TimeoutError, and it sees the client go", async () => {
    const it = await open({ faults: always({ kind: "hang" }) });
    await expect(it.endpoint.chat(hello, { timeoutMs: 150 })).rejects.toThrow(TimeoutError);
    await expect(collect(it.endpoint.streamChat(hello, { timeoutMs: 150 }))).rejects.toThrow(TimeoutError);
    await lostClients(it.server).toBe(2);
  });

  test("a stream may take longer than timeoutMs as long as tokens come", async () => {
    const it = await open({ tokenDelayMs: 60, answer: () => "a b c d e f g h i j" });
    const { reply } = await collect(it.endpoint.streamChat(hello, { timeoutMs: 450 }));
    expect(reply.choices[0]!.text).toBe("a b c d e f g h i j");
    expect(reply.latencyMs).toBeGreaterThan(500);
  });

  test("nobody listens", async () => {
    const it = await open();
    await it.server.close();
    const error = await it.endpoint.chat(hello).catch((error) => error);
    expect(error).toBeInstanceOf(UnreachableError);
    expect([error.message, error.hint]).toEqual([
      `No whole answer from ${it.server.url}: ECONNREFUSED`,
      "No server listens there: is it started, and is the port right?",
    ]);
  });

  test("an unknown model: the error has the models there are", async () => {
    const it = await open({ models: ["small", "large"] });
    const error = await it.endpoint.chat(hello).catch((error) => error);
    expect(error).toBeInstanceOf(ModelNotFoundError);
    expect([error.models, error.hint]).toEqual([["large", "small"], "It has: large, small"]);
  });

  test("a wrong address is not a wrong model", async () => {
    const it = await open();
    const endpoint = openAiEndpoint({ url: it.server.url.replace("/v1", "/api"), model: "mock" });
    await expect(endpoint.chat(hello)).rejects.toThrow(NotAnEndpointError);
  });

  test("fewer choices than asked for is no reason to try again", async () => {
    const it = await open({ skills: [] });
    const error = await it.endpoint.chat({ ...hello, n: 4 }).catch((error) => error);
    expect(error).toBeInstanceOf(UnsupportedError);
    expect(error.message).toBe("4 choices were asked for, but the server gave 1");
  });

  test("used-up credit is not worth waiting for", async () => {
    const it = await open({ faults: always({ kind: "status", status: 429, code: "insufficient_quota" }) });
    expect(await it.endpoint.chat(hello).catch(({ retryable }) => retryable)).toBe(false);
  });
});

suite("keys", () => {
  const apiKey = "sk-very-secret-0123456789";

  test("a key is sent, and none is when there is none", async () => {
    const it = await open({ apiKey });
    await expect(it.endpoint.chat(hello)).rejects.toThrow(AuthError);
    const endpoint = openAiEndpoint({ url: it.server.url, model: "mock", apiKey });
    await expect(endpoint.chat(hello)).resolves.toBeDefined();
  });

  test("a server that repeats the key does not get it into a message", async () => {
    const it = await open({ apiKey: "another" }, { apiKey });
    const error = await it.endpoint.chat(hello).catch((error) => error);
    expect(error.message).toContain("Incorrect API key provided: [redacted]");
    expect(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain(apiKey);
  });
});

suite("abort", () => {
  test("the caller's reason comes back and the server sees the client go", async () => {
    const it = await open({ delayMs: 5_000, tokenDelayMs: 5_000 });
    const reason = new Error("enough");
    const controller = new AbortController();
    const options = { signal: controller.signal };
    const calls = [it.endpoint.chat(hello, options), collect(it.endpoint.streamChat(hello, options))];
    const errors = Promise.all(calls.map((call) => call.catch((error) => error)));
    await openCalls(it.server).toBe(2);
    controller.abort(reason);
    expect(await errors).toEqual([reason, reason]);
    await lostClients(it.server).toBe(2);
  });

  test("leaving a stream early ends the request", async () => {
    const it = await open({ tokenDelayMs: 10, answer: () => "a b c d e f g h i j k l m n o p" });
    for await (const event of it.endpoint.streamChat(hello)) if (event.type === "delta") break;
    await lostClients(it.server).toBe(1);
    expect(it.server.counts.servedCount).toBe(0);
  });

  test("closing the endpoint ends what is under way", async () => {
    const it = await open({ delayMs: 5_000 });
    const call = it.endpoint.chat(hello);
    setTimeout(() => it.endpoint.close(), 20);
    await expect(call).rejects.toThrow("was closed");
  });
});

suite("prefill", () => {
  const counting: ChatRequest = {
    messages: [{ role: "user", content: "Count from 1 to 12. Write the numbers, separated by spaces." }],
    prefill: "1 2 3",
  };
  test.each([
    ["continue_final_message", { continue_final_message: true, add_generation_prompt: false }],
    ["prefix", {}],
    ["assistant", {}],
  ] as const)("%s is found out and used", async (dialect, fields) => {
    const it = await open({ skills: ["models", dialect] });
    const { choices } = await it.endpoint.chat({ ...counting, maxTokens: 3 });
    expect(choices[0]!.text).toBe(" 4 5 6");
    const message = { role: "assistant", content: "1 2 3", ...(dialect === "prefix" && { prefix: true }) };
    expect(it.server.bodies.at(-1)).toMatchObject({ ...fields, messages: [counting.messages[0], message] });
  });

  test("through /completions with the model's template", async () => {
    const it = await open(
      { answer: ({ prompt }) => `<${prompt}>` },
      { prefill: "completions", renderChat: (messages) => `[${messages[0]!.content}]` },
    );
    const { choices } = await it.endpoint.chat({ ...hello, prefill: "Well" });
    expect(choices[0]!.text).toBe("<[Hello]Well>");
  });

  test("a server that starts anew: UnsupportedError says what was seen", async () => {
    const it = await open({ skills: [] });
    const error = await it.endpoint.chat(counting).catch((error) => error);
    expect(error).toBeInstanceOf(UnsupportedError);
    expect(error.message).toContain('it answered "1 2 3 4 5 6 7 8" instead of counting on');
  });
});

test("models are listed, and a list that is none is refused", async () => {
  const it = await open({ models: ["b", "a"] });
  expect(await listModels({ url: `${it.server.url}/` })).toEqual(["a", "b"]);
  const bare = await open({ skills: [] });
  await expect(listModels({ url: bare.server.url })).rejects.toThrow(NotAnEndpointError);
});
