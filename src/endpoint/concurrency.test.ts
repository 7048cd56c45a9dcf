import { setTimeout as sleep } from "node:timers/promises";
import { expect, suite, test } from "vitest";
import { createLimiter, withConcurrency } from "./concurrency.ts";
import { RateLimitError } from "./errors.ts";
import { fakeEndpoint } from "./fake-endpoint.fixtures.ts";

suite("createLimiter", () => {
  test("no more than the limit at once, in the order of asking", async () => {
    const limiter = createLimiter(2);
    const order: number[] = [];
    let peak = 0;
    const work = async (index: number) => {
      const place = await limiter.enter();
      order.push(index);
      peak = Math.max(peak, limiter.runningCount);
      await sleep(1);
      place.leave();
    };
    await Promise.all([0, 1, 2, 3, 4, 5].map(work));
    expect([peak, order, limiter.runningCount]).toEqual([2, [0, 1, 2, 3, 4, 5], 0]);
  });

  test("halves once per burst of 429 and grows back by one per round", async () => {
    const limiter = createLimiter(8);
    const burst = await Promise.all(Array.from({ length: 8 }, () => limiter.enter()));
    for (const place of burst) place.leave(new RateLimitError("429"));
    expect(limiter.limit).toBe(4);
    for (let i = 0; i < 5; i++) (await limiter.enter()).leave(); // 4 + 1/4 + 1/4.25 + ... passes 5
    expect(limiter.limit).toBe(5);
    for (let i = 0; i < 10; i++) (await limiter.enter()).leave(new RateLimitError("429"));
    expect(limiter.limit).toBe(1);
  });

  test("who gives up waiting takes no place", async () => {
    const limiter = createLimiter(1);
    const first = await limiter.enter();
    const controller = new AbortController();
    const waiting = limiter.enter(controller.signal);
    controller.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    expect(limiter.waitingCount).toBe(0);
    first.leave();
    first.leave(); // twice is once
    expect(limiter.runningCount).toBe(0);
  });
});

test("a stream that is left early gives its place back", async () => {
  const limiter = createLimiter(1);
  const endpoint = withConcurrency(fakeEndpoint(), limiter);
  for await (const _ of endpoint.streamCompletion({ prompt: "Hello" })) {
    expect(limiter.runningCount).toBe(1);
    break;
  }
  expect(limiter.runningCount).toBe(0);
});
