import { expect, suite, test } from "vitest";
import { type ChainOptions, type Chunk, createChain } from "./chain.ts";

const say = (delta: object, more: object = {}): Chunk => ({ choices: [{ index: 0, delta }], ...more }) as Chunk;
function chainOf(pieces: readonly (string | Chunk)[], options: Partial<ChainOptions> = {}) {
  const chain = createChain({ thinkingEnd: "</think>", promptIsOpen: false, ...options });
  for (const piece of pieces) chain.add(typeof piece === "string" ? say({ content: piece }) : piece);
  return chain;
}

suite("thinking and answer", () => {
  test.each([
    ["one tag cut over three chunks", ["<think>a</", "thi", "nk>b"], false, true],
    ["not yet closed", ["<think>a</", "thi"], false, false],
    ["doubled tags", ["<think><think>a</think>", "</think>b"], false, true],
    ["thinking begun anew", ["<think>a</think>b", "<thi", "nk>c"], false, false],
    ["opened by the prompt", ["a</think>"], true, true],
    ["an end without a beginning", ["a</think>b"], false, true],
    ["no tags at all", ["a b c"], false, false],
  ])("%s", (_, pieces, promptIsOpen, isAnswering) => {
    expect(chainOf(pieces, { promptIsOpen }).isAnswering).toBe(isAnswering);
  });

  test.each(["reasoning_content", "reasoning"])("told apart by the server as %s", (name) => {
    const thought = say({ [name]: "hm" });
    const chain = chainOf([thought]);
    expect([chain.isInReasoning, chain.isAnswering, chain.text]).toEqual([true, false, "<think>hm"]);
    chain.add(say({ content: "\n\n" }));
    expect(chain.isAnswering).toBe(false);
    chain.add(say({ content: "7" }));
    expect([chain.isInReasoning, chain.isAnswering, chain.text]).toEqual([false, true, "<think>hm</think>\n\n7"]);
    expect(chainOf([thought], { promptIsOpen: true }).text).toBe("hm");
  });

  test("a long text costs no more per piece than a short one", () => {
    const chain = chainOf(["<think>", ...Array.from({ length: 50_000 }, () => "some words and more of them. ")]);
    expect([chain.text.length, chain.isAnswering]).toEqual([1_450_007, false]);
  });
});

suite("tokens", () => {
  test("the server's own count, however many tokens a chunk has", () => {
    const usage = (count: number) => ({ usage: { prompt_tokens: 9, completion_tokens: count } });
    const chain = chainOf([say({ content: "a b c d" }, usage(7)), say({ content: "e" }, usage(12))]);
    expect([chain.tokens, chain.isExact, chain.promptTokens]).toEqual([12, true, 9]);
  });

  test("one per log-probability, where the client asked for them", () => {
    const logprobs = { content: [{}, {}, {}] };
    const chunk = { choices: [{ index: 0, delta: { content: "abc" }, logprobs }] } as Chunk;
    expect(chainOf([chunk, chunk])).toMatchObject({ tokens: 6, isExact: true });
  });

  test("by the tokenizer, whole words at a time", () => {
    const counted: string[] = [];
    const countTokens = (text: string) => counted.push(text) && (text.match(/\S+/g)?.length ?? 0);
    const chain = chainOf(["one two th", "ree four five s", "ix seven eight nine"], { countTokens });
    expect([chain.tokens, chain.isExact]).toEqual([5, true]); // the rest waits until there is more of it
    expect(counted.join("")).toBe("one two three four five");
    expect(counted.some((text) => text.endsWith("th") || text.endsWith(" s"))).toBe(false);
  });

  test("else one per four characters, until probes have shown the rate", () => {
    const chain = chainOf(["x".repeat(400)]);
    expect([chain.tokens, chain.isExact]).toEqual([100, false]);
    chain.measure(200, 150);
    chain.measure(400, 250); // a hundred tokens for two hundred characters
    expect(chain.tokens).toBe(200);
    chain.add(say({ content: "x".repeat(100) }));
    expect(chain.tokens).toBe(250);
  });

  test("those of the thinking end with it", () => {
    const countTokens = (text: string) => text.match(/\S+/g)?.length ?? 0;
    const chain = chainOf(["<think>a b c", "</think>", " d e f g h i j k l m n o p q r"], { countTokens });
    expect(chain.reasoningTokens).toBe(3);
    expect(chain.tokens).toBeGreaterThan(10);
  });
});
