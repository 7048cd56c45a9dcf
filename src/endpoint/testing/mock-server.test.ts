import OpenAI from "openai";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { startMock } from "../mock.fixtures.ts";
import { faultsBySeed, type MockServer, startMockServer } from "./index.ts";

suite("the official client against the mock", () => {
  let server: MockServer;
  let client: OpenAI;
  beforeAll(async () => {
    server = await startMockServer({ answer: ({ choice, body }) => `seed ${body.seed} choice ${choice}` });
    client = new OpenAI({ baseURL: server.url, apiKey: "any", maxRetries: 0 });
  });
  afterAll(() => server.close());
  const messages = [{ role: "user" as const, content: "Hello" }];

  test("chat with n, stop, seed and logprobs", async () => {
    const request = { model: "mock", messages, n: 2, seed: 3, stop: " choice", logprobs: true, top_logprobs: 1 };
    const { choices, usage } = await client.chat.completions.create(request);
    expect(choices.map(({ message }) => message.content)).toEqual(["seed 3", "seed 3"]);
    expect(choices[0]!.logprobs!.content!.map(({ token }) => token)).toEqual(["seed", " 3"]);
    expect(usage).toMatchObject({ prompt_tokens: 5, completion_tokens: 4, total_tokens: 9 });
  });

  test("a stream, with usage at its end when asked for", async () => {
    const stream = await client.chat.completions.create({
      model: "mock",
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = await Array.fromAsync(stream);
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toBe("seed undefined choice 0");
    expect(chunks.at(-2)!.choices[0]!.finish_reason).toBe("stop");
    expect(chunks.at(-1)!.usage!.completion_tokens).toBe(4);
  });

  test("completions and models", async () => {
    const { choices } = await client.completions.create({ model: "mock", prompt: "Go", max_tokens: 2, logprobs: 1 });
    expect(choices[0]).toMatchObject({ text: "seed undefined", finish_reason: "length" });
    expect((await Array.fromAsync(client.models.list())).map(({ id }) => id)).toEqual(["mock"]);
  });

  test("errors come in the client's classes", async () => {
    await expect(client.chat.completions.create({ model: "none", messages })).rejects.toThrow(OpenAI.NotFoundError);
    await expect(client.chat.completions.create({ model: "mock", messages: [] })).rejects.toThrow(
      OpenAI.BadRequestError,
    );
  });
});

test("seeded faults depend on the content and its attempt alone, and come at their rates", () => {
  const script = faultsBySeed(1, { rateLimit: 0.3, die: 0.2 });
  const kinds = Array.from({ length: 2_000 }, (_, i) => script({ key: String(i), attempt: 1 } as any)?.kind);
  expect(kinds.filter((kind) => kind === "status").length / 2_000).toBeCloseTo(0.3, 1);
  expect(kinds.filter((kind) => kind === "die").length / 2_000).toBeCloseTo(0.2, 1);
  expect(script({ key: "7", attempt: 1 } as any)).toEqual(script({ key: "7", attempt: 1 } as any));
  const retried = Array.from({ length: 50 }, (_, i) => script({ key: "7", attempt: i } as any)?.kind);
  expect(new Set(retried).size).toBe(3);
});

test("it counts what was served, and who went away", async () => {
  const server = await startMock({ delayMs: ({ prompt }) => (prompt === "slow" ? 5_000 : 0) });
  const ask = (prompt: string, signal?: AbortSignal) =>
    fetch(`${server.url}/completions`, { method: "POST", body: JSON.stringify({ model: "mock", prompt }), signal });
  await (await ask("quick")).text();
  await (await ask("quick")).text();
  await expect(ask("slow", AbortSignal.timeout(200))).rejects.toThrow();
  await expect.poll(() => server.counts.disconnectCount).toBe(1);
  expect(server.counts).toMatchObject({ requestCount: 3, servedCount: 2, openCount: 0 });
  expect([...server.servedByKey.values()]).toEqual([2]);
});
