import { expect, suite, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { mean, standardDeviation } from "../../../core/statistics/index.ts";
import { Policy, TraceEvent } from "../schemas.ts";
import { allocate, withoutCertaindex } from "./allocation.ts";
import type { PlannedProgram } from "./drive.ts";
import { planLoad } from "./load.ts";
import { createScheduler, type SchedulerOptions, type SchedulerPolicy } from "./scheduler.ts";
import { simulate } from "./simulator.ts";
import { outcomesOf, summarise } from "./trace-report.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { constantSpeed, type EngineSpeed, virtualExecutor } from "./virtual-executor.ts";
import { recordedPrograms, stepOf, syntheticPrograms } from "./workload.ts";

const policy = Policy.parse({ algorithm: "static", thresholds: { entropy: 0.7 }, detectAt: 5, cap: 20 });
const everything = (cap: number) => allocate(Policy.parse({ algorithm: "even", detectAt: cap, cap }));

/** A program of branches of these lengths. */
const program = (id: string, lengths: number[], change: Partial<PlannedProgram> = {}): PlannedProgram => ({
  id,
  arriveAt: 0,
  promptTokens: 0,
  estimatedTokens: 1,
  tokensOf: (index) => lengths[index]!,
  observe: (results) => stepOf(results, 0, { signals: {}, answer: "a", correct: true }),
  ...change,
});

const latencies = (programs: PlannedProgram[], scheduler: SchedulerOptions, speed: EngineSpeed, cap: number) =>
  Object.fromEntries(
    outcomesOf(simulate({ programs, scheduler, allocation: everything(cap), speed })).map((one) => [
      one.program,
      one.latency,
    ]),
  );

suite("the worked example of the paper", () => {
  /** Batch 2; requests of two programs, 4 and 5 ms long, that come together and in turn. */
  function meanLatency(order: SchedulerPolicy): number {
    const clock = new VirtualClock();
    const scheduler = createScheduler({ policy: order });
    const executor = virtualExecutor(clock, constantSpeed(2, 1000));
    const plans = { a: program("a", [4, 4]), b: program("b", [5, 5]) };
    const left = { a: 2, b: 2 };
    const ends: number[] = [];
    let running = 0;
    for (const name of ["a", "b", "a", "b"])
      scheduler.add({ program: name, arrivedAt: 0, promptTokens: 0, estimatedTokens: 1 });
    const pump = () => {
      while (running < executor.slots) {
        const ticket = scheduler.next(clock.now());
        if (!ticket) return;
        const name = ticket.request.program as "a" | "b";
        running++;
        executor.start(plans[name], 0, (result) => {
          running--;
          scheduler.finished(ticket, result as { tokens: number }, clock.now());
          if (--left[name] === 0) ends.push(1000 * clock.now());
          pump();
        });
      }
    };
    pump();
    clock.run();
    return (ends[0]! + ends[1]!) / 2;
  }

  test("6.5 ms as gangs, 9 ms interleaved", () => {
    expect(meanLatency("gang")).toBeCloseTo(6.5, 12);
    expect(meanLatency("fcfs")).toBeCloseTo(9, 12);
  });
});

suite("the engine on the virtual clock", () => {
  test("a step takes as long as its rows say, also when others come and go", () => {
    // 1 s a token alone, 2 s for two at a time.
    const speed: EngineSpeed = { slots: 2, secondsPerStep: (rows) => rows };
    const ends = latencies([program("a", [3]), program("b", [4], { arriveAt: 1 })], { policy: "fcfs" }, speed, 1);
    // a: 1 token alone until 1, 2 tokens at 2 s until 5. b: 2 tokens until 5, 2 alone until 7.
    expect(ends).toEqual({ a: 5, b: 6 });
  });

  test("reading a prompt holds everybody up, once per program", () => {
    const speed: EngineSpeed = { slots: 2, secondsPerStep: () => 1, secondsPerPromptToken: 0.5 };
    const programs = [
      program("a", [4, 1], { promptTokens: 2 }),
      program("b", [1, 1], { arriveAt: 2, promptTokens: 4 }),
    ];
    const events = simulate({ programs, scheduler: { policy: "fcfs" }, allocation: everything(2), speed });
    // a reads until 1; its second branch ends at 2, where b reads until 4, and a goes on to 7.
    expect(outcomesOf(events).map((one) => [one.program, one.latency + (one.program === "b" ? 2 : 0)])).toEqual([
      ["b", 6],
      ["a", 7],
    ]);
    expect(summarise(outcomesOf(events))).toMatchObject({ promptTokens: 12, cachedTokens: 6, tokens: 7 });
  });

  test("every token is accounted for, and no slot is used twice", () => {
    const random = new Random("account");
    const planned = planLoad(syntheticPrograms({ count: 40, random }), { rate: 1, random });
    const events = simulate({
      programs: planned,
      scheduler: { policy: "sjf" },
      allocation: allocate(policy, { roundSize: 5 }),
      speed: constantSpeed(7, 50),
    });
    for (const event of events) TraceEvent.parse(event);
    let running = 0;
    let most = 0;
    for (const { kind } of events) {
      running += kind === "issue" ? 1 : kind === "token-count" ? -1 : 0;
      most = Math.max(most, running);
    }
    expect([most, running]).toEqual([7, 0]);
    const outcomes = outcomesOf(events);
    expect(outcomes).toHaveLength(40);
    for (const { program: id, tokens, knob } of outcomes) {
      const plan = planned.find((one) => one.id === id)!;
      expect(tokens).toBe(Array.from({ length: knob }, (_, i) => plan.tokensOf!(i)).reduce((a, b) => a + b));
    }
    expect(new Set(outcomes.map(({ knob, reason }) => `${knob} ${reason}`))).toEqual(new Set(["5 settled", "20 cap"]));
  });
});

suite("programs", () => {
  test("a long one finishes within its ageing limit and the time it needs, however many short ones come", () => {
    const long = program("long", Array(4).fill(10), { arriveAt: 0.5 });
    const shorts = Array.from({ length: 200 }, (_, i) => program(`short-${i}`, [2, 2, 2, 2], { arriveAt: i * 8 }));
    const speed = constantSpeed(1, 1); // shorts fill the only slot
    const [aged, starved] = [60, 1e9].map(
      (ageingSeconds) => latencies([long, ...shorts], { policy: "sjf", ageingSeconds }, speed, 4).long!,
    );
    expect(aged).toBeLessThanOrEqual(60 + 8 + 4 * 10);
    expect(starved).toBeGreaterThan(1000);
  });

  test("late requests are shed when asked for, and their program ends with what it has", () => {
    const programs = [program("a", [10, 10]), program("b", [10, 10], { deadline: 5 }), program("c", [10, 10])];
    const events = simulate({
      programs,
      scheduler: { policy: "gang", shedLate: true },
      allocation: everything(2),
      speed: constantSpeed(2, 1),
    });
    const outcomes = outcomesOf(events);
    expect(outcomes.map(({ program: id, reason, latency }) => [id, reason, latency])).toEqual([
      ["b", "aborted", 10],
      ["a", "cap", 10],
      ["c", "cap", 20],
    ]);
    expect(summarise(outcomes)).toMatchObject({ attainment: 0, lateCount: 1 });
  });

  test("a recording is replayed: its lengths, its steps, its answer", () => {
    const steps = [4, 9, 12].map((tokens, index) => ({
      ...stepOf([], 3, { signals: { entropy: index === 1 ? 1 : 0.2 }, answer: `${index}`, correct: index === 1 }),
      knob: index + 1,
      tokens,
      promptTokens: 3 * (index + 1),
    }));
    const recording = { id: "q", program: "self-consistency", cap: 3, settings: {}, model: "m", target: "1", steps };
    const run = (algorithm: "single-step" | "even") => {
      const programs = recordedPrograms([recording]).map((one) => ({ ...one, arriveAt: 1 }));
      const own = Policy.parse({
        algorithm,
        thresholds: { entropy: 0.7 },
        detectAt: algorithm === "even" ? 3 : 1,
        cap: 3,
      });
      return outcomesOf(
        simulate({ programs, scheduler: { policy: "gang" }, allocation: allocate(own), speed: constantSpeed(1, 1) }),
      )[0];
    };
    expect(run("single-step")).toMatchObject({
      question: "q",
      knob: 2,
      tokens: 9,
      latency: 9,
      reason: "settled",
      answer: "1",
      correct: true,
    });
    expect(run("even")).toMatchObject({ knob: 3, tokens: 12, latency: 12, answer: "2", correct: false });
    expect(() => recordedPrograms([{ ...recording, steps: steps.slice(1) }])).toThrow(
      "recording q: step 1: knob: expected 1, got 2",
    );
  });
});

// Section 6 of the spec: 40 slots of 50 tokens a second, rounds of 5, cap 20, lengths lognormal, 300 programs, rate 2/s.
test("the reference simulation is met within the noise of its three seeds", () => {
  const latenciesAt = (order: SchedulerPolicy, own: Policy) =>
    Array.from({ length: 20 }, (_, seed) => {
      const random = new Random(`reference-${seed}`);
      const templates = syntheticPrograms({ count: 300, random: random.split("programs") });
      const programs = planLoad(templates, { rate: 2, random: random.split("arrivals") });
      const allocation = allocate(own, { roundSize: 5 });
      const events = simulate({ programs, scheduler: { policy: order }, allocation, speed: constantSpeed(40, 50) });
      return summarise(outcomesOf(events)).latency.mean;
    });
  const cases = [
    ["fcfs", withoutCertaindex(policy), 72],
    ["gang", withoutCertaindex(policy), 47],
    ["fcfs", policy, 7.7],
  ] as const;
  for (const [order, own, reference] of cases) {
    const means = latenciesAt(order, own);
    const error = standardDeviation(means) * Math.sqrt(1 / 3 + 1 / means.length);
    expect(Math.abs(mean(means) - reference)).toBeLessThan(2.5 * error);
    expect(2.5 * error).toBeLessThan(0.5 * reference); // or it would show nothing
  }
});
