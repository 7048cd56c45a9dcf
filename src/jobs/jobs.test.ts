/** Pipelines on the embedded database; a server and worker processes are in jobs.slow.test.ts. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { z } from "zod";
import {
  type Database,
  definePipeline,
  keep,
  openDatabase,
  type Pipeline,
  pipelineRejects,
  pipelineResults,
  pipelineState,
  poisonItems,
  reject,
  retryPoison,
  runPipeline,
  split,
} from "./index.ts";

let database: Database;
beforeAll(async () => {
  database = await openDatabase({ url: "", dir: "memory" });
});
afterAll(() => database.close());

/**
 * Even numbers are halved, then each becomes as many items as it says.
 * @param settings keep the results of one test from the others
 * @param calls counts what was worked on
 */
function halving(settings: string, calls: Record<string, number> = {}, version = 1): Pipeline {
  const count = (key: string) => {
    calls[key] = (calls[key] ?? 0) + 1;
  };
  return definePipeline({
    name: "halving",
    stages: [
      {
        name: "halve",
        version,
        settings,
        run(n: number) {
          count(`halve ${n}`);
          return n % 2 === 0 ? keep(n / 2) : reject("odd", { n });
        },
      },
      {
        name: "spread",
        version: 1,
        settings,
        run(n: number) {
          count(`spread ${n}`);
          return split(Array.from({ length: n }, (_, index) => `${n}.${index}`));
        },
      },
    ],
  });
}

const all = async <Item>(items: AsyncIterable<Item>) => {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
};

suite("runPipeline", () => {
  test("takes items through the stages and gives results in the order of the input", async () => {
    const pipeline = halving("order");
    const state = await runPipeline({ database, pipeline, id: "a", input: [6, 1, 0, 4, 3, 2] });
    expect(state).toEqual({
      status: "finished",
      reason: undefined,
      stages: [
        { name: "halve", waiting: 0, done: 4, rejected: 2, poison: 0 },
        { name: "spread", waiting: 0, done: 4, rejected: 0, poison: 0 },
      ],
    });
    expect(await all(pipelineResults(database, pipeline, "a"))).toEqual(["3.0", "3.1", "3.2", "2.0", "2.1", "1.0"]);
    expect(await all(pipelineRejects(database, pipeline, "a", "halve"))).toMatchObject([
      { item: 1, reject: "odd", detail: { n: 1 } },
      { item: 3, reject: "odd", detail: { n: 3 } },
    ]);
  });

  test("works on the same item of the same stage once, within a run and across runs", async () => {
    const calls = {};
    await runPipeline({ database, pipeline: halving("once", calls), id: "b", input: [4, 4, 2], concurrency: 1 });
    await runPipeline({ database, pipeline: halving("once", calls), id: "c", input: [2, 4, 8] });
    expect(calls).toEqual({ "halve 4": 1, "halve 2": 1, "halve 8": 1, "spread 2": 1, "spread 1": 1, "spread 4": 1 });
    await runPipeline({ database, pipeline: halving("once", calls, 2), id: "d", input: [4] });
    expect(calls).toMatchObject({ "halve 4": 2, "spread 2": 1 }); // a new version of the first stage only
  });

  test("called again, it goes on; with other settings it refuses", async () => {
    const pipeline = halving("again");
    await runPipeline({ database, pipeline, id: "e", input: [2], settings: { model: "x" } });
    await runPipeline({ database, pipeline, id: "e", input: [2], settings: { model: "x" } });
    expect(await all(pipelineResults(database, pipeline, "e"))).toEqual(["1.0"]);
    await expect(runPipeline({ database, pipeline, id: "e", input: [2], settings: { model: "y" } })).rejects.toThrow(
      "Run e was begun with other settings",
    );
    const other = { ...pipeline, name: "other" };
    await expect(runPipeline({ database, pipeline: other, id: "e", input: [2] })).rejects.toThrow(
      "belongs to pipeline",
    );
  });

  test("stopped by a signal, items go back, and the next call ends with the same results", async () => {
    const calls: number[] = [];
    const stop = new AbortController();
    const pipeline = definePipeline({
      name: "slow",
      stages: [
        {
          name: "only",
          version: 1,
          async run(n: number, { signal }) {
            if (calls.push(n) === 20) stop.abort(new Error("enough"));
            await sleep(3, undefined, { signal });
            return keep(n * 10);
          },
        },
      ],
    });
    const input = Array.from({ length: 60 }, (_, n) => n);
    const begun = runPipeline({ database, pipeline, id: "f", input, signal: stop.signal, concurrency: 4 });
    await expect(begun).rejects.toThrow("enough");
    const { stages } = await pipelineState(database, pipeline, "f");
    expect(stages[0]!.waiting).toBeGreaterThan(0);
    await runPipeline({ database, pipeline, id: "f", input, concurrency: 4 });
    expect(await all(pipelineResults(database, pipeline, "f"))).toEqual(input.map((n) => n * 10));
    expect(calls.length).toBeLessThanOrEqual(60 + 4); // only what was under way was begun twice
  });
});

suite("faults", () => {
  test("an item that fails is tried again; one that always fails is set aside and can be let in again", async () => {
    let isMended = false;
    const attempts: number[] = [];
    const pipeline = definePipeline({
      name: "faulty",
      stages: [
        {
          name: "flaky",
          version: 1,
          attempts: 2,
          run(n: number, { attempt }) {
            if (n === 1 && attempt === 1) throw new Error("once");
            if (n === 2) attempts.push(attempt);
            if (n === 2 && !isMended) throw new Error("always");
            return keep(n);
          },
        },
      ],
    });
    const options = { database, pipeline, id: "g", input: [0, 1, 2], retryDelay: 0 };
    expect((await runPipeline(options)).stages[0]).toMatchObject({ done: 2, poison: 1 });
    expect(attempts).toEqual([1, 2]);
    expect(await poisonItems(database, "g")).toMatchObject([{ item: 2, attempts: 2, error: { message: "always" } }]);
    isMended = true;
    expect(await retryPoison(database, "g")).toBe(1);
    expect((await runPipeline(options)).stages[0]).toMatchObject({ done: 3, poison: 0 });
  });

  test("an item that is not what the stage takes is set aside at once, by name", async () => {
    const stage = { name: "strict", version: 1, input: z.object({ question: z.string() }), run: keep };
    const pipeline = definePipeline({ name: "strict", stages: [stage] });
    await runPipeline({ database, pipeline, id: "h", input: [{ question: "why?" }, { question: 3 }] });
    const [item, ...rest] = await poisonItems(database, "h");
    expect(rest).toEqual([]);
    expect(item).toMatchObject({ attempts: 1, error: { code: "DATA" } });
    expect(item!.error.message).toContain("strict: question: expected text, got 3");
  });

  test("what ends the run rather than an item pauses it, with the reason", async () => {
    let budget = 2;
    const pipeline = definePipeline({
      name: "paid",
      stages: [
        {
          name: "ask",
          version: 1,
          run(n: number) {
            if (budget-- <= 0) throw Object.assign(new Error("the budget is used up"), { code: "BUDGET" });
            return keep(n);
          },
        },
      ],
    });
    const options = { database, pipeline, id: "i", input: [0, 1, 2, 3], concurrency: 1 };
    const state = await runPipeline(options);
    expect([state.status, state.reason]).toEqual(["paused", "ask: the budget is used up"]);
    expect(state.stages[0]).toMatchObject({ done: 2, waiting: 2, poison: 0 });
    budget = 10;
    expect((await runPipeline(options)).status).toBe("finished");
    expect(budget).toBe(8); // nothing was paid twice
  });

  test("what a database's JSON cannot hold is replaced, in items and in results", async () => {
    const stage = { name: "odd", version: 1, run: (text: string) => keep(`${text}\0\ud83d`) };
    const pipeline = definePipeline({ name: "characters", stages: [stage] });
    const { stages } = await runPipeline({ database, pipeline, id: "j", input: ["a\0\udc00b"] });
    expect(stages[0]).toMatchObject({ done: 1, poison: 0 });
    expect(await all(pipelineResults(database, pipeline, "j"))).toEqual(["a\ufffd\ufffdb\ufffd\ufffd"]);
  });

  test("names are checked when the pipeline is made", () => {
    const stage = { name: "x", version: 1, run: keep };
    expect(() => definePipeline({ name: "a b", stages: [stage] })).toThrow('pipeline: "a b" is no name');
    expect(() => definePipeline({ name: "a", stages: [stage, stage] })).toThrow('a: two stages are called "x"');
  });
});
