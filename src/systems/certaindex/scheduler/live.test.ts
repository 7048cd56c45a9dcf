import { expect, suite, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { fakeEndpoint } from "../../../endpoint/fake-endpoint.fixtures.ts";
import { defineDecoder } from "../../../language/decoder/config.ts";
import { randomDecoder, randomTokens } from "../../../language/decoder/decoder.fixtures.ts";
import { letters, scriptedModel } from "../../../language/engine/fake-model.fixtures.ts";
import { createEngine, type Engine } from "../../../language/engine/index.ts";
import { closedVocabulary } from "../../../language/tokenizers/index.ts";
import { Policy, TraceEvent } from "../schemas.ts";
import { allocate } from "./allocation.ts";
import { endpointExecutor, engineExecutor, runLive } from "./live.ts";
import { planLoad } from "./load.ts";
import { pacedRunner } from "./pace.ts";
import { recordTasks } from "./recorder.ts";
import { simulate } from "./simulator.ts";
import { measureSpeed, speedFrom } from "./speed.ts";
import { outcomesOf, summarise } from "./trace-report.ts";
import { constantSpeed } from "./virtual-executor.ts";
import { type VotingTask, votingProgram } from "./voting.ts";
import { syntheticPrograms } from "./workload.ts";

const policy = Policy.parse({ algorithm: "static", thresholds: { entropy: 0.7 }, detectAt: 3, cap: 6 });

/** Prompts of letters that end with a full stop, as the scripted model wants them. */
const task = (id: string, prompt: string, target: string | null = null): VotingTask => ({
  id,
  prompt,
  promptTokens: prompt.length,
  estimatedTokens: 4,
  readAnswer: (text) => text || null,
  target,
});

const scripted = () =>
  createEngine({ model: scriptedModel((prompt) => prompt.slice(0, -1)), tokenizer: letters, maxRows: 4 });
const sampling = { seed: 0, maxTokens: 20, temperature: 0 };

suite("on an engine", () => {
  test("programs stop as their policy says, and the trace tells all of it", async () => {
    const engine = await scripted();
    const events = await runLive({
      executor: engineExecutor(engine, { ...sampling, slots: 4 }),
      programs: [task("p", "ab.", "ab"), task("q", "xyz.", "?")].map((one) => ({
        ...votingProgram(one),
        arriveAt: 0,
        deadline: 60,
      })),
      scheduler: { policy: "gang" },
      allocation: allocate(policy),
    });
    for (const event of events) TraceEvent.parse(event);
    expect(outcomesOf(events)).toMatchObject([
      {
        program: "p",
        knob: 3,
        tokens: 9,
        reason: "settled",
        answer: "ab",
        correct: true,
        promptTokens: 9,
        cachedTokens: 6,
      },
      {
        program: "q",
        knob: 3,
        tokens: 12,
        reason: "settled",
        answer: "xyz",
        correct: false,
        promptTokens: 12,
        cachedTokens: 8,
      },
    ]);
    expect(engine.stats().programs.get("q")).toMatchObject({ submitted: 3, finished: 3, generatedTokens: 12 });
    expect(engine.stats().promptTokens).toMatchObject({ prefilled: 7, reused: 14 });
    await engine.dispose();
  });

  test("an abort ends all programs, and their places are free", async () => {
    const engine = await createEngine({ model: scriptedModel(() => "a".repeat(900)), tokenizer: letters, maxRows: 4 });
    const stop = new AbortController();
    const events = await runLive({
      executor: engineExecutor(engine, { ...sampling, maxTokens: 900, slots: 2 }),
      programs: ["a.", "b.", "never."].map((prompt, i) => ({
        ...votingProgram(task(prompt, prompt)),
        arriveAt: i < 2 ? 0 : 3600,
      })),
      scheduler: { policy: "fcfs" },
      allocation: allocate(policy),
      signal: stop.signal,
      record: ({ kind }) => kind === "issue" && setTimeout(() => stop.abort(), 5),
    });
    expect(outcomesOf(events).map(({ program, reason }) => [program, reason])).toEqual([
      ["a.", "aborted"],
      ["b.", "aborted"],
    ]);
    while (engine.stats().running > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(engine.stats()).toMatchObject({ waiting: 0, finished: 0, aborted: 2 });
    await engine.dispose();
  });

  test("a model that breaks ends its program as failed, not the run", async () => {
    const model = scriptedModel(() => "abc");
    model.extend = () => Promise.reject(new Error("out of memory"));
    const engine = await createEngine({ model, tokenizer: letters });
    const [outcome] = outcomesOf(
      await runLive({
        executor: engineExecutor(engine, { ...sampling, slots: 4 }),
        programs: [{ ...votingProgram(task("p", "ab.")), arriveAt: 0 }],
        scheduler: { policy: "gang" },
        allocation: allocate(policy),
      }),
    );
    expect(outcome).toMatchObject({ reason: "failed", knob: 0, answer: null });
  });
});

suite("any endpoint", () => {
  test("one call a branch, each with a seed of its own; some that fail leave a degraded answer", async () => {
    const endpoint = fakeEndpoint((count) => {
      if (count === 2) throw new Error("429");
      return "yes yes";
    });
    const events = await runLive({
      executor: endpointExecutor(endpoint, { seed: 1, maxTokens: 5, slots: 2 }),
      programs: [{ ...votingProgram(task("p", "why?", "yes yes")), arriveAt: 0 }],
      scheduler: { policy: "sjf" },
      allocation: allocate(policy),
    });
    expect(events.at(-1)).toMatchObject({ kind: "finish", answer: "yes yes", correct: true, degraded: true });
    const seeds = endpoint.calls.map(({ request }) => request.seed);
    expect(new Set(seeds).size).toBe(seeds.length);
    expect(endpoint.calls[0]!.request).toMatchObject({ prompt: "why?", maxTokens: 5, temperature: 1 });
  });
});

suite("recording", () => {
  test("a simulated run writes what the live one wrote: same steps, same tokens, same stops", async () => {
    const config = defineDecoder({ vocabSize: 26, hiddenSize: 24, layerCount: 1, headCount: 1, maxPositions: 64 });
    const tokenizer = closedVocabulary([..."abcdefghijklmnopqrstuvwxyz"]);
    const engine = await createEngine({ model: { config, params: randomDecoder(config) }, tokenizer });
    const tasks = Array.from({ length: 6 }, (_, i) => ({
      ...task(`t${i}`, "", "a"),
      prompt: randomTokens(config, 5 + i, i),
      promptTokens: 5 + i,
      readAnswer: (text: string) => (text[0]! < "n" ? "low" : "high"),
    }));
    const executor = engineExecutor(engine, { slots: 8, seed: 3, maxTokens: 6, temperature: 1 });
    const { recorded } = await recordTasks(executor, tasks, { policy, trials: 9 });
    const plan = (kind: "live" | "recorded") => recorded.map((one, i) => ({ ...one[kind], arriveAt: i / 1000 }));
    const common = { scheduler: { policy: "sjf" as const }, allocation: allocate(policy, { roundSize: 2 }) };
    const live = await runLive({ ...common, programs: plan("live"), executor });
    const virtual = simulate({ ...common, programs: plan("recorded"), speed: constantSpeed(8, 100) });
    const essence = (events: TraceEvent[]) =>
      outcomesOf(events)
        .map(({ program, knob, tokens, answer, reason }) => ({ program, knob, tokens, answer, reason }))
        .sort((a, b) => a.program.localeCompare(b.program));
    expect(essence(virtual)).toEqual(essence(live));
    expect(new Set(essence(live).map(({ knob }) => knob)).size).toBeGreaterThan(1); // some stopped, some did not
    expect(recorded[0]!.difficulty).toEqual({ factor: 3, rightCount: 0, trialCount: 9 });
    await engine.dispose();
  });
});

suite("the speed of an engine", () => {
  test("is found again in the trace of a simulation that ran on it", () => {
    const speed = { slots: 6, secondsPerStep: (rows: number) => 0.01 + 0.002 * rows };
    const random = new Random("speed");
    const programs = planLoad(syntheticPrograms({ count: 60, random, medianTokens: 30 }), { rate: 0.5, random });
    const events = simulate({ programs, scheduler: { policy: "gang" }, allocation: allocate(policy), speed });
    const { stepSeconds, rowSeconds } = measureSpeed([events]);
    expect(stepSeconds / 0.01).toBeCloseTo(1, 1);
    expect(rowSeconds / 0.002).toBeCloseTo(1, 1);
    expect(speedFrom({ stepSeconds: 0.5, rowSeconds: 0.25 }, 8).secondsPerStep(6)).toBe(2);
    expect(() => measureSpeed([[]])).toThrow("no branch has ended");
  });

  test("a paced model takes at least its pace for each step, however fast it could be", async () => {
    const pace = 4e-3;
    const model = pacedRunner(
      scriptedModel(() => "abcdefgh"),
      ({ isPrompt }) => (isPrompt ? 0 : pace),
    );
    const engine = await createEngine({ model, tokenizer: letters });
    const events = await runLive({
      executor: engineExecutor(engine, { ...sampling, slots: 2 }),
      programs: [{ ...votingProgram(task("p", "a.")), arriveAt: 0 }],
      scheduler: { policy: "fcfs" },
      allocation: allocate(policy),
    });
    // A step that a timer let go late lends the next one at most its own length.
    expect(summarise(outcomesOf(events)).seconds).toBeGreaterThan((engine.stats().steps.count - 1) * pace);
    await engine.dispose();
  });
});

// Acceptance 10 of the spec, on the decoder itself; engine.test.ts has the same on a model that shows every mistake.
suite("prefix sharing", () => {
  const config = defineDecoder({ vocabSize: 26, hiddenSize: 24, layerCount: 2, headCount: 1, maxPositions: 256 });
  const tokenizer = closedVocabulary([..."abcdefghijklmnopqrstuvwxyz"]);
  const prompt = randomTokens(config, 64, 1);
  const open = () => createEngine({ model: { config, params: randomDecoder(config) }, tokenizer, maxRows: 16 });

  test("20 branches of a 64-token prompt read it once, as requests of their own", async () => {
    const engine = await open();
    const one = { ...votingProgram(task("p", "")), prompt, promptTokens: 64, arriveAt: 0 };
    const events = await runLive({
      executor: engineExecutor(engine, { slots: 16, seed: 0, maxTokens: 5 }),
      programs: [one],
      scheduler: { policy: "gang" },
      allocation: allocate(Policy.parse({ algorithm: "even", detectAt: 20, cap: 20 })),
    });
    expect(engine.stats().promptTokens).toEqual({ asked: 20 * 64, prefilled: 64, reused: 19 * 64 });
    expect(summarise(outcomesOf(events))).toMatchObject({ promptTokens: 20 * 64, cachedTokens: 19 * 64 });
    await engine.dispose();
  });

  test("a probe reads its suffix and writes its answer, never the prefix", async () => {
    const engine = await open();
    const main = engine.submit({ prompt, maxTokens: 40, seed: 1 });
    let written = 0;
    for await (const event of main) {
      if (event.type !== "token" || ++written !== 24) continue;
      const before = engine.stats().promptTokens.prefilled;
      const probe = main.fork({ append: "box", maxTokens: 2 });
      await probe.completions;
      // "box", and the token that was drawn last and that the main path has not read either.
      expect(engine.stats().promptTokens.prefilled - before).toBe(4);
      expect(probe.cachedTokenCount).toBe(64 + 23);
    }
    expect(written).toBe(40);
    await engine.dispose();
  });
});

test("longest prefix match goes by what the engine's cache really holds", async () => {
  const engine: Engine = await scripted();
  const ids = (text: string) => letters.encode(text);
  await engine.submit({ prompt: ids("abcdef."), maxTokens: 1 }).completions;
  const programs = ["xyz.", "abcdef."].map((prompt) => ({
    ...votingProgram(task(prompt, prompt)),
    prompt: ids(prompt),
    arriveAt: 0,
  }));
  const order: string[] = [];
  await runLive({
    executor: engineExecutor(engine, { ...sampling, slots: 1 }),
    programs: [programs[0]!, ...programs].map((one, i) => ({ ...one, id: `${i} ${one.id}` })),
    scheduler: { policy: "lpm", prefixes: { cachedLength: (prompt) => engine.cachedLength(prompt as number[]) } },
    allocation: allocate(Policy.parse({ algorithm: "even", detectAt: 1, cap: 1 })),
    record: (event) => event.kind === "issue" && order.push(event.program),
  });
  expect(order).toEqual(["0 xyz.", "2 abcdef.", "1 xyz."]); // both are known whole by then, and 7 tokens beat 4
  await engine.dispose();
});
