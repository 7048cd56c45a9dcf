import { expect, suite, test } from "vitest";
import { fakeEndpoint } from "../../../endpoint/fake-endpoint.fixtures.ts";
import type { Capabilities, Endpoint } from "../../../endpoint/index.ts";
import { createScheduler, type SchedulerOptions } from "./scheduler.ts";
import { type CallSchedule, type ScheduledEndpoint, withScheduler } from "./with-scheduler.ts";

/** An endpoint whose answers wait until they are let go, oldest first. */
function slowEndpoint() {
  const waiting: (() => void)[] = [];
  const endpoint = fakeEndpoint(async (_, { request }) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return "prompt" in request ? request.prompt : "one two";
  });
  const answered = { count: 0 };
  return {
    endpoint,
    answered,
    /** The prompts that have arrived. */
    prompts: () => endpoint.calls.map(({ request }) => (request as { prompt: string }).prompt).join(" "),
    async release() {
      await settled();
      waiting.shift()?.();
      await settled();
    },
  };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 1));

const ask = (
  endpoint: Endpoint,
  program: string,
  more: { n?: number; schedule?: CallSchedule; signal?: AbortSignal } = {},
) => {
  const { n, schedule, signal } = more;
  return endpoint.complete({ prompt: program, n, extra: { program, schedule } }, { signal });
};

function open(options: SchedulerOptions, maxInFlight: number, more = {}) {
  const slow = slowEndpoint();
  const scheduled = withScheduler(slow.endpoint, createScheduler(options), { maxInFlight, priority: false, ...more });
  return { ...slow, scheduled };
}

suite("the queue before an endpoint", () => {
  test("lets so many in, in the scheduler's order", async () => {
    const { scheduled, prompts, release } = open({ policy: "gang" }, 2);
    const replies = [..."abccab"].map((program) => ask(scheduled, program));
    await settled();
    expect([prompts(), scheduled.inFlightCount, scheduled.scheduler.waitingCount]).toEqual(["a b", 2, 4]);
    await release();
    expect(prompts()).toBe("a b a");
    for (let i = 0; i < 5; i++) await release();
    expect(prompts()).toBe("a b a b c c");
    expect((await Promise.all(replies)).map(({ choices }) => choices[0]!.text)).toEqual([..."abccab"]);
    expect([scheduled.inFlightCount, scheduled.scheduler.runningCount]).toEqual([0, 0]);
  });

  test("a call for many choices takes as many places, and nobody passes it", async () => {
    const { scheduled, prompts, release } = open({ policy: "fcfs" }, 4);
    for (const [program, n] of [
      ["a", 3],
      ["b", 2],
      ["c", 1],
      ["d", 9],
    ] as const)
      void ask(scheduled, program, { n });
    await settled();
    expect(prompts()).toBe("a");
    await release();
    expect([prompts(), scheduled.inFlightCount]).toEqual(["a b c", 3]);
    await release();
    await release();
    expect([prompts(), scheduled.inFlightCount]).toEqual(["a b c d", 9]); // wider than the door: alone
    await release();
  });

  test("what an answer took teaches the scheduler, and its observer what remains", async () => {
    const { scheduled, prompts, release } = open({ policy: "sjf" }, 1);
    void ask(scheduled, "first");
    scheduled.observer.updated("long", { remainingUnits: 9 });
    scheduled.observer.updated("short", { remainingUnits: 2 });
    for (const program of ["long", "short"]) void ask(scheduled, program);
    for (let i = 0; i < 3; i++) await release();
    expect(prompts()).toBe("first short long");
  });

  test("who gives up leaves the queue, and a fault gives the place back", async () => {
    const { scheduled, prompts, release } = open({ policy: "fcfs" }, 1);
    const abort = new AbortController();
    const first = ask(scheduled, "a");
    const second = ask(scheduled, "b", { signal: abort.signal });
    const third = ask(scheduled, "c");
    abort.abort(new Error("gone"));
    await expect(second).rejects.toThrow("gone");
    await release();
    await release();
    await Promise.all([first, third]);
    expect(prompts()).toBe("a c");
    const failing = withScheduler(
      fakeEndpoint(() => {
        throw new Error("broken");
      }),
      createScheduler({ policy: "fcfs" }),
      { maxInFlight: 1, priority: false },
    );
    for (let i = 0; i < 2; i++) await expect(ask(failing, "a")).rejects.toThrow("broken");
    expect([failing.inFlightCount, failing.scheduler.runningCount]).toEqual([0, 0]);
  });

  test("who gives up while it is chosen but has no room frees the door", async () => {
    const { scheduled, prompts, release } = open({ policy: "fcfs" }, 2);
    const abort = new AbortController();
    void ask(scheduled, "a");
    const wide = ask(scheduled, "wide", { n: 2, signal: abort.signal });
    void ask(scheduled, "b");
    await settled();
    expect(prompts()).toBe("a");
    abort.abort(new Error("gone"));
    await expect(wide).rejects.toThrow("gone");
    await settled();
    expect([prompts(), scheduled.scheduler.runningCount]).toEqual(["a b", 2]);
    await release();
    await release();
  });

  test("a stream keeps its place until it is left, and counts what it gave until then", async () => {
    const scheduled = withScheduler(
      fakeEndpoint(() => "one two three four"),
      createScheduler({ policy: "sjf" }),
      {
        maxInFlight: 1,
        priority: false,
      },
    );
    for await (const event of scheduled.streamCompletion({ prompt: "x", extra: { program: "p" } })) {
      expect([event.type, scheduled.inFlightCount]).toEqual(["delta", 1]);
      break;
    }
    expect([scheduled.inFlightCount, scheduled.scheduler.runningCount]).toEqual([0, 0]);
  });

  test("a deadline that passes in the queue ends the call, where late ones are shed", async () => {
    let now = 0;
    const { scheduled, release } = open({ policy: "fcfs", shedLate: true }, 1, { now: () => now });
    const first = ask(scheduled, "a");
    const late = expect(ask(scheduled, "b", { schedule: { deadline: 5 } })).rejects.toThrow(
      expect.objectContaining({ code: "ENDPOINT_TIMEOUT", message: 'The deadline of "b" passed while it waited' }),
    );
    now = 6;
    await release();
    await Promise.all([first, late]);
  });

  test("a full queue refuses as a busy server does", async () => {
    const { scheduled, release } = open({ policy: "fcfs", maxWaiting: 1 }, 1);
    const replies = ["a", "b"].map((program) => ask(scheduled, program));
    await expect(ask(scheduled, "c")).rejects.toMatchObject({ code: "ENDPOINT_RATE_LIMIT", retryAfterMs: 1000 });
    await release();
    await release();
    await Promise.all(replies);
  });
});

suite("what goes on to the endpoint", () => {
  const sent = async (
    change: Partial<Endpoint>,
    use: (scheduled: ScheduledEndpoint) => Promise<unknown>,
    priority?: boolean,
  ) => {
    const fake = fakeEndpoint();
    const scheduled = withScheduler(Object.assign(fake, change), createScheduler({ policy: "fcfs" }), {
      maxInFlight: 9,
      priority,
    });
    await use(scheduled);
    return fake.calls.map(({ request: { extra, priority: rank } }) => ({ extra, rank }));
  };
  const twice = async (scheduled: ScheduledEndpoint) => {
    await ask(scheduled, "p", { schedule: { tenant: "t" } });
    await scheduled.complete({ prompt: "x", priority: 7, extra: { guided_regex: "a" } });
  };

  test("a remote server sees neither program nor schedule, our own engine the program", async () => {
    expect(await sent({}, twice, false)).toEqual([{ extra: {} }, { extra: { guided_regex: "a" }, rank: 7 }]);
    expect((await sent({ url: "embedded:chains" }, twice, false))[0]).toEqual({ extra: { program: "p" } });
  });

  test("the rank goes along as priority where that works, unless the caller gave one", async () => {
    const capabilities = (status: "works" | "missing") => async () =>
      ({ priority: { status, why: "" } }) as unknown as Capabilities;
    const ranks = async (status: "works" | "missing") =>
      (await sent({ capabilities: capabilities(status) }, twice)).map(({ rank }) => rank);
    expect([await ranks("works"), await ranks("missing")]).toEqual([
      [0, 7],
      [undefined, 7],
    ]);
  });

  test("a schedule that is none is refused by field", async () => {
    const wrong = { deadline: -1 } as CallSchedule;
    await expect(sent({}, (scheduled) => ask(scheduled, "p", { schedule: wrong }), false)).rejects.toThrow(
      "extra.schedule: deadline: expected a number above 0, got -1",
    );
  });
});
