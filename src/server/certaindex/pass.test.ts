/** What is not probed goes through byte for byte: bodies, fields that nobody knows, tools, status, headers, errors. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import OpenAI from "openai";
import { expect, onTestFinished, suite, test } from "vitest";
import { settlesAfter, testProxy, think } from "./proxy.fixtures.ts";
import { startProxy } from "./proxy.ts";

interface Seen {
  path: string;
  body: string;
  headers: Record<string, unknown>;
}

/** An upstream with an answer of its own making; the self-test is spared by knowing what it can do. */
async function before(
  answer: { status?: number; headers?: Record<string, string>; pieces: string[] },
  options: object = {},
) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync<Buffer>(request)).toString("utf8");
    seen.push({ path: request.url!, body, headers: request.headers });
    response.writeHead(answer.status ?? 200, answer.headers ?? { "content-type": "application/json" });
    for (const piece of answer.pieces) {
      response.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const works = { status: "works" as const, why: "said so", how: "continue_final_message" };
  const proxy = await startProxy({
    upstream: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    port: 0,
    model: "m",
    capabilities: Object.fromEntries(
      ["chat", "completions", "streaming", "n", "logprobs", "prefill", "priority", "structuredOutput", "models"].map(
        (name) => [name, works],
      ),
    ) as never,
    policies: new Map(),
    fallback: undefined,
    base: {},
    thinkingIsOpen: false,
    retries: { maxAttempts: 1 },
    log: { info() {}, warn() {}, debug() {} },
    ...options,
  });
  onTestFinished(async () => {
    await proxy.close({ graceMs: 0 });
    server.closeAllConnections();
    server.close();
  });
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${proxy.url}${path}`, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });
  return { proxy, seen, post };
}

// Spacing, order, escapes and numbers that a parser would change.
const oddBody =
  '{ "model":"m","messages":[{"role":"user","content":"\\u00e9 ü"}], "seed":12345678901234567890, "x":1.0,"stream":true }';
const oddEvents = [
  ': a comment\n\ndata: {"choices" : [ {"index":0,"delta":{"content":"h\\u00e9"},"odd":1.50} ]}\n',
  "\ndata: [DO",
  "NE]\n\n",
];

suite("byte for byte", () => {
  test("a stream, with a body and chunks that no parser would write", async () => {
    const headers = { "content-type": "text/event-stream", "x-request-id": "r7", "openai-processing-ms": "3" };
    const { seen, post } = await before({ headers, pieces: oddEvents });
    const response = await post("/chat/completions", oddBody, { "x-stainless-lang": "js", "openai-organization": "o" });
    expect(await response.text()).toBe(oddEvents.join(""));
    expect(response.headers.get("x-request-id")).toBe("r7");
    expect(seen[0]).toMatchObject({ path: "/v1/chat/completions", body: oddBody });
    expect(seen[0]!.headers).toMatchObject({ "x-stainless-lang": "js", "openai-organization": "o" });
  });

  test.each([
    ["tools", { tools: [{ type: "function", function: { name: "f" } }] }, "tools"],
    ["several choices", { n: 2 }, "several choices"],
    ["a format", { response_format: { type: "json_object" } }, "a format"],
    ["a begun answer", { continue_final_message: true }, "continues an answer"],
  ])("a request with %s is not probed, even where that is the default, and is told why", async (_, fields, why) => {
    const fallback = { settings: {}, effort: "mid", policy: undefined, program: undefined };
    const reply = '{"choices": [ {"message":{"tool_calls":[{"id":"c1"}]}} ]}';
    const { seen, post } = await before({ pieces: [reply] }, { fallback, template: undefined });
    const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "q" }], ...fields }, undefined, 3);
    const response = await post("/chat/completions", body);
    expect([await response.text(), seen[0]!.body]).toEqual([reply, body]);
    expect(response.headers.get("x-certaindex-off")).toContain(why);
  });

  test("where our fields were in it, all other fields are as they were", async () => {
    const { seen, post } = await before({ pieces: ["{}"] });
    const fields = { model: "m", messages: [], guided_regex: "a+", nested: { dynasor: 1 } };
    await post("/chat/completions", JSON.stringify({ ...fields, dynasor: { saving_effort: "none" } }));
    expect(JSON.parse(seen[0]!.body)).toEqual(fields);
  });

  test.each([
    [
      404,
      '{"error":{"message":"The model `x` does not exist","type":"invalid_request_error","param":null,"code":"model_not_found"}}',
    ],
    [400, '{"error":{"message":"bad","type":"invalid_request_error","param":"top_p","code":null}}'],
    [429, '{"error":{"message":"slow down","type":"requests","param":null,"code":"rate_limit_exceeded"}}'],
    [503, "<html>busy</html>"],
  ])("an error keeps its status and words: %d", async (status, words) => {
    const headers = { "content-type": words.startsWith("<") ? "text/html" : "application/json", "retry-after": "7" };
    const { post } = await before({ status, headers, pieces: [words] });
    for (const fields of ["{}", '{"messages":[{"role":"user","content":"q"}],"dynasor":{"saving_effort":"mid"}}']) {
      const response = await post("/chat/completions", fields);
      expect([response.status, await response.text(), response.headers.get("retry-after")]).toEqual([
        status,
        words,
        "7",
      ]);
    }
  });

  test("what is no JSON is the upstream's to refuse", async () => {
    const { seen, post } = await before({ status: 400, pieces: ["no"] });
    expect((await post("/completions", '{"dynasor"')).status).toBe(400);
    expect(seen[0]!.body).toBe('{"dynasor"');
  });

  test("models are listed and shown by the upstream", async () => {
    const { proxy, seen } = await before({ pieces: ['{"object":"list","data":[{"id":"m","owned_by":"them"}]}'] });
    expect(await (await fetch(`${proxy.url}/models`)).json()).toMatchObject({ data: [{ owned_by: "them" }] });
    await fetch(`${proxy.url}/models/org/name`);
    expect(seen.map(({ path }) => path)).toEqual(["/v1/models", "/v1/models/org/name"]);
  });
});

suite("keys", () => {
  test("the client's own goes on, unless it opens our door; the upstream's own takes its place", async () => {
    const sent = async (options: object) => {
      const { seen, post } = await before({ pieces: ["{}"] }, options);
      await post("/chat/completions", "{}", { authorization: "Bearer client-key" });
      return seen[0]!.headers.authorization;
    };
    expect(await sent({})).toBe("Bearer client-key");
    expect(await sent({ apiKey: "client-key" })).toBeUndefined();
    expect(await sent({ apiKey: "client-key", upstreamKey: "theirs" })).toBe("Bearer theirs");
  });

  test("whoever has no key is refused before the upstream hears of it", async () => {
    const { seen, post } = await before({ pieces: ["{}"] }, { apiKey: "secret" });
    expect((await post("/chat/completions", "{}")).status).toBe(401);
    expect(seen).toHaveLength(0);
  });

  test("a page of another origin is refused on loopback", async () => {
    const { post } = await before({ pieces: ["{}"] });
    expect((await post("/chat/completions", "{}", { origin: "https://evil.example" })).status).toBe(403);
  });
});

test("tools work through the proxy with the official client", async () => {
  const proxy = await testProxy({ answer: think(settlesAfter(2, 5)) });
  onTestFinished(() => proxy.close());
  const client = new OpenAI({ baseURL: proxy.url, apiKey: "none", maxRetries: 0 });
  const tools = [{ type: "function" as const, function: { name: "f", parameters: {} } }];
  await client.chat.completions.create({ model: "mock", messages: [{ role: "user", content: "q" }], tools });
  expect(proxy.upstream.bodies.at(-1)).toMatchObject({ tools });
});
