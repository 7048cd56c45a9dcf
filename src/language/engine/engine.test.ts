import { expect, suite, test } from "vitest";
import { Random } from "../../core/random.ts";
import { defineDecoder } from "../decoder/config.ts";
import { randomDecoder, randomTokens } from "../decoder/decoder.fixtures.ts";
import { closedVocabulary } from "../tokenizers/index.ts";
import { createEngine, type Engine, type EngineOptions } from "./engine.ts";
import { eosId, fakeModel, letters, scriptedModel } from "./fake-model.fixtures.ts";
import type { EngineRequest } from "./request.ts";
import type { TokenRunner } from "./runner.ts";
import { logprobOf, penalise, topLogprobs } from "./sampling.ts";

/** What follows depends on every token before: a wrong, missing or moved one gives another text. */
const hashing = (maxPositions?: number) =>
  fakeModel((tokens) => {
    const rng = new Random(tokens.join());
    return Array.from({ length: letters.vocabSize }, (_, id) => (id === eosId ? -10 : rng.normal()));
  }, maxPositions);

const open = (model: TokenRunner, options: Partial<EngineOptions> = {}) =>
  createEngine({ model, tokenizer: letters, ...options });

const greedy = { temperature: 0 };

/** What the request gives when nothing else is asked for. */
async function alone(model: () => TokenRunner, request: EngineRequest) {
  const engine = await open(model());
  const [completion] = await engine.submit(request).completions;
  await engine.dispose();
  return completion!.text;
}

async function idle(engine: Engine) {
  while (engine.stats().waiting + engine.stats().running > 0 || engine.stats().memory.rowBytes > 0)
    await new Promise((resolve) => setTimeout(resolve, 1));
}

const textOf = (rng: Random, length: number) => Array.from({ length }, () => letters.token(rng.int(0, 25))).join("");

suite("continuous batching", () => {
  test("20 at once, 5 aborted midway: the others write what they write alone, and nothing stays behind", async () => {
    const config = defineDecoder({ vocabSize: 26, hiddenSize: 48, layerCount: 2, headCount: 2, maxPositions: 256 });
    const model = { config, params: randomDecoder(config) };
    const tokenizer = closedVocabulary([..."abcdefghijklmnopqrstuvwxyz"]);
    const engine = await createEngine({ model, tokenizer, maxRows: 12 });
    const prompts = Array.from({ length: 20 }, (_, i) => randomTokens(config, 2 + 7 * (i % 9), i));
    const request = (i: number) => ({ ...greedy, prompt: prompts[i]!, maxTokens: 20 + 3 * i });
    await engine.submit({ prompt: prompts[0]!, maxTokens: 2 }).completions;
    await idle(engine);
    const before = engine.stats();

    const handles = prompts.map((_, i) => engine.submit(request(i)));
    const streamed = await Promise.all(
      handles.map(async (handle, i) => {
        const ids: number[] = [];
        for await (const event of handle) {
          if (event.type === "token") ids.push(event.id);
          if (i % 4 === 1 && ids.length === 4 + i) handle.abort();
        }
        return ids;
      }),
    );
    await idle(engine);
    const after = engine.stats();
    expect([after.running, after.waiting, after.memory.rowBytes]).toEqual([0, 0, before.memory.rowBytes]);
    expect([after.finished - before.finished, after.aborted]).toEqual([15, 5]);
    expect(after.steps.rows / after.steps.count).toBeGreaterThan(6);
    await engine.dispose();
    expect(engine.stats().memory).toMatchObject({ rowBytes: 0, prefixBytes: 0 });

    const single = await createEngine({ model, tokenizer });
    for (const [i, ids] of streamed.entries()) {
      const [completion] = await single.submit(request(i)).completions;
      if (i % 4 === 1) expect(ids).toEqual(completion!.tokens.slice(0, 4 + i));
      else expect(ids).toEqual(completion!.tokens);
    }
    await single.dispose();
  });

  test("an abort frees the place at once, also of a branch that waits", async () => {
    const model = scriptedModel(() => "a".repeat(500));
    const engine = await open(model, { maxRows: 1 });
    const first = engine.submit({ prompt: "x." });
    const second = engine.submit({ prompt: "y.", maxTokens: 3 });
    const third = engine.submit({ prompt: "z.", maxTokens: 3 });
    third.abort();
    expect((await third.completions)[0]).toEqual({ text: "", tokens: [], finishReason: "aborted" });
    for await (const event of first) if (event.type === "token") break;
    const steps = model.batches.length;
    first.abort();
    expect((await first.completions)[0]).toMatchObject({ text: "a".repeat(steps + 1), finishReason: "aborted" });
    expect((await second.completions)[0]!.text).toBe("aaa");
    expect(model.batches.length - steps).toBe(2);
  });

  test("a signal aborts all branches, also before anything was done", async () => {
    const engine = await open(scriptedModel(() => "abc"));
    const { completions } = engine.submit({ prompt: "x.", n: 3, signal: AbortSignal.abort() });
    expect((await completions).map(({ finishReason }) => finishReason)).toEqual(["aborted", "aborted", "aborted"]);
  });

  test("a long prompt is read in pieces while others go on", async () => {
    const model = hashing();
    const engine = await open(model);
    const short = engine.submit({ prompt: "abc", maxTokens: 40 });
    for await (const _ of short) break;
    model.batches.length = 0;
    const long = engine.submit({ prompt: textOf(new Random(1), 900), maxTokens: 2, ...greedy });
    for await (const event of long) if (event.type === "token") break;
    expect(Math.max(...model.pieces)).toBeLessThanOrEqual(64);
    expect(model.batches.length).toBeGreaterThanOrEqual(6); // 900 tokens at 128 between two steps
    const text = await alone(hashing, { prompt: textOf(new Random(1), 900), maxTokens: 2, ...greedy });
    expect((await long.completions)[0]!.text).toBe(text);
  });

  test("a fault of the model ends what was running, by name, and nothing after it", async () => {
    let isBroken = true;
    const model = scriptedModel(() => "abc");
    const extend = model.extend.bind(model);
    model.extend = (...args) => (isBroken ? Promise.reject(new Error("out of memory")) : extend(...args));
    const engine = await open(model);
    const handle = engine.submit({ prompt: "x." });
    await expect(handle.completions).rejects.toThrow("The model failed: out of memory");
    await expect(Array.fromAsync(handle)).rejects.toThrow("out of memory");
    isBroken = false;
    expect((await engine.submit({ prompt: "x." }).completions)[0]!.text).toBe("abc");
  });
});

suite("shared prefixes", () => {
  const prompt = textOf(new Random("prompt"), 64);

  test("20 branches read their prompt once", async () => {
    const engine = await open(hashing(), { maxRows: 8 }); // fewer places than branches
    const handle = engine.submit({ prompt, n: 20, maxTokens: 12, seed: 1 });
    const completions = await handle.completions;
    expect(engine.stats().promptTokens).toEqual({ asked: 20 * 64, prefilled: 64, reused: 19 * 64 });
    expect(new Set(completions.map(({ text }) => text)).size).toBe(20);
    for (const index of [0, 7, 19]) {
      const request = { prompt, maxTokens: 12, seed: 1, firstStream: index };
      expect(completions[index]!.text).toBe(await alone(hashing, request));
    }
    const again = engine.submit({ prompt, maxTokens: 1 });
    await again.completions;
    expect([again.cachedTokenCount, engine.cachedLength(letters.encode(prompt))]).toEqual([64, 64]);
    engine.forgetPrefixes();
    expect([engine.cachedLength(letters.encode(prompt)), engine.stats().memory.prefixBytes]).toEqual([0, 0]);
  });

  test("requests with a common beginning read it once, also when they come together", async () => {
    const engine = await open(hashing());
    const ends = ["one", "two", "six", "ten"];
    const requests = ends.map((end) => ({ ...greedy, prompt: prompt + end, maxTokens: 9 }));
    const handles = requests.map((request) => engine.submit(request));
    const texts = await Promise.all(handles.map(async (handle) => (await handle.completions)[0]!.text));
    expect(engine.stats().promptTokens).toMatchObject({ asked: 4 * 67, prefilled: 67 + 3 * 3 });
    for (const [i, request] of requests.entries()) expect(texts[i]).toBe(await alone(hashing, request));
  });

  test("a fork reads only what is new and does not disturb its origin", async () => {
    const engine = await open(hashing());
    const main = engine.submit({ ...greedy, prompt, maxTokens: 40 });
    let [written, probe] = ["", ""];
    for await (const event of main) {
      if (event.type !== "token") continue;
      written += event.text;
      if (written.length !== 20) continue;
      const { prefilled } = engine.stats().promptTokens;
      const fork = main.fork({ ...greedy, append: " is", maxTokens: 5 });
      probe = (await fork.completions)[0]!.text;
      expect(engine.stats().promptTokens.prefilled - prefilled).toBe(4); // the last token written, and " is"
    }
    expect(written).toBe(await alone(hashing, { ...greedy, prompt, maxTokens: 40 }));
    const forked = `${prompt}${written.slice(0, 20)} is`;
    expect(probe).toBe(await alone(hashing, { ...greedy, prompt: forked, maxTokens: 5 }));

    const { prefilled } = engine.stats().promptTokens;
    const late = main.fork({ ...greedy, append: "so", maxTokens: 5 });
    expect((await late.completions)[0]!.text).toBe(
      await alone(hashing, { ...greedy, prompt: `${prompt + written}so`, maxTokens: 5 }),
    );
    expect(engine.stats().promptTokens.prefilled - prefilled).toBe(3);
  });
});

suite("memory", () => {
  test("prefixes of programs with something under way outlive those of programs that are done", async () => {
    const rng = new Random("programs");
    const [kept, done, ...fillers] = Array.from({ length: 6 }, () => textOf(rng, 64));
    const engine = await open(hashing(), { memoryBytes: 8 * 640, maxRows: 2 });
    const ask = (prompt: string, program?: string, maxTokens = 1) =>
      engine.submit({ ...greedy, prompt, program, maxTokens });
    const lengthOf = (prompt: string) => engine.cachedLength(letters.encode(prompt));
    await ask(kept!, "p").completions;
    const long = ask("x", "p", 400); // p goes on
    await ask(done!, "q").completions;
    expect([lengthOf(kept!), lengthOf(done!)]).toEqual([64, 64]);
    for (const prompt of fillers) await ask(prompt).completions;
    expect([lengthOf(kept!), lengthOf(done!)]).toEqual([64, 0]);
    long.abort();
  });

  test("many long prompts stay within the budget, and every answer is as if alone", async () => {
    const rng = new Random("long");
    const requests = Array.from({ length: 12 }, (_, i) => {
      return { ...greedy, prompt: textOf(rng, rng.int(50, 300)), maxTokens: rng.int(20, 200), priority: i % 3 };
    });
    const engine = await open(hashing(), { memoryBytes: 8 * 1000 }); // of 8 bytes a token
    const handles = requests.map((request) => engine.submit(request));
    const texts = await Promise.all(handles.map(async (handle) => (await handle.completions)[0]!.text));
    const { memory, preempted, finished, promptTokens } = engine.stats();
    expect(memory.peakBytes).toBeLessThanOrEqual(memory.budgetBytes);
    expect(finished).toBe(12);
    expect(preempted).toBeGreaterThan(0); // prompts fit together, answers do not
    expect(promptTokens.asked).toBe(promptTokens.prefilled + promptTokens.reused);
    for (const [i, request] of requests.entries()) expect(texts[i]).toBe(await alone(hashing, request));
  });

  test("the context ends where memory does", async () => {
    const engine = await open(
      scriptedModel(() => "a".repeat(500)),
      { memoryBytes: 8 * 100 },
    );
    expect(engine.contextLength).toBeGreaterThan(80);
    const [completion] = await engine.submit({ prompt: "x." }).completions;
    expect(completion).toMatchObject({ finishReason: "length" });
    expect(completion!.text).toHaveLength(engine.contextLength - 2);
    expect(() => engine.submit({ prompt: textOf(new Random(0), 100) })).toThrow("leave no room in a context of");
  });

  test("too little for anything is refused", () =>
    expect(open(hashing(), { memoryBytes: 64 })).rejects.toThrow("memoryBytes: 64 does not hold 16 tokens"));
});

suite("the order of requests", () => {
  const finishing = async (engine: Engine, requests: readonly EngineRequest[]) => {
    const order: number[] = [];
    const handles = requests.map((request) => engine.submit({ maxTokens: 3, ...request }));
    await Promise.all(handles.map((handle, i) => handle.completions.then(() => order.push(i))));
    return order;
  };
  const prompts = ["a.", "b.", "c.", "d."].map((prompt) => ({ prompt }));

  test("by priority, then by age", async () => {
    const engine = await open(
      scriptedModel(() => "abcdef"),
      { maxRows: 1 },
    );
    const priorities = [0, 2, 1, 1];
    const requests = prompts.map((request, i) => ({ ...request, priority: priorities[i] }));
    expect(await finishing(engine, requests)).toEqual([0, 2, 3, 1]);
  });

  test("by a hook, which sees who waits and how far each program is", async () => {
    const seen: string[] = [];
    const engine = await open(
      scriptedModel(() => "abcdef"),
      {
        maxRows: 1,
        // Gang: programs that have finished something first.
        order(waiting, { programs }) {
          seen.push(waiting.map(({ program }) => program).join(""));
          return waiting.filter(({ program }) => programs.get(program!)!.finished > 0);
        },
      },
    );
    const names = ["p", "q", "p", "q"];
    const requests = prompts.map((request, i) => ({ ...request, program: names[i] }));
    expect(await finishing(engine, requests)).toEqual([0, 2, 1, 3]);
    expect(seen).toEqual(["pqpq", "qpq", "qq", "q"]);
    const program = engine.stats().programs.get("p")!;
    expect(program).toMatchObject({ submitted: 2, waiting: 0, running: 0, finished: 2, generatedTokens: 6 });
  });
});

suite("sampling", () => {
  test("log-probabilities come with the likeliest alternatives", async () => {
    const scores = Array.from({ length: letters.vocabSize }, (_, id) => (id === 2 ? 3 : id === 5 ? 2 : 0));
    const engine = await open(fakeModel(() => scores));
    const tokens = [];
    const handle = engine.submit({ ...greedy, prompt: "x", maxTokens: 2, topLogprobs: 2 });
    for await (const event of handle) if (event.type === "token") tokens.push(event);
    const expected = { id: 2, logprob: logprobOf(scores, 2), top: topLogprobs(scores, 2) };
    expect(tokens).toMatchObject([expected, expected]);
    expect(expected.top).toEqual([
      { id: 2, logprob: expected.logprob },
      { id: 5, logprob: expect.closeTo(expected.logprob - 1, 12) },
    ]);
    expect((await handle.completions)[0]!.logprobs).toEqual([expected.logprob, expected.logprob]);
  });
  test("a repetition penalty divides what is positive and multiplies what is negative", () => {
    expect([...penalise(Float32Array.of(2, -2, 2, 0), [0, 1, 1], 2)]).toEqual([1, -4, 2, 0]);
  });
  test("and makes a model that repeats itself go on", async () => {
    const model = fakeModel(() => Array.from({ length: letters.vocabSize }, (_, id) => 10 - id));
    const engine = await open(model);
    const write = async (repetitionPenalty: number) =>
      (await engine.submit({ ...greedy, prompt: "z", maxTokens: 4, repetitionPenalty }).completions)[0]!.text;
    expect([await write(1), await write(4)]).toEqual(["aaaa", "abcd"]);
  });
  test("without a seed, another answer each time", async () => {
    const engine = await open(fakeModel(() => Array(letters.vocabSize).fill(0)));
    const write = async (seed?: number) =>
      (await engine.submit({ prompt: "x", maxTokens: 30, seed }).completions)[0]!.tokens;
    expect(await write()).not.toEqual(await write());
    expect(await write(3)).toEqual(await write(3));
  });
});

test("on WebAssembly too: branches, forks and a full batch write what each writes alone", async () => {
  const config = defineDecoder({ vocabSize: 26, hiddenSize: 24, layerCount: 1, headCount: 2, maxPositions: 128 });
  const model = { config, params: randomDecoder(config) };
  const tokenizer = closedVocabulary([..."abcdefghijklmnopqrstuvwxyz"]);
  const prompts = [3, 20, 33].map((length) => randomTokens(config, length, length));
  const write = async (engine: Engine, prompt: readonly number[]) =>
    (await engine.submit({ ...greedy, prompt, maxTokens: 12 }).completions)[0]!.tokens;
  const engine = await createEngine({ model, tokenizer, device: "wasm", maxRows: 4 });
  const together = await Promise.all(prompts.map((prompt) => write(engine, prompt)));
  const main = engine.submit({ ...greedy, prompt: prompts[1]!, maxTokens: 6 });
  await main.completions;
  const fork = main.fork({ ...greedy, maxTokens: 6 });
  expect([...(await main.completions)[0]!.tokens, ...(await fork.completions)[0]!.tokens]).toEqual(together[1]);
  await engine.dispose();
  const native = await createEngine({ model, tokenizer, device: "native" });
  for (const [i, prompt] of prompts.entries()) expect(await write(native, prompt)).toEqual(together[i]);
  await native.dispose();
});
