import { expect, suite, test } from "vitest";
import { BudgetError } from "../../../endpoint/budget.ts";
import { AuthError, OverloadedError, RefusedError } from "../../../endpoint/errors.ts";
import { replayOne } from "../policy/replay.ts";
import type { TraceEvent } from "../schemas.ts";
import { toRecording } from "./recording.ts";
import { plainPrompting, policyOf, question, runtimeOf, scriptedEndpoint, upTo } from "./scripted.fixtures.ts";
import { selfConsistency } from "./self-consistency.ts";

/** Says one of the answers, by the call's seed. */
const bySeed = (answers: readonly number[]) =>
  scriptedEndpoint(({ seed }) => `so the answer ${answers[seed! % answers.length]}`);
/** Says them in the order of the calls. */
const inOrder = (answers: readonly number[]) =>
  scriptedEndpoint(({ count }) => `so the answer ${answers[(count - 1) % answers.length]}`);

const unanimous = policyOf({ algorithm: "static", detectAt: 5, cap: 20, thresholds: { entropy: 0.7 } });

suite("a program under a policy", () => {
  test("five that agree end it; its figures are those of five branches", async () => {
    const run = await runtimeOf(inOrder([7]), unanimous).run(selfConsistency(), question());
    expect(run).toMatchObject({
      answer: "7",
      correct: true,
      knob: 5,
      tokens: 20,
      reason: "settled",
      isComplete: false,
    });
    expect(run.steps.map(({ signals }) => signals.entropy)).toEqual([undefined, 1, 1, 1, 1]);
    // "Question q1:" is two tokens; a prefix cache reads them once.
    expect(run).toMatchObject({ promptTokens: 10, sharedPromptTokens: 8 });
  });

  test("four of five do not reach 0.7 (0.689), so it runs to the cap", async () => {
    const endpoint = inOrder([7, 7, 7, 7, 3]);
    const run = await runtimeOf(endpoint, unanimous).run(selfConsistency(), question());
    expect(run.steps[4]!.signals.entropy).toBeCloseTo(0.689, 3);
    expect(run).toMatchObject({ knob: 20, reason: "cap", answer: "7" });
    expect(endpoint.requests).toHaveLength(20);
  });

  test("the same seed draws the same, whatever else runs and in whatever order calls end", async () => {
    const slow = scriptedEndpoint(async ({ seed }) => {
      await new Promise((resolve) => setTimeout(resolve, seed! % 5));
      return `the answer ${seed! % 3}`;
    });
    const alone = await runtimeOf(bySeed([0, 1, 2]), unanimous, { seed: 4 }).run(selfConsistency(), question("q2"));
    const runtime = runtimeOf(slow, unanimous, { seed: 4 });
    const runs = await Promise.all(["q1", "q2", "q3"].map((id) => runtime.run(selfConsistency(), question(id))));
    expect(runs[1]!.steps.map(({ answer, votes }) => [answer, votes])).toEqual(
      alone.steps.map(({ answer, votes }) => [answer, votes]),
    );
    const other = await runtimeOf(bySeed([0, 1, 2]), upTo(20), { seed: 5 }).run(selfConsistency(), question("q2"));
    expect(other.steps.map(({ votes }) => votes)).not.toEqual(alone.steps.map(({ votes }) => votes));
  });

  test("a shadow goes on to the cap, keeps the figures of the stop, and is a recording that replays to them", async () => {
    const asked = question();
    const endpoint = inOrder([3, 3, 3, 3, 3, 7, 7, 7, 7, 7, 7]);
    const policy = { ...unanimous, cap: 11 };
    const run = await runtimeOf(endpoint, policy).run(selfConsistency(), asked, { isShadowed: true });
    expect(run).toMatchObject({ knob: 5, answer: "3", correct: false, reason: "settled", isComplete: true });
    expect(run.full).toMatchObject({ knob: 11, answer: "7", correct: true, tokens: 44 });
    const recording = toRecording(run, { question: asked, cap: 11, model: "scripted" })!;
    const { knob, tokens, answer, correct, reason } = run;
    expect(replayOne(policy, recording)).toMatchObject({ knob, tokens, answer, correct, reason, fullCorrect: true });
  });

  test("the trace holds grants, calls, steps, the stop and the end", async () => {
    const events: TraceEvent[] = [];
    let clock = 0;
    const runtime = runtimeOf(
      inOrder([7]),
      { ...unanimous, detectAt: 2 },
      {
        trace: (event) => events.push(event),
        now: () => clock++,
      },
    );
    await runtime.run(selfConsistency(), question());
    expect(events.map(({ kind }) => kind)).toEqual([
      ...["arrive", "grant", "issue", "issue", "token-count", "token-count"],
      ...["certaindex", "certaindex", "stop", "finish"],
    ]);
    expect(events.at(-2)).toEqual({ t: 8, program: "q1", kind: "stop", reason: "settled", knob: 2 });
    expect(JSON.stringify(events)).not.toContain("Question"); // texts stay out unless asked for
  });
});

suite("what goes wrong", () => {
  test("a branch that fails once is tried again alone; the others go on", async () => {
    const endpoint = scriptedEndpoint(({ count }) => {
      if (count === 2) throw new OverloadedError("busy");
      return "answer 7";
    });
    const run = await runtimeOf(endpoint, unanimous).run(selfConsistency(), question());
    expect(run).toMatchObject({ answer: "7", knob: 5, isDegraded: false });
    expect(endpoint.requests).toHaveLength(6);
    expect(endpoint.requests[5]!.seed).toBe(endpoint.requests[1]!.seed);
  });

  test("one that fails for good is a unit without a path; the rest answer, degraded", async () => {
    const lost = new Set<number>();
    const endpoint = scriptedEndpoint(({ seed, count }) => {
      if (count === 2) lost.add(seed!);
      if (lost.has(seed!)) throw new OverloadedError("busy");
      return "answer 7";
    });
    const run = await runtimeOf(endpoint, unanimous).run(selfConsistency(), question());
    expect(run).toMatchObject({ answer: "7", knob: 5, tokens: 8, isDegraded: true, reason: "settled", error: "busy" });
    expect(run.steps.map(({ votes }) => votes)).toEqual([[1], [1], [2], [3], [4]]);
  });

  test("when all fail there is no answer, and it says why", async () => {
    const endpoint = scriptedEndpoint(() => {
      throw new RefusedError("not this question");
    });
    const run = await runtimeOf(endpoint, unanimous).run(selfConsistency(), question());
    expect(run).toMatchObject({ answer: null, correct: false, knob: 0, reason: "failed", error: "not this question" });
  });

  test("a wrong key ends the run, and so does a fault of the program", async () => {
    const endpoint = scriptedEndpoint(() => {
      throw new AuthError("wrong key");
    });
    await expect(runtimeOf(endpoint, unanimous).run(selfConsistency(), question())).rejects.toThrow("wrong key");
    const faulty = {
      name: "faulty",
      updateCertaindex: () => ({}),
      execute: () => Promise.reject(new TypeError("bug")),
    };
    await expect(runtimeOf(inOrder([7]), unanimous).run(faulty, question())).rejects.toThrow("bug");
  });

  test("a run out of budget answers with what it has", async () => {
    const endpoint = scriptedEndpoint(({ count }) => {
      if (count > 5) throw new BudgetError("used up");
      return `answer ${count === 5 ? 3 : 7}`;
    });
    const run = await runtimeOf(endpoint, unanimous).run(selfConsistency(), question());
    expect(run).toMatchObject({ answer: "7", reason: "budget", knob: 5, tokens: 10, isDegraded: false });
  });

  test("a program's own budget ends it at the next grant, and cuts its calls", async () => {
    const wordy = scriptedEndpoint(() => `${"so ".repeat(30)}the answer 7`);
    const options = { maxTokensPerProgram: 100, sampling: { maxTokens: 50, temperature: 1 } };
    const run = await runtimeOf(wordy, unanimous, options).run(selfConsistency(), question());
    expect(wordy.requests.map(({ maxTokens }) => maxTokens)).toEqual([20, 20, 20, 20, 20]);
    expect(run).toMatchObject({ answer: null, knob: 5, tokens: 100, reason: "budget" });
  });

  test("an abort rejects with its reason, and the trace says so", async () => {
    const events: TraceEvent[] = [];
    const stop = new AbortController();
    const endpoint = scriptedEndpoint(({ count }) => {
      if (count === 3) stop.abort(new Error("nobody waits"));
      return "answer 7";
    });
    const runtime = runtimeOf(endpoint, unanimous, { trace: (event) => events.push(event) });
    await expect(runtime.run(selfConsistency(), question(), { signal: stop.signal })).rejects.toThrow("nobody waits");
    expect(events.at(-1)).toMatchObject({ kind: "stop", reason: "aborted" });
  });

  test("signals outside 0 to 1 are named", async () => {
    const wild = {
      name: "wild",
      updateCertaindex: () => ({ entropy: 2 }),
      execute: async (context: any) => {
        await context.report(undefined, { spent: [], answer: null });
      },
    };
    await expect(runtimeOf(inOrder([7]), unanimous).run(wild, question())).rejects.toThrow(
      /wild: updateCertaindex gave {"entropy":2}: entropy/,
    );
  });

  test("calls name their program for our own engine, and for no one else", async () => {
    const endpoint = inOrder([7]);
    await runtimeOf(endpoint, unanimous).run(selfConsistency(), question());
    await runtimeOf({ ...endpoint, url: "embedded:x" }, unanimous).run(selfConsistency(), question("q9"));
    expect(endpoint.requests.map(({ extra }) => extra?.program)).toEqual([...Array(5), ...Array(5).fill("q9")]);
    expect(plainPrompting.render(question())).toBe("Question q1:");
  });
});
