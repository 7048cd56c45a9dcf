import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, suite, test, vi } from "vitest";
import { AuthError, MalformedReplyError } from "../../endpoint/errors.ts";
import { groupBySimilarity } from "./cluster.ts";
import { lexicalEmbedder, openAiEmbedder } from "./embedders.ts";

suite("lexical embedder", () => {
  test("groups answers that differ in spaces, case and punctuation, and keeps others apart", async () => {
    const answers = [
      "The function returns the sum of both numbers.",
      "the function  returns the sum of both numbers",
      "The list is sorted before it is searched.",
      null,
    ];
    expect((await groupBySimilarity(answers, lexicalEmbedder())).groups).toEqual([[0, 1], [2], [3]]);
  });
  test("sees spelling, not meaning", async () => {
    expect((await groupBySimilarity(["ten", "10"], lexicalEmbedder())).groups).toHaveLength(2);
    const [even, odd] = ["the number that you are looking for is even", "the number that you are looking for is odd"];
    expect((await groupBySimilarity([even!, odd!], lexicalEmbedder(), { threshold: 0.8 })).groups).toHaveLength(1);
  });
  test("is the same everywhere, also for texts of one letter or beyond the basic plane", async () => {
    const [vector, again, tiny, emoji] = await lexicalEmbedder({ dim: 16 })(["abc", "ABC ", "x", "𝒳😀"]);
    expect(vector).toEqual(again);
    // Nine pieces of " abc " over sizes 2 to 4, each once, in sixteen places.
    expect(vector!.reduce((sum, value) => sum + value ** 2, 0)).toBeGreaterThan(0);
    expect([vector!.length, tiny!.some(Boolean), emoji!.some(Boolean)]).toEqual([16, true, true]);
    expect(() => lexicalEmbedder({ dim: 0 })).toThrow("dim: 0 numbers");
  });
});

suite("OpenAI-compatible embedder", () => {
  let server: Server;
  let url: string;
  let respond: (body: { input: string[] }, attempt: number) => { status?: number; body: unknown };
  let requests: { path: string; authorization: string | undefined; body: any }[];

  beforeEach(async () => {
    requests = [];
    server = createServer((request, response) => {
      let text = "";
      request.on("data", (chunk) => {
        text += chunk;
      });
      request.on("end", () => {
        const body = JSON.parse(text);
        requests.push({ path: request.url!, authorization: request.headers.authorization, body });
        const { status = 200, body: reply } = respond(body, requests.length);
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(reply));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    vi.stubEnv("POLYMATH_API_KEY", "");
    vi.stubEnv("OPENAI_API_KEY", "sk-of-openai");
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  /** One number per text, its length; last text first, as a server may answer. */
  const lengths = ({ input }: { input: string[] }) => ({
    body: { data: input.map((text, index) => ({ index, embedding: [text.length, 1] })).reverse() },
  });

  test("asks in batches, for numbers, and puts the rows in order", async () => {
    respond = lengths;
    const vectors = await openAiEmbedder({ url: `${url}/`, model: "small", batchSize: 2 })(["a", "bb", "ccc"]);
    expect(vectors).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
    expect(requests.map(({ path, body }) => [path, body])).toEqual([
      ["/v1/embeddings", { model: "small", input: ["a", "bb"], encoding_format: "float" }],
      ["/v1/embeddings", { model: "small", input: ["ccc"], encoding_format: "float" }],
    ]);
  });
  test("sends the key that is meant for this server, and no other", async () => {
    respond = lengths;
    await openAiEmbedder({ url, model: "small" })(["a"]);
    vi.stubEnv("MY_KEY", "sk-mine");
    await openAiEmbedder({ url, model: "small", apiKeyEnv: "MY_KEY" })(["a"]);
    expect(requests.map(({ authorization }) => authorization)).toEqual([undefined, "Bearer sk-mine"]);
  });
  test("tries again after a fault of the server", async () => {
    respond = (body, attempt) =>
      attempt === 1 ? { status: 503, body: { error: { message: "busy" } } } : lengths(body);
    expect(await openAiEmbedder({ url, model: "small" })(["ab"])).toEqual([[2, 1]]);
  });
  test("says what went wrong, without the key", async () => {
    respond = () => ({ status: 401, body: { error: { message: "bad key sk-mine" } } });
    const failing = openAiEmbedder({ url, model: "small", apiKey: "sk-mine" })(["a"]);
    await expect(failing).rejects.toThrow(AuthError);
    await expect(failing).rejects.toThrow("bad key [redacted]");
    respond = () => ({ body: { data: [{ index: 0, embedding: [1] }] } });
    const short = openAiEmbedder({ url, model: "small" })(["a", "b"]);
    await expect(short).rejects.toThrow(MalformedReplyError);
    await expect(short).rejects.toThrow("expected 2 lists of numbers, got 1 rows");
  });
});
