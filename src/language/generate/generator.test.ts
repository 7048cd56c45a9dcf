import { expect, suite, test } from "vitest";
import { Random } from "../../core/random.ts";
import { compileForward, families, int32, randomDecoder, randomTokens } from "../decoder/decoder.fixtures.ts";
import { eosId, fakeModel, letters, scriptedModel } from "../engine/fake-model.fixtures.ts";
import { likeliest } from "../engine/sampling.ts";
import { closedVocabulary } from "../tokenizers/index.ts";
import { createGenerator, type GenerateOptions } from "./generator.ts";

const write = (script: (prompt: string) => string, options: Partial<GenerateOptions>) =>
  createGenerator({ model: scriptedModel(script), tokenizer: letters }).generate({
    prompts: ["x."],
    maxTokens: 50,
    ...options,
  });

suite("a generated text ends", () => {
  test("with eos, which is a token but no text", async () => {
    const { completions, tokenCount } = await write(() => "abc", {});
    expect(completions[0]).toEqual({ text: "abc", tokens: [0, 1, 2, eosId], finishReason: "stop" });
    expect(tokenCount).toBe(4);
  });
  test("at maxTokens", async () => {
    const { completions } = await write(() => "abcdef", { maxTokens: 3 });
    expect(completions[0]).toEqual({ text: "abc", tokens: [0, 1, 2], finishReason: "length" });
  });
  test("where the model's context ends", async () => {
    const model = fakeModel(() => Array.from({ length: letters.vocabSize }, (_, id) => (id === 0 ? 1 : 0)), 10);
    const generator = createGenerator({ model, tokenizer: letters });
    const { completions } = await generator.generate({ prompts: ["bcdefg."], maxTokens: 50, temperature: 0 });
    expect([completions[0]!.text, completions[0]!.finishReason]).toEqual(["aaa", "length"]);
  });
  test("before a stop string that spans tokens, of several the first", async () => {
    const { completions } = await write(() => "abc def ghi", { stop: ["ghi", "def", "f g"] });
    expect(completions[0]).toMatchObject({ text: "abc ", finishReason: "stop", stop: "def" });
    expect(completions[0]!.tokens).toHaveLength(7);
  });
  test("at a stop token", async () => {
    const { completions } = await write(() => "abcdef", { stopTokens: [3] });
    expect(completions[0]).toMatchObject({ text: "abc", tokens: [0, 1, 2, 3], finishReason: "stop" });
  });
  test("when aborted, with what there is", async () => {
    const controller = new AbortController();
    const onToken = (_: number, { text }: { text: string }) => text === "b" && controller.abort();
    const { completions } = await write(() => "abcdef", { onToken, signal: controller.signal });
    expect(completions[0]).toMatchObject({ text: "ab", finishReason: "aborted" });
  });
});

suite("streaming", () => {
  test("holds back what may become a stop string and gives it out when it does not", async () => {
    const pieces: string[] = [];
    await write(() => "a stack", { stop: ["stop"], onToken: (_, { text }) => pieces.push(text) });
    expect(pieces).toEqual(["a", " ", "", "", "sta", "c", "k", ""]);
  });
  test("pieces add up to the text, also when it ends within a held piece", async () => {
    const pieces: string[] = [];
    const { completions } = await write(() => "ab sto", {
      stop: ["stop"],
      onToken: (_, { text }) => pieces.push(text),
    });
    expect([pieces.join(""), completions[0]!.text]).toEqual(["ab sto", "ab sto"]);
  });
});

suite("batches", () => {
  // Each row's distribution depends on its last token, so that mixing up rows would show.
  const babble = () =>
    fakeModel((tokens) => {
      const rng = new Random(tokens.at(-1)!);
      return Array.from({ length: letters.vocabSize }, (_, id) => (id === eosId ? 0.5 : rng.normal()));
    });
  const prompts = Array.from({ length: 30 }, (_, i) => `${"abcde".slice(i % 5)}${letters.token(i % 26)}.`);
  const texts = async (options: Partial<GenerateOptions>) => {
    const generator = createGenerator({ model: babble(), tokenizer: letters });
    const { completions } = await generator.generate({ prompts, maxTokens: 60, seed: 5, ...options });
    return completions.map(({ text }) => text);
  };

  test("an answer depends on its seed and place, not on its neighbours", async () => {
    const all = await texts({});
    expect(new Set(all).size).toBeGreaterThan(25);
    expect(await texts({ maxBatch: 1 })).toEqual(all);
    expect(await texts({ maxBatch: 7 })).toEqual(all);
    expect(await texts({ prompts: prompts.slice(0, 4) })).toEqual(all.slice(0, 4));
    expect(await texts({ seed: 6 })).not.toEqual(all);
  });
  test("rows that finished leave and waiting ones enter", async () => {
    const model = scriptedModel((prompt) => (prompt === "long." ? "b".repeat(60) : "c"));
    const generator = createGenerator({ model, tokenizer: letters });
    const finished: number[] = [];
    const { completions } = await generator.generate({
      prompts: ["long.", "x.", "y.", "z."],
      maxTokens: 100,
      maxBatch: 2,
      onFinish: (index) => finished.push(index),
    });
    expect(completions.map(({ text }) => text)).toEqual(["b".repeat(60), "c", "c", "c"]);
    expect(finished).toEqual([1, 2, 3, 0]);
    // One step with each short row, which leaves after it: its first token comes with the prompt.
    expect(model.batches.filter((rows) => rows === 2)).toHaveLength(3);
    expect(model.batches.lastIndexOf(2)).toBeLessThan(6);
    expect(model.batches).toHaveLength(60);
  });
});

suite("with a decoder", () => {
  test("greedy text is the argmax of full forwards, and log-probabilities are theirs", async () => {
    const config = { ...families.Qwen2!, maxPositions: 64 };
    const params = randomDecoder(config);
    const tokenizer = closedVocabulary([..."abcdefghijklmnopqrstuvw"]);
    const generator = createGenerator({ model: { config, params }, tokenizer });
    const prompts = [4, 9, 1].map((length) => randomTokens(config, length, length));
    const { completions } = await generator.generate({ prompts, maxTokens: 24, temperature: 0, logprobs: true });
    const forward = compileForward(config);
    for (const [i, prompt] of prompts.entries()) {
      const { tokens, logprobs } = completions[i]!;
      const scored = await forward(params, { tokens: int32([[...prompt, ...tokens]]) });
      const logits = (await scored.data()) as Float32Array;
      for (const [at, token] of tokens.entries()) {
        const row = logits.subarray(
          (prompt.length + at - 1) * config.vocabSize,
          (prompt.length + at) * config.vocabSize,
        );
        expect(token).toBe(likeliest(row));
        const total = row.reduce((sum, logit) => sum + Math.exp(logit), 0);
        expect(logprobs![at]).toBeCloseTo(row[token]! - Math.log(total), 4);
      }
    }
    forward.dispose();
    generator.dispose();
  });

  test("a draw is the same alone, in one batch, and in a batch that others leave and enter", async () => {
    const config = { ...families.Qwen3!, eosTokenIds: [0] };
    const tokenizer = closedVocabulary([..."abcdefghijklmnopqrstuvw"]);
    const generator = createGenerator({ model: { config, params: randomDecoder(config) }, tokenizer });
    const prompts = Array.from({ length: 9 }, (_, i) => randomTokens(config, 1 + 5 * i, i));
    const draw = async (maxBatch: number) => {
      const { completions } = await generator.generate({ prompts, maxTokens: 40, maxBatch, seed: 1 });
      return completions.map(({ tokens }) => tokens);
    };
    const together = await draw(64);
    expect(new Set(together.map((tokens) => tokens.length)).size).toBeGreaterThan(3); // they do end at different times
    expect(await draw(4)).toEqual(together);
    expect(await draw(1)).toEqual(together);
    generator.dispose();
  });
});

suite("refuses", () => {
  test("an empty prompt", () =>
    expect(write(() => "a", { prompts: ["x.", ""] })).rejects.toThrow("prompts[1]: no tokens"));
  test("a token the model does not know", () =>
    expect(write(() => "a", { prompts: [[99]] })).rejects.toThrow(
      "prompts[0]: token 99 is outside the model's vocabulary of 29",
    ));
  test("scores that are no numbers", async () => {
    const model = fakeModel(() => Array(letters.vocabSize).fill(Number.NaN));
    const generator = createGenerator({ model, tokenizer: letters });
    await expect(generator.generate({ prompts: ["x."], maxTokens: 5 })).rejects.toThrow(
      "prompts[0]: the model gives scores",
    );
  });
  test("a stop string that is everywhere", () =>
    expect(write(() => "a", { stop: [""] })).rejects.toThrow("stop: an empty text"));
  test("an impossible option", () =>
    expect(write(() => "a", { topP: 0 })).rejects.toThrow("topP: expected a number above 0 and up to 1, got 0"));
});
