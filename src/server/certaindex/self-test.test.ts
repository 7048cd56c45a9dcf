/** What the self-test finds, and that only what is missing is turned off. */
import { expect, onTestFinished, suite, test } from "vitest";
import type { MockSkill } from "../../endpoint/testing/index.ts";
import { settlesAfter, testProxy, think } from "./proxy.fixtures.ts";

const chat = {
  model: "mock",
  messages: [{ role: "user", content: "q" }],
  dynasor: { probe_interval: 8, certainty_window: 2 },
};
const completion = { model: "mock", prompt: "q", dynasor: { probe_interval: 8, certainty_window: 2 } };

/** Probing of each route before a server with these skills: the reason of the stop, or why it is off. */
async function before(skills: MockSkill[], options: object = {}) {
  const thinker = think(settlesAfter(0, 80));
  const answer: typeof thinker = (request) => {
    // As the self-test asks, and a model answers that was shown what it had begun.
    if (/^Count from 1/.test(request.prompt)) return request.prefill === undefined ? "1 2 3" : "7 8 9";
    return thinker(request);
  };
  const proxy = await testProxy({ answer, skills, tokenDelayMs: 2 }, options);
  onTestFinished(() => proxy.close());
  const probe = async (path: string, body: object) => {
    const response = await proxy.post(path, body);
    const reply: any = await response.json();
    return reply.x_certaindex?.reason ?? response.headers.get("x-certaindex-off") ?? response.status;
  };
  const [chats, texts] = [await probe("/chat/completions", chat), await probe("/completions", completion)];
  return { chats, texts, findings: proxy.findings, proxy };
}

suite("the self-test", () => {
  test("with texts and a template: all is probed", async () => {
    const { chats, texts, findings } = await before(["completions", "models", "logprobs"]);
    expect([chats, texts, findings.chatWay]).toEqual(["settled", "settled", "template"]);
  });

  test.each(["continue_final_message", "prefix"] as const)(
    "without a template, a begun answer is continued: %s",
    async (dialect) => {
      const { chats, findings, proxy } = await before(["completions", "models", dialect], { template: undefined });
      expect([chats, findings.chatWay]).toEqual(["settled", dialect]);
      const probe = proxy.upstream.bodies.findLast(({ messages }) => messages?.at(-1)?.role === "assistant")!;
      expect(probe.messages!.at(-1)!.content).toMatch(/^<think>\nw1 .*\\boxed\{$/s);
      if (dialect === "continue_final_message") expect(probe.add_generation_prompt).toBe(false);
    },
  );

  test("a chat-only server without any of it: chats go through, and the reason is told", async () => {
    const { chats, texts, findings } = await before(["models"]);
    expect(chats).toMatch(/the server neither goes on from texts .* nor with a begun answer/);
    expect(texts).toMatch(/the server has no \/completions/);
    expect(findings.lines.join("\n")).toMatch(/chats are not probed.*\ncompletions are not probed/);
  });

  test("texts without a template: completions alone", async () => {
    const { chats, texts } = await before(["completions", "models"], { template: undefined });
    expect(chats).toMatch(/chat template is not known \(give its folder with --template\)/);
    expect(texts).toBe("settled");
  });

  test("without log-probabilities only the signal that needs them is refused", async () => {
    const { chats, proxy } = await before(["completions", "models"]);
    expect(chats).toBe("settled");
    const wanting = { ...chat, dynasor: { signal: "probability", min_tokens: 8 } };
    const refused = await proxy.post("/chat/completions", wanting);
    expect([refused.status, ((await refused.json()) as any).error.message]).toEqual([
      400,
      expect.stringMatching(/no log-probabilities.*Use the signal "consistency"/),
    ]);
  });

  test("the probability of the trial answer stops where the model hesitates", async () => {
    const chain = `<think>\n${"w1 ".repeat(30)}Wait, ${"w2 ".repeat(60)}\n</think>\n\n\\boxed{7}`;
    const answer = ({ prompt }: { prompt: string }) => (prompt.endsWith("\\boxed{") ? "7} \\]" : chain);
    const proxy = await testProxy({ answer, tokenDelayMs: 2 }, { base: { minProbability: 0.01 } });
    onTestFinished(() => proxy.close());
    const reply: any = await (
      await proxy.post("/chat/completions", { ...chat, dynasor: { signal: "probability" } })
    ).json();
    expect(reply.x_certaindex).toMatchObject({ reason: "settled", probes: 1 });
    expect(reply.x_certaindex.value).toBeGreaterThan(0.01);
    const probe = proxy.upstream.bodies.find(({ prompt }) => prompt?.endsWith("\\boxed{"))!;
    expect(probe.prompt).not.toContain("Wait"); // asked from before the hesitation
    expect(probe.logprobs).toBe(1);
  });

  test("a server that is not there, or knows no such model, is said at the start", async () => {
    await expect(
      testProxy({}, { upstream: "http://127.0.0.1:9/v1", model: "m", retries: { maxAttempts: 1 } }),
    ).rejects.toThrow("http://127.0.0.1:9/v1 does not answer");
    await expect(testProxy({}, { model: "other" })).rejects.toThrow(/no model "other"/);
  });
});
