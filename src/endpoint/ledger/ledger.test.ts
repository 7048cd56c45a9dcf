import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, suite, test } from "vitest";
import { withCache } from "../cache/with-cache.ts";
import { OverloadedError, UnreachableError } from "../errors.ts";
import { collect, fakeEndpoint } from "../fake-endpoint.fixtures.ts";
import { withRetries } from "../retries.ts";
import { withLedger } from "../with-ledger.ts";
import { openLedger } from "./ledger.ts";
import { costOf, readPrices } from "./prices.ts";
import { recordCalls } from "./record-calls.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ledger-"));
  path = join(folder, "ledger.jsonl");
});
afterEach(() => rm(folder, { recursive: true }));

const request = { prompt: "Hello" };
const retries = { baseDelayMs: 1 };
const prices = { fake: { input: 1, output: 10 } };
const lines = async () =>
  (await readFile(path, "utf8"))
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => JSON.parse(line));

suite("prices", () => {
  test("per million tokens, cached ones at their own price, * for the rest", () => {
    const table = { a: { input: 2, output: 8, cachedInput: 0.5 }, "*": { input: 1, output: 1 } };
    const usage = { promptTokens: 1_000, completionTokens: 500, cachedTokens: 400 };
    expect(costOf(usage, "a", table)).toBeCloseTo((600 * 2 + 400 * 0.5 + 500 * 8) / 1e6, 12);
    expect(costOf(usage, "b", table)).toBeCloseTo(1_500 / 1e6, 12);
    expect(costOf(usage, "b", {})).toBe(undefined);
  });

  test("a wrong table names the field", async () => {
    await writeFile(join(folder, "prices.json"), '{"a": {"input": "2", "output": 8}}');
    await expect(readPrices(join(folder, "prices.json"))).rejects.toThrow(
      'a.input: expected a number of at least 0, got "2"',
    );
  });
});

suite("lines", () => {
  test("one per call, with tokens, money and attempts", async () => {
    const ledger = await openLedger(path, { prices });
    const fake = fakeEndpoint((count) => {
      if (count === 1) throw new UnreachableError("broke", { spent: { promptTokens: 10, completionTokens: 1 } });
      return "one two";
    });
    await withLedger(fake, { ledger, retries }).complete(request);
    expect(await lines()).toMatchObject([
      {
        outcome: "paid",
        model: "fake",
        promptTokens: 10,
        completionTokens: 2,
        lostTokens: 11,
        attemptCount: 2,
        latencyMs: 5,
      },
    ]);
    expect((await lines())[0].money).toBeCloseTo((10 + 2 * 10 + 10 + 1 * 10) / 1e6, 12);
    expect(ledger.totals).toMatchObject({ paidCount: 1, requestCount: 2, promptTokens: 10, lostTokens: 11 });
  });

  test("a replay pays nothing", async () => {
    const ledger = await openLedger(path, { prices });
    const endpoint = withLedger(fakeEndpoint(), { ledger, cache: { folder: join(folder, "cache") } });
    for (let i = 0; i < 3; i++) await endpoint.complete(request);
    const [paid, ...replays] = await lines();
    expect(replays.map(({ outcome, money, callId }) => [outcome, money, callId === paid.callId])).toEqual([
      ["replayed", 0, true],
      ["replayed", 0, true],
    ]);
    expect(ledger.totals).toMatchObject({ paidCount: 1, replayedCount: 2, promptTokens: 10, unpricedCount: 0 });
  });

  test("a failure has its code; a call that was never sent has no line", async () => {
    const ledger = await openLedger(path);
    const fake = fakeEndpoint(() => {
      throw new OverloadedError("503");
    });
    await expect(
      withLedger(fake, { ledger, retries: { ...retries, maxAttempts: 2 } }).complete(request),
    ).rejects.toThrow();
    const missing = withLedger(fake, { ledger, cache: { folder, mode: "replay" } });
    await expect(missing.complete(request)).rejects.toThrow("Not in the cache");
    expect(await lines()).toMatchObject([{ outcome: "failed", error: "ENDPOINT_OVERLOADED", attemptCount: 2 }]);
    expect(ledger.totals).toMatchObject({ failedCount: 1, paidCount: 0, requestCount: 2 });
  });

  test("a stream that is left early is a part paid for, by estimate", async () => {
    const ledger = await openLedger(path);
    const endpoint = recordCalls(withRetries(fakeEndpoint(() => "one two three")), ledger);
    for await (const _ of endpoint.streamCompletion(request)) break;
    await collect(endpoint.streamCompletion(request));
    const [part, whole] = await lines();
    expect(part).toMatchObject({ outcome: "partial", promptTokens: 2, completionTokens: 1, estimated: true });
    expect(whole).toMatchObject({ outcome: "paid", promptTokens: 10, completionTokens: 3 });
  });

  test("an aborted stream too", async () => {
    const ledger = await openLedger(path);
    const cache = { folder: join(folder, "cache") };
    const controller = new AbortController();
    const events = withLedger(fakeEndpoint(), { ledger, cache }).streamCompletion(request, {
      signal: controller.signal,
    });
    const reading = (async () => {
      for await (const _ of events) controller.abort(new Error("enough"));
    })();
    await expect(reading).rejects.toThrow("enough");
    expect((await lines()).map(({ outcome }) => outcome)).toEqual(["partial"]);
  });
});

suite("after a crash", () => {
  test("totals go on; a torn last line is dropped", async () => {
    const before = await openLedger(path, { prices });
    await withLedger(fakeEndpoint(), { ledger: before }).complete(request);
    before.close();
    await appendFile(path, '{"time":"2025-01-01T00:00:00Z","callId":"to');
    const after = await openLedger(path, { prices });
    expect(after.totals).toEqual(before.totals);
    await withLedger(fakeEndpoint(), { ledger: after }).complete(request);
    after.close();
    expect((await openLedger(path)).totals).toMatchObject({ paidCount: 2, promptTokens: 20 });
  });

  test("a call that was paid but not written is written once, when it is asked again", async () => {
    const cache = { folder: join(folder, "cache") };
    const killed = await openLedger(path, { prices });
    const fake = fakeEndpoint();
    // What a process leaves that dies between the cache and the ledger.
    const trace = { callId: killed.newCallId(), cacheHit: false, attemptCount: 1, lost: [] };
    await withCache(fake, cache).complete(request, { trace } as object);
    killed.close();

    const ledger = await openLedger(path, { prices });
    const endpoint = withLedger(fake, { ledger, cache });
    await endpoint.complete(request);
    await endpoint.complete(request);
    expect((await lines()).map(({ outcome, recovered }) => [outcome, recovered])).toEqual([
      ["paid", true],
      ["replayed", undefined],
      ["replayed", undefined],
    ]);
    expect(fake.calls.length).toBe(1);
    expect(ledger.totals).toMatchObject({ paidCount: 1, promptTokens: 10 });
  });

  test("what another run paid for is not counted here", async () => {
    const cache = { folder: join(folder, "cache") };
    const other = await openLedger(join(folder, "other.jsonl"));
    await withLedger(fakeEndpoint(), { ledger: other, cache }).complete(request);
    const ledger = await openLedger(path);
    await withLedger(fakeEndpoint(), { ledger, cache }).complete(request);
    expect(ledger.totals).toMatchObject({ paidCount: 0, replayedCount: 1, promptTokens: 0 });
  });

  test("damage in the middle is not passed over in silence", async () => {
    const ledger = await openLedger(path);
    await withLedger(fakeEndpoint(), { ledger }).complete(request);
    ledger.close();
    await writeFile(path, (await readFile(path, "utf8")).replace('"outcome":"paid"', '"outcome":"paix"'));
    await expect(openLedger(path)).rejects.toThrow("ledger.jsonl line 2");
  });
});
