import { afterAll, expect, suite, test } from "vitest";
import type { StreamEvent } from "../endpoint/endpoint.ts";
import { embeddedEndpoint, engineEndpoint, localEndpoint } from "./endpoint.ts";
import { createEngine } from "./engine/engine.ts";
import { eosId, letters, scriptedModel } from "./engine/fake-model.fixtures.ts";
import { type ReasoningPiece, splitReasoning } from "./reasoning-splitter.ts";
import { ChatTemplate } from "./tokenizers/index.ts";

const ask = (content: string) => ({ messages: [{ role: "user" as const, content }] });

suite("embedded", async () => {
  const endpoint = await embeddedEndpoint("reasoner");
  afterAll(() => endpoint.close());

  test("chats through its template; reasoning and answer are told apart", async () => {
    const reply = await endpoint.chat({ ...ask("17 + 25"), temperature: 0 });
    expect(reply.choices[0]).toMatchObject({ text: "<answer>42</answer>", finishReason: "stop" });
    expect(reply.choices[0]!.reasoning).toContain("17");
    const { promptTokens, completionTokens, reasoningTokens } = reply.usage;
    expect(promptTokens).toBe(7); // <s> 1 7 + 2 5 =
    expect(completionTokens).toBeGreaterThan(reasoningTokens!);
    expect(reply).toMatchObject({ model: "reasoner", latencyMs: expect.any(Number) });
  });

  test("a stream says the same, piece by piece, and ends with the reply", async () => {
    const request = { ...ask("17+25+38"), temperature: 0, topLogprobs: 2 };
    const events = await Array.fromAsync(endpoint.streamChat(request));
    const last = events.pop() as Extract<StreamEvent, { type: "reply" }>;
    const join = (field: "text" | "reasoning") =>
      events.map((event) => (event.type === "delta" && event[field]) || "").join("");
    const [choice] = last.reply.choices;
    expect([join("text"), join("reasoning")]).toEqual([choice!.text, choice!.reasoning]);
    expect(choice!.text).toBe((await endpoint.chat(request)).choices[0]!.text);
    expect(choice!.logprobs!.map(({ token }) => token).join("")).toBe(choice!.text);
    for (const { logprob, top } of choice!.logprobs!) expect([top.length, top[0]!.logprob]).toEqual([2, logprob]);
    expect(events.length).toBeGreaterThan(20);
  });

  test("goes on after a prefill, and after a plain text", async () => {
    const thought = (await endpoint.chat({ ...ask("17+25"), temperature: 0 })).choices[0]!.reasoning!;
    const goOn = async (prefill: string) =>
      (await endpoint.chat({ ...ask("17+25"), prefill, temperature: 0 })).choices[0];
    const [begun, rest] = [thought.slice(0, 11), thought.slice(11)];
    expect(await goOn(`<think>${begun}`)).toMatchObject({ reasoning: rest, text: "<answer>42</answer>" });
    expect(await goOn(`<think>${thought}</think><answer>`)).toEqual({ text: "42</answer>", finishReason: "stop" });
    const completed = await endpoint.complete({ prompt: "<s>17+25=<think>", temperature: 0, stop: ["</think>"] });
    expect(completed.choices[0]).toMatchObject({ stopText: "</think>", finishReason: "stop" });
    expect(completed.choices[0]!.text).not.toContain("think");
  });

  test("n answers of one seed are the same again and read the prompt once", async () => {
    const request = { ...ask("61+78+95+12"), n: 4, seed: 7, maxTokens: 60, temperature: 2 };
    const first = await endpoint.chat(request);
    const second = await endpoint.chat(request);
    expect(second.choices).toEqual(first.choices);
    expect(new Set(first.choices.map(({ reasoning }) => reasoning)).size).toBeGreaterThan(1);
    expect(first.choices.map(({ finishReason }) => finishReason)).toContain("length");
    expect(second.usage).toMatchObject({ promptTokens: 13, cachedTokens: 13, completionTokens: expect.any(Number) });
  });

  test("names what it cannot do", async () => {
    const codeOf = (call: Promise<unknown>) =>
      call.then(
        () => "none",
        (error) => error.code,
      );
    expect(await codeOf(endpoint.chat({ ...ask("1+2"), model: "gpt-9" }))).toBe("ENDPOINT_MODEL");
    expect(await codeOf(endpoint.chat(ask("1+".repeat(200))))).toBe("ENDPOINT_CONTEXT");
    expect(await codeOf(endpoint.chat(ask("Why?")))).toBe("ENDPOINT_REFUSED");
    expect(await codeOf(endpoint.chat({ ...ask("1+2"), topP: 2 }))).toBe("ENDPOINT_REFUSED");
    expect(await codeOf(endpoint.chat({ ...ask("1+2"), responseFormat: { type: "json_object" } }))).toBe(
      "ENDPOINT_UNSUPPORTED",
    );
    const picture = { type: "image_url" as const, image_url: { url: "data:image/png;base64,AA==" } };
    expect(await codeOf(endpoint.chat({ messages: [{ role: "user", content: [picture] }] }))).toBe(
      "ENDPOINT_UNSUPPORTED",
    );
    const { chat, prefill, structuredOutput } = await endpoint.capabilities();
    expect([chat.status, prefill.status, structuredOutput.status]).toEqual(["works", "works", "missing"]);
  });
});

suite("one call", () => {
  const open = async (text: string, template?: ChatTemplate) => {
    const engine = await createEngine({ model: scriptedModel(() => text), tokenizer: letters });
    return engineEndpoint({ engine, template, url: "local:test", name: "test", endIds: new Set([eosId]) });
  };

  test("ends with the signal's reason, and frees its place", async () => {
    const endpoint = await open("a".repeat(900));
    const controller = new AbortController();
    const events = endpoint.streamCompletion({ prompt: "x." }, { signal: controller.signal });
    const follow = async () => {
      for await (const _ of events) controller.abort(new Error("enough"));
    };
    await expect(follow()).rejects.toThrow("enough");
    for await (const _ of endpoint.streamCompletion({ prompt: "x." })) break; // leaving early is an end, too
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(endpoint.engine.stats()).toMatchObject({ running: 0, waiting: 0, aborted: 2 });
    await expect(endpoint.complete({ prompt: "x." }, { signal: AbortSignal.abort(new Error("no")) })).rejects.toThrow(
      "no",
    );
  });

  test("that takes too long is a time-out", async () => {
    const endpoint = await open("a".repeat(900));
    const slow = endpoint.engine.submit({ prompt: "y." }); // keeps the engine from being idle
    const call = endpoint.complete({ prompt: "x." }, { timeoutMs: 1 });
    await expect(call).rejects.toMatchObject({ code: "ENDPOINT_TIMEOUT" });
    slow.abort();
  });

  test("after close is refused, and one under way ends", async () => {
    const endpoint = await open("a".repeat(900));
    const call = endpoint.complete({ prompt: "x." });
    await new Promise((resolve) => setTimeout(resolve, 2));
    const ended = expect(call).rejects.toMatchObject({ code: "ENDPOINT_UNREACHABLE" });
    await endpoint.close();
    await ended;
    await expect(endpoint.complete({ prompt: "x." })).rejects.toMatchObject({ code: "ENDPOINT_UNREACHABLE" });
  });

  test("of a chat without a template is refused, and capabilities say so", async () => {
    const endpoint = await open("abc");
    await expect(endpoint.chat(ask("x."))).rejects.toMatchObject({ code: "ENDPOINT_UNSUPPORTED" });
    expect((await endpoint.capabilities()).chat).toEqual({ status: "missing", why: "the folder has no chat template" });
    const withTemplate = await open("abc", new ChatTemplate("{{ messages[0].content }}"));
    expect((await withTemplate.chat(ask("x."))).choices).toEqual([{ text: "abc", finishReason: "stop" }]);
  });

  test("names its program", async () => {
    const endpoint = await open("abc");
    await endpoint.complete({ prompt: "x.", extra: { program: "sums" } });
    expect(endpoint.engine.stats().programs.get("sums")).toMatchObject({ finished: 1, generatedTokens: 4 });
  });
});

suite("splitReasoning", () => {
  const split = (text: string, isOpen: boolean, size: number) => {
    const splitter = splitReasoning(isOpen);
    const pieces: ReasoningPiece[] = [];
    for (let at = 0; at < text.length; at += size) pieces.push(...splitter.push(text.slice(at, at + size)));
    pieces.push(...splitter.end());
    const join = (wanted: string) => pieces.map(({ kind, text }) => (kind === wanted ? text : "")).join("");
    return [join("reasoning"), join("text")];
  };
  for (const size of [1, 3, 100]) {
    test(`however the text is cut: ${size}`, () => {
      expect(split("a<b <think>x</y</think>2 < 3 <thi", false, size)).toEqual(["x</y", "a<b 2 < 3 <thi"]);
      expect(split("so</think>2</think>", true, size)).toEqual(["so", "2</think>"]);
    });
  }
});

test("a folder that is none, and a name that is none", async () => {
  await expect(localEndpoint({ dir: "/nowhere" })).rejects.toThrow("/nowhere is no model folder");
  await expect(embeddedEndpoint("nobody")).rejects.toThrow('There is no model "nobody"');
});
