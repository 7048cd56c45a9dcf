import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, suite, test } from "vitest";
import { openAiEndpoint, RefusedError } from "../../endpoint/index.ts";
import { type MockRequest, startMockServer } from "../../endpoint/testing/index.ts";
import { answerChat } from "./answer.ts";
import { chat } from "./chat.ts";
import { silence } from "./voice.ts";

const never = new AbortController().signal;

/** A chat with typed lines, and what it showed. */
function talk(lines: string[], options: Partial<Parameters<typeof chat>[0]> = {}) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  let shown = "";
  output.on("data", (text) => {
    shown += text;
  });
  const asked: string[][] = [];
  const done = chat({
    greeting: "hello",
    remembers: true,
    signal: never,
    async answer(messages) {
      asked.push(messages.map(({ content }) => String(content)));
      if (messages.at(-1)!.content === "refuse") throw new RefusedError("not this", { hint: "Ask otherwise." });
      return `re: ${messages.at(-1)!.content}`;
    },
    ...options,
    input,
    output,
  });
  for (const line of lines) input.write(`${line}\n`);
  input.end();
  return { done, asked, shown: () => shown };
}

suite("chat", () => {
  test("remembers what was said until /new; empty lines are nothing", async () => {
    const { done, asked } = talk(["one", "", "two", "/new", "three"]);
    expect(await done).toEqual({ turns: 3 });
    expect(asked).toEqual([["one"], ["one", "re: one", "two"], ["three"]]);
  });

  test("where every line stands for itself, nothing is remembered", async () => {
    const { done, asked } = talk(["one", "two"], { remembers: false });
    await done;
    expect(asked).toEqual([["one"], ["two"]]);
  });

  test("an answer that fails is told and forgotten", async () => {
    const { done, asked, shown } = talk(["refuse", "go on"]);
    expect(await done).toEqual({ turns: 1 });
    expect(asked[1]).toEqual(["go on"]);
    expect(shown()).toContain("not this\n  Ask otherwise.");
  });

  test("a fault of ours ends it", async () => {
    const answer = () => Promise.reject(new TypeError("bug"));
    await expect(talk(["x"], { answer }).done).rejects.toThrow("bug");
  });

  test("its signal stops the answer at hand and the chat", async () => {
    const stop = new AbortController();
    const { done, shown } = talk(["wait", "never asked"], {
      signal: stop.signal,
      answer: async (_, signal) => {
        setTimeout(() => stop.abort(), 10);
        await sleep(10_000, undefined, { signal });
        return "";
      },
    });
    expect(await done).toEqual({ turns: 0 });
    expect(shown()).toContain("stopped");
  });
});

suite("answerChat", () => {
  const ask = async (server: { url: string }, messages = ["hi"]) =>
    answerChat(
      openAiEndpoint({ url: server.url, model: "mock" }),
      messages.map((content) => ({ role: "user" as const, content })),
      { maxTokens: 50, voice: silence, signal: never },
    );

  test.each([
    ["reasoning that the server tells apart", { text: "42", reasoning: "6 times 7" }],
    ["tags in the text", "<think>6 times 7</think> 42"],
  ])("%s is thinking", async (_, answer) => {
    const server = await startMockServer({ answer: () => answer });
    onTestFinished(() => server.close());
    expect(await ask(server)).toMatchObject({ thinking: "6 times 7", answer: "42", finished: true, model: "mock" });
  });

  test("sends the whole conversation, and only the sampling that was chosen", async () => {
    const seen: MockRequest["body"][] = [];
    const server = await startMockServer({
      answer: ({ body }) => {
        seen.push(body);
        return "yes";
      },
    });
    onTestFinished(() => server.close());
    await ask(server, ["a", "b"]);
    expect(seen[0]).toMatchObject({ max_tokens: 50, messages: [{ content: "a" }, { content: "b" }] });
    expect(Object.keys(seen[0]!)).not.toContain("temperature");
  });
});
