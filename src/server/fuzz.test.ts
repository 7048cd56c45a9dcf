/** Whatever comes as a body, the server answers it or says what is wrong with it; it never fails itself. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { type TestServer, testServer } from "./server.fixtures.ts";

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server.close({ graceMs: 0 }));

const known = [
  "model messages prompt max_tokens temperature top_p top_k min_p repetition_penalty n stop seed priority stream",
  "stream_options max_completion_tokens logprobs top_logprobs response_format continue_final_message",
  "add_generation_prompt echo __proto__ constructor toString",
].flatMap((line) => line.split(" "));

const value = fc.oneof(
  fc.constantFrom(null, true, false, 0, 1, -1, 0.5, 1e308, 2 ** 53, "", "fake", "text", "json_object"),
  fc.jsonValue({ maxDepth: 3 }),
  fc.record({ include_usage: fc.boolean() }),
  fc.array(fc.record({ role: fc.constantFrom("user", "assistant", "robot"), content: fc.jsonValue({ maxDepth: 1 }) }), {
    maxLength: 3,
  }),
);
/** Mostly a request with some fields wrong; sometimes anything. */
const body = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom("chat", "completion"),
        fc.dictionary(fc.constantFrom(...known), value, { maxKeys: 4, noNullPrototype: true }),
      )
      .map(([kind, fields]) => ({
        ...(kind === "chat" ? { messages: [{ role: "user", content: "hi" }] } : { prompt: "hi" }),
        ...fields,
      })),
  },
  { weight: 1, arbitrary: fc.jsonValue() },
);

suite("any body", () => {
  test.each(["/chat/completions", "/completions"])("%s never fails", async (path) => {
    const statuses = new Set<number>();
    await fc.assert(
      fc.asyncProperty(body, async (fields) => {
        const response = await server.post(path, fields);
        const text = await response.text();
        statuses.add(response.status);
        expect([200, 400, 404]).toContain(response.status);
        if (response.status !== 200) {
          const { error } = JSON.parse(text);
          expect(error).toEqual({
            message: expect.any(String),
            type: "invalid_request_error",
            param: error.param === null ? null : expect.any(String),
            code: expect.any(String),
          });
          expect(error.message.length).toBeLessThan(2000);
        }
      }),
      { seed: 3, numRuns: 300 },
    );
    expect([...statuses]).toEqual(expect.arrayContaining([200, 400])); // neither all sense nor all nonsense
  });

  test("cut and garbled texts are no JSON or no request", async () => {
    const whole = JSON.stringify({ model: "fake", messages: [{ role: "user", content: "hällo 🙂" }], n: 2 });
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length), fc.string({ unit: "binary", maxLength: 3 }), async (at, noise) => {
        const response = await server.post("/chat/completions", whole.slice(0, at) + noise + whole.slice(at + 1));
        await response.text();
        expect([200, 400, 404]).toContain(response.status);
      }),
      { seed: 4, numRuns: 200 },
    );
  });
});
