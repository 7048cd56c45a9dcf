import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, suite, test } from "vitest";
import { ConfigError } from "../core/errors.ts";
import { BudgetError, createBudget, withBudget } from "./budget.ts";
import { UnreachableError } from "./errors.ts";
import { fakeEndpoint } from "./fake-endpoint.fixtures.ts";
import { openLedger } from "./ledger/ledger.ts";
import { withLedger } from "./with-ledger.ts";

const request = { prompt: "Hello", maxTokens: 8 }; // about 2 + 8 tokens; the fake says 10 + 2
const prices = { fake: { input: 1, output: 10 } };

suite("createBudget", () => {
  test("calls: refused before they are sent", async () => {
    const fake = fakeEndpoint();
    const endpoint = withBudget(fake, createBudget({ calls: 2 }));
    await endpoint.complete(request);
    await endpoint.complete(request);
    const error = await endpoint.complete(request).catch((error) => error);
    expect(error).toBeInstanceOf(BudgetError);
    expect(error.message).toBe("The budget is used up: 2 of 2 calls spent and the next call needs about 1");
    expect(error.hint).toContain("what was paid for is in the cache");
    expect(fake.calls.length).toBe(2);
  });

  test("tokens: by the estimate before, by the count after", async () => {
    const budget = createBudget({ tokens: 25 });
    const endpoint = withBudget(fakeEndpoint(), budget);
    await endpoint.complete(request); // 2 + 8 expected, 12 spent
    await endpoint.complete(request); // 2 + 2 expected by the answers so far
    expect(budget.spent).toEqual({ tokens: 24, money: 0, calls: 2 });
    await expect(endpoint.complete(request)).rejects.toThrow("24 of 25 tokens spent and the next call needs about 4");
  });

  test("a call that passes the limit is kept, and is the last", async () => {
    const endpoint = withBudget(fakeEndpoint(), createBudget({ tokens: 11 }));
    await expect(endpoint.complete(request)).resolves.toMatchObject({
      usage: { promptTokens: 10, completionTokens: 2 },
    });
    await expect(endpoint.complete(request)).rejects.toThrow(BudgetError);
  });

  test("calls under way count with their estimates", async () => {
    const endpoint = withBudget(fakeEndpoint(), createBudget({ tokens: 25 }));
    const results = await Promise.allSettled([1, 2, 3].map(() => endpoint.complete(request)));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
    expect((results[2] as PromiseRejectedResult).reason.message).toContain("about 20 in calls under way");
  });

  test("money needs prices, and is counted with what failed attempts cost", async () => {
    const bare = withBudget(fakeEndpoint(), createBudget({ money: 1 }));
    await expect(bare.complete(request)).rejects.toThrow(ConfigError);
    const budget = createBudget({ money: 1 }, { prices });
    const fake = fakeEndpoint((count) => {
      if (count === 1) throw new UnreachableError("broke", { spent: { promptTokens: 10, completionTokens: 0 } });
      return "one two";
    });
    const folder = await mkdtemp(join(tmpdir(), "budget-"));
    const ledger = await openLedger(join(folder, "ledger.jsonl"), { prices });
    await withLedger(fake, { ledger, budget, retries: { baseDelayMs: 1 } }).complete(request);
    expect(budget.spent.money).toBeCloseTo((10 + 10 + 20) / 1e6, 12);
    expect(ledger.totals.money).toBeCloseTo(budget.spent.money, 12);
    await rm(folder, { recursive: true });
  });

  test("wall time", async () => {
    const endpoint = withBudget(fakeEndpoint(), createBudget({ wallMs: 20 }));
    await endpoint.complete(request);
    await sleep(25);
    await expect(endpoint.complete(request)).rejects.toThrow(/of 20 ms of wall time spent/);
  });

  test("a stream that is left early counts what came", async () => {
    const budget = createBudget({});
    for await (const _ of withBudget(fakeEndpoint(), budget).streamCompletion(request)) break;
    expect(budget.spent).toEqual({ tokens: 3, money: 0, calls: 1 }); // 2 of the prompt, "one"
  });
});

test("a resumed run goes on with what it spent; replays cost nothing", async () => {
  const folder = await mkdtemp(join(tmpdir(), "budget-"));
  const cache = { folder: join(folder, "cache") };
  const open = async (calls: number) => {
    const ledger = await openLedger(join(folder, "ledger.jsonl"));
    return withLedger(fakeEndpoint(), { ledger, cache, budget: createBudget({ calls }, { before: ledger.totals }) });
  };
  const ask = (endpoint: Awaited<ReturnType<typeof open>>, prompt: string) => endpoint.complete({ prompt });
  const first = await open(2);
  await ask(first, "a");
  await ask(first, "b");
  await expect(ask(first, "c")).rejects.toThrow(BudgetError);
  const resumed = await open(2);
  await ask(resumed, "a");
  await expect(ask(resumed, "c")).rejects.toThrow(BudgetError);
  const raised = await open(3);
  await ask(raised, "b");
  await expect(ask(raised, "c")).resolves.toBeDefined();
  await rm(folder, { recursive: true });
});
