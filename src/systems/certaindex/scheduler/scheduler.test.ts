import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { NaiveScheduler } from "./naive-scheduler.fixtures.ts";
import { createScheduler, type ScheduledRequest, type Scheduler, schedulerPolicies, type Ticket } from "./scheduler.ts";

const request = (program: string, change: Partial<ScheduledRequest> = {}): ScheduledRequest => ({
  program,
  arrivedAt: 0,
  promptTokens: 4,
  estimatedTokens: 10,
  ...change,
});

/** The programs in the order they are served, one at a time, all done at once. */
function served(scheduler: Scheduler, tokens: (program: string) => number = () => 10): string {
  let order = "";
  for (let ticket = scheduler.next(0); ticket; ticket = scheduler.next(0)) {
    order += ticket.request.program;
    scheduler.finished(ticket, { tokens: tokens(ticket.request.program) }, 0);
  }
  return order;
}

const operation = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("add" as const),
      program: fc.nat(5),
      prompt: fc.array(fc.nat(1), { minLength: 1, maxLength: 6 }),
      estimate: fc.integer({ min: 1, max: 4 }),
      units: fc.integer({ min: 1, max: 2 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("next" as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("finish" as const),
      which: fc.nat(20),
      tokens: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("remove" as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("update" as const), program: fc.nat(5), units: fc.nat(5) }) },
);

suite("against sorting everything anew", () => {
  for (const policy of schedulerPolicies) {
    for (const ageing of [Number.POSITIVE_INFINITY, 25]) {
      test(`${policy}${ageing === 25 ? " with ageing" : ""}`, () => {
        fc.assert(
          fc.property(fc.array(operation, { minLength: 20, maxLength: 100, size: "max" }), (operations) => {
            const scheduler = createScheduler({ policy, ageingSeconds: ageing });
            const naive = new NaiveScheduler(policy, ageing);
            const [waiting, running]: Ticket[][] = [[], []];
            const arrivals = new Map<number, number>();
            for (const [now, one] of operations.entries()) {
              if (one.kind === "add") {
                arrivals.set(one.program, arrivals.get(one.program) ?? now);
                const { estimate: estimatedTokens, units, prompt } = one;
                const asked = {
                  program: `${one.program}`,
                  arrivedAt: arrivals.get(one.program)!,
                  promptTokens: prompt.length,
                  prompt,
                  estimatedTokens,
                  units,
                };
                waiting!.push(scheduler.add(asked));
                naive.add(asked);
              } else if (one.kind === "next") {
                const ticket = scheduler.next(now);
                expect(ticket?.id).toBe(naive.next(now));
                if (ticket) running!.push(...waiting!.splice(waiting!.indexOf(ticket), 1));
              } else if (one.kind === "finish" && running!.length > 0) {
                const [ticket] = running!.splice(one.which % running!.length, 1);
                scheduler.finished(ticket!, { tokens: one.tokens }, now);
                naive.finished(ticket!.request, one.tokens);
              } else if (one.kind === "remove" && waiting!.length > 0) {
                const [ticket] = waiting!.splice(one.which % waiting!.length, 1);
                scheduler.remove(ticket!);
                naive.remove(ticket!.id);
              } else if (one.kind === "update" && arrivals.has(one.program)) {
                scheduler.programUpdated(`${one.program}`, { remainingUnits: one.units });
                naive.updated(`${one.program}`, one.units);
              }
              expect(scheduler.waitingCount).toBe(waiting!.length);
            }
          }),
          { numRuns: 150 },
        );
      });
    }
  }
});

suite("orders", () => {
  test("fcfs: by request; gang: what has begun is finished first, in the order of arrival", () => {
    for (const [policy, order] of [
      ["fcfs", "abcabc"],
      ["gang", "aabbcc"],
    ] as const) {
      const scheduler = createScheduler({ policy });
      for (const program of "abcabc") scheduler.add(request(program, { arrivedAt: program.charCodeAt(0) }));
      expect(served(scheduler)).toBe(order);
    }
  });

  test("sjf: fewest remaining tokens first, by the program's own mean, else by everybody's", () => {
    const scheduler = createScheduler({ policy: "sjf" });
    // a has shown 100 tokens a unit and has 1 left; b has shown 10 and has 4 left; c is new and has 1 left.
    for (const program of "ab") scheduler.add(request(program));
    served(scheduler, (program) => (program === "a" ? 100 : 10));
    for (const [program, remainingUnits] of [
      ["a", 1],
      ["b", 4],
      ["c", 1],
    ] as const) {
      scheduler.programUpdated(program, { remainingUnits });
      scheduler.add(request(program));
    }
    // a 100, b 40, c 1 unit of the common mean of 55.
    expect(served(scheduler, () => 10)).toBe("bca");
  });

  test("sjf: a program older than its limit goes first; by default twice its deadline, or 60 s", () => {
    const serve = (deadline: number | undefined, now: number) => {
      const scheduler = createScheduler({ policy: "sjf" });
      scheduler.programUpdated("long", { remainingUnits: 20 });
      scheduler.add(request("long", { deadline }));
      scheduler.add(request("short", { arrivedAt: 59 }));
      return scheduler.next(now)!.request.program;
    };
    expect([serve(undefined, 59.9), serve(undefined, 60)]).toEqual(["short", "long"]);
    expect([serve(10, 19.9), serve(10, 20)]).toEqual(["short", "long"]);
  });

  test("lpm: the longest part known to the cache first, and the real cache has the last word", () => {
    const cache = new Set(["sys one"]);
    const cachedLength = (prompt: string | readonly number[]) => (cache.has(String(prompt)) ? prompt.length : 0);
    const scheduler = createScheduler({ policy: "lpm", prefixes: { cachedLength } });
    for (const [program, prompt] of [
      ["a", "other"],
      ["b", "sys two"],
      ["c", "sys one"],
      ["d", "sys one"],
    ] as const)
      scheduler.add(request(program, { prompt }));
    expect(scheduler.next(0)!.request.program).toBe("c"); // all of it
    cache.clear(); // evicted: nothing is known any more, so the oldest is next
    expect(scheduler.next(0)!.request.program).toBe("a");
  });

  test("lpm: a prefix cache of limited size forgets what was used longest ago", () => {
    const scheduler = createScheduler({ policy: "lpm", prefixes: { capacity: 8 } });
    for (const prompt of ["one.", "two.", "six."]) scheduler.add(request(prompt, { prompt }));
    served(scheduler); // "one." had to go
    for (const prompt of ["one.", "six.", "two."]) scheduler.add(request(prompt, { prompt }));
    expect(served(scheduler)).toBe("six.two.one.");
  });
});

suite("tenants, deadlines, limits", () => {
  test("weights share the tokens, within a token of the largest request", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 200, maxLength: 200 }),
        (weight, lengths) => {
          const scheduler = createScheduler({ policy: "sjf", weights: { heavy: weight } });
          for (const [i, estimatedTokens] of lengths.entries())
            scheduler.add(request(`p${i}`, { tenant: i % 2 ? "heavy" : "light", estimatedTokens }));
          const tokens = { heavy: 0, light: 0 };
          for (let i = 0; i < 60; i++) {
            const ticket = scheduler.next(0)!;
            tokens[ticket.request.tenant as keyof typeof tokens] += ticket.request.estimatedTokens;
            scheduler.finished(ticket, { tokens: ticket.request.estimatedTokens }, 0);
            expect(Math.abs(tokens.heavy / weight - tokens.light)).toBeLessThanOrEqual(20);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  test("a tenant that was away saves nothing up", () => {
    const scheduler = createScheduler({ policy: "fcfs", weights: {} });
    scheduler.add(request("b", { tenant: "b" }));
    scheduler.next(0);
    for (let i = 0; i < 20; i++) scheduler.add(request("a", { tenant: "a" }));
    for (let i = 0; i < 10; i++) scheduler.next(0);
    for (let i = 0; i < 10; i++) scheduler.add(request("b", { tenant: "b" }));
    expect(served(scheduler)).toMatch(/^(ab|ba){8}/);
  });

  test("shares are of the tokens written, not of those expected", () => {
    const scheduler = createScheduler({ policy: "fcfs", weights: {} });
    for (const program of "abababab") scheduler.add(request(program, { tenant: program }));
    // A request of a writes three times as much as one of b, which has three turns for each of a's from then on.
    expect(served(scheduler, (program) => (program === "a" ? 30 : 10))).toBe("abbbabaa");
  });

  test("programs at rest are forgotten beyond ten thousand, longest at rest first", () => {
    const scheduler = createScheduler({ policy: "sjf" });
    const ask = (program: string) => scheduler.add(request(program, { arrivedAt: program === "old" ? 1 : 0 }));
    for (const program of ["old", "recent"]) {
      ask(program);
      served(scheduler, () => 1000);
      if (program === "old") for (let i = 1; i < 10_000; i++) scheduler.add(request(`p${i}`));
      served(scheduler, () => 10);
    }
    // Forgotten, "old" has everybody's mean, some ten tokens a unit; "recent" is remembered with a thousand.
    for (const program of ["recent", "old"]) ask(program);
    expect(served(scheduler)).toBe("oldrecent");
  });

  test("a deadline that passes in the queue is reported once, and shed only when asked for", () => {
    for (const shedLate of [false, true]) {
      const late: string[] = [];
      const scheduler = createScheduler({ policy: "fcfs", shedLate });
      const onLate = ({ request: { program }, state }: Ticket) => late.push(`${program} ${state}`);
      const ticket = scheduler.add(request("a", { deadline: 5 }), onLate);
      scheduler.add(request("b", { deadline: 50 }));
      scheduler.add(request("c"));
      expect(scheduler.next(5.1)!.request.program).toBe(shedLate ? "b" : "a");
      scheduler.next(6);
      expect([late, scheduler.lateCount, ticket.state]).toEqual(
        shedLate ? [["a shed"], 1, "shed"] : [["a waiting"], 1, "running"],
      );
    }
  });

  test("a full queue refuses with the time to come back", () => {
    const scheduler = createScheduler({ policy: "fcfs", maxWaiting: 2 });
    scheduler.add(request("a"));
    scheduler.finished(scheduler.next(0)!, { tokens: 10 }, 4); // 2.5 tokens a second
    for (const program of "bc") scheduler.add(request(program));
    expect(() => scheduler.add(request("d"))).toThrow(
      expect.objectContaining({ code: "ENDPOINT_RATE_LIMIT", status: 429, retryAfterMs: 4000, retryable: true }),
    );
    scheduler.next(4);
    scheduler.add(request("d"));
    expect(scheduler.waitingCount).toBe(2);
  });

  test("who gives up leaves no trace; an ended program takes what waits of it along", () => {
    const scheduler = createScheduler({ policy: "gang" });
    const [first, second, third] = ["a", "a", "b"].map((program) => scheduler.add(request(program)));
    scheduler.remove(first!);
    scheduler.programEnded("a", 0);
    expect([first, second, third].map((ticket) => ticket!.state)).toEqual(["removed", "removed", "waiting"]);
    expect([served(scheduler), scheduler.waitingCount, scheduler.runningCount]).toEqual(["b", 0, 0]);
  });

  test.each([
    [{ ageingSeconds: 0 }, "ageingSeconds: expected a number above 0, got 0"],
    [{ weights: { a: -1 } }, "weights.a: expected a number above 0, got -1"],
    [{ maxWaiting: Number.NaN }, "maxWaiting: expected a number above 0, got NaN"],
  ])("impossible options are refused by name: %j", (options, message) => {
    expect(() => createScheduler({ policy: "sjf", ...options })).toThrow(message);
  });
});
