import { expect, suite, test } from "vitest";
import {
  AuthError,
  MalformedReplyError,
  OverloadedError,
  RateLimitError,
  TimeoutError,
  UnreachableError,
} from "./errors.ts";
import { collect, fakeEndpoint } from "./fake-endpoint.fixtures.ts";
import type { LayerOptions } from "./layer.ts";
import { withRetries } from "./retries.ts";

const request = { prompt: "Hello" };
const quick = { baseDelayMs: 1, random: () => 0.5 };

/** Fails so often, then answers. */
const failing = (times: number, error: () => Error) =>
  fakeEndpoint((count) => {
    if (count <= times) throw error();
    return "done";
  });

suite("withRetries", () => {
  test.each([
    new RateLimitError("429"),
    new OverloadedError("503"),
    new TimeoutError("late"),
    new UnreachableError("reset"),
    new MalformedReplyError("cut"),
  ])("$name is tried again", async (error) => {
    const reply = await withRetries(
      failing(2, () => error),
      quick,
    ).complete(request);
    expect([reply.choices[0]!.text, reply.attemptCount]).toEqual(["done", 3]);
  });

  test("a wrong key, used-up credit and our own faults are not", async () => {
    for (const error of [new AuthError("401"), new RateLimitError("429", { exhausted: true }), new TypeError("bug")]) {
      const fake = failing(1, () => error);
      await expect(withRetries(fake, quick).complete(request)).rejects.toBe(error);
      expect(fake.calls.length).toBe(1);
    }
  });

  test("attempts are bounded, and the error says how many there were", async () => {
    const fake = failing(9, () => new OverloadedError("503"));
    const error = await withRetries(fake, { ...quick, maxAttempts: 3 })
      .complete(request)
      .catch((error) => error);
    expect([fake.calls.length, error.attemptCount]).toEqual([3, 3]);
  });

  test("waits grow twofold with full jitter; what the server asks for comes on top", async () => {
    const times: number[] = [];
    const fake = fakeEndpoint((count) => {
      times.push(performance.now());
      if (count === 1) throw new OverloadedError("503");
      if (count === 2) throw new RateLimitError("429", { retryAfterMs: 60 });
      return "done";
    });
    await withRetries(fake, { baseDelayMs: 40, random: () => 0.5 }).complete(request);
    const waits = times.slice(1).map((time, i) => time - times[i]!);
    expect(waits[0]).toBeGreaterThanOrEqual(19); // 0.5 * 40
    expect(waits[1]).toBeGreaterThanOrEqual(99); // 60 + 0.5 * 80
  });

  test("a wait beyond the total time is not begun", async () => {
    const fake = failing(1, () => new RateLimitError("429", { retryAfterMs: 3_600_000 }));
    await expect(withRetries(fake, quick).complete(request)).rejects.toThrow(RateLimitError);
  });

  test("an abort ends the wait with its reason", async () => {
    const fake = failing(1, () => new RateLimitError("429", { retryAfterMs: 100_000 }));
    const reason = new Error("enough");
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 10);
    await expect(withRetries(fake, quick).complete(request, { signal: controller.signal })).rejects.toBe(reason);
  });

  test("tokens of failed attempts add up", async () => {
    const spent = { promptTokens: 3, completionTokens: 4 };
    const trace: LayerOptions["trace"] = { callId: "", cacheHit: false, attemptCount: 0, lost: [] };
    const fake = failing(2, () => new UnreachableError("broke", { spent }));
    await withRetries(fake, quick).complete(request, { trace } as LayerOptions);
    expect(trace).toMatchObject({ attemptCount: 3, lost: [spent, spent] });
  });

  test("a stream is tried again before its first piece, never after", async () => {
    const early = await collect(
      withRetries(
        failing(1, () => new OverloadedError("503")),
        quick,
      ).streamCompletion(request),
    );
    expect([early.pieces, early.reply?.attemptCount]).toEqual([["done"], 2]);

    const fake = fakeEndpoint();
    const broken = {
      ...fake,
      async *streamCompletion() {
        yield { type: "delta" as const, index: 0, text: "half" };
        throw new UnreachableError("broke");
      },
    };
    await expect(collect(withRetries(broken, quick).streamCompletion(request))).rejects.toThrow("broke");
  });
});
