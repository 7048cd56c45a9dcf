import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, suite, test } from "vitest";
import { OverloadedError } from "../errors.ts";
import { collect, fakeEndpoint } from "../fake-endpoint.fixtures.ts";
import { startMock } from "../mock.fixtures.ts";
import { CacheMissError, withCache } from "./with-cache.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cache-"));
});
afterEach(() => rm(folder, { recursive: true }));

const request = { prompt: "Hello", temperature: 1 };
const numbered = () => fakeEndpoint((count) => `answer ${count}`);
const textOf = async (promise: Promise<{ choices: { text: string }[] }>) => (await promise).choices[0]!.text;
const files = async (end: string) => (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(end));

suite("replay", () => {
  test("the same call is answered from disk, also by another process's endpoint", async () => {
    const fake = numbered();
    const first = await withCache(fake, { folder }).complete(request);
    const again = await withCache(fake, { folder }).complete({ temperature: 1, prompt: "Hello" });
    expect(again).toEqual({ ...first, cacheHit: true });
    expect(first.cacheHit).toBe(undefined);
    expect(fake.calls.length).toBe(1);
    expect(await files(".lock")).toEqual([]);
  });

  test("what changes the answer changes the key; priority and stream do not", async () => {
    const fake = numbered();
    const cached = withCache(fake, { folder });
    const same = [request, { ...request, priority: 3 }, { ...request, model: "fake" }, { ...request, stop: undefined }];
    for (const variant of same) expect(await textOf(cached.complete(variant))).toBe("answer 1");
    expect((await collect(cached.streamCompletion(request))).pieces).toEqual(["answer 1"]);
    for (const change of [{ seed: 1 }, { n: 2 }, { temperature: 0 }, { model: "b" }, { extra: { x: 1 } }]) {
      expect(await textOf(cached.complete({ ...request, ...change }))).not.toBe("answer 1");
    }
    expect(await textOf(cached.complete(request, { sample: 1 }))).toBe("answer 7");
    expect(await textOf(cached.complete(request, { sample: 1 }))).toBe("answer 7");
  });

  test("errors are not kept", async () => {
    const fake = fakeEndpoint((count) => {
      if (count === 1) throw new OverloadedError("503");
      return "fine";
    });
    const cached = withCache(fake, { folder });
    await expect(cached.complete(request)).rejects.toThrow("503");
    expect(await textOf(cached.complete(request))).toBe("fine");
  });

  test("a damaged file is asked anew", async () => {
    const fake = numbered();
    await withCache(fake, { folder }).complete(request);
    const [file] = await files(".json");
    const whole = await readFile(join(folder, file!), "utf8");
    await writeFile(join(folder, file!), whole.slice(0, 40));
    expect(await textOf(withCache(fake, { folder }).complete(request))).toBe("answer 2");
  });

  test("secrets in extra fields do not reach the file", async () => {
    await withCache(fakeEndpoint(), { folder }).complete({ ...request, extra: { api_key: "hush-hush-hush" } });
    const [file] = await files(".json");
    expect(await readFile(join(folder, file!), "utf8")).not.toContain("hush-hush-hush");
  });
});

suite("modes", () => {
  test("refresh asks anew and writes it over", async () => {
    const fake = numbered();
    await withCache(fake, { folder }).complete(request);
    expect(await textOf(withCache(fake, { folder, mode: "refresh" }).complete(request))).toBe("answer 2");
    expect(await textOf(withCache(fake, { folder }).complete(request))).toBe("answer 2");
  });

  test("replay names the call that is missing", async () => {
    const fake = numbered();
    const error = await withCache(fake, { folder, mode: "replay" })
      .complete(request)
      .catch((error) => error);
    expect(error).toBeInstanceOf(CacheMissError);
    expect(error.message).toBe('Not in the cache: completion with fake at fake:: "Hello"');
    expect(fake.calls.length).toBe(0);
  });

  test("off neither reads nor writes", async () => {
    await withCache(numbered(), { folder, mode: "off" }).complete(request);
    expect(await files(".json")).toEqual([]);
  });
});

suite("streams", () => {
  test("are replayed in the same pieces", async () => {
    const fake = fakeEndpoint(() => "one two three");
    const first = await collect(withCache(fake, { folder }).streamCompletion(request));
    const again = await collect(withCache(fake, { folder }).streamCompletion(request));
    expect(again.pieces).toEqual(["one", " two", " three"]);
    expect(again.reply).toEqual({ ...first.reply, cacheHit: true });
    expect(await textOf(withCache(fake, { folder }).complete(request))).toBe("one two three");
    expect(fake.calls.length).toBe(1);
  });

  /** Reads so many pieces and leaves. */
  const take = async (count: number, fake: ReturnType<typeof fakeEndpoint>) => {
    const pieces: string[] = [];
    for await (const event of withCache(fake, { folder }).streamCompletion(request)) {
      if (event.type === "delta") pieces.push(event.text!);
      if (pieces.length === count) break;
    }
    return pieces;
  };

  test("the part that was read is not paid for twice", async () => {
    const fake = fakeEndpoint(() => "one two three");
    expect(await take(2, fake)).toEqual(["one", " two"]);
    expect(await take(2, fake)).toEqual(["one", " two"]);
    expect(fake.calls.length).toBe(1);
  });

  test("who reads on past it gets the rest from a new call, without repetition", async () => {
    const fake = fakeEndpoint(() => "one two three");
    await take(2, fake);
    const { pieces, reply } = await collect(withCache(fake, { folder }).streamCompletion(request));
    expect([pieces, reply!.choices[0]!.text]).toEqual([["one", " two", " three"], "one two three"]);
    expect(reply!.cacheHit).toBe(undefined);
    await collect(withCache(fake, { folder }).streamCompletion(request));
    expect(fake.calls.length).toBe(2); // now it is whole
  });

  test("a rest that does not fit the part is an error, not a mixture", async () => {
    await take(
      1,
      fakeEndpoint(() => "one two three"),
    );
    const other = withCache(
      fakeEndpoint(() => "uno due tre"),
      { folder },
    );
    await expect(collect(other.streamCompletion(request))).rejects.toThrow("the model says something else");
  });
});

suite("at the same time", () => {
  test("one process asks once", async () => {
    const fake = fakeEndpoint(async (count) => {
      await sleep(20);
      return `answer ${count}`;
    });
    const cached = withCache(fake, { folder });
    const texts = await Promise.all(Array.from({ length: 10 }, () => textOf(cached.complete(request))));
    expect([new Set(texts), fake.calls.length]).toEqual([new Set(["answer 1"]), 1]);
  });

  test("who waits asks himself when the first one fails or gives up", async () => {
    const controller = new AbortController();
    const fake = fakeEndpoint(async (count) => {
      if (count > 1) return "fine";
      await sleep(50);
      controller.abort(new Error("enough"));
      throw controller.signal.reason;
    });
    const cached = withCache(fake, { folder });
    const first = cached.complete(request, { signal: controller.signal });
    await expect.poll(() => fake.calls.length, { interval: 1 }).toBe(1); // whose turn comes first is otherwise a race
    const second = cached.complete(request);
    await expect(first).rejects.toThrow("enough");
    expect(await textOf(second)).toBe("fine");
  });

  test("three processes ask once; the lock of a killed one is taken over", async () => {
    const server = await startMock({ delayMs: 300 });
    const program = join(import.meta.dirname, "ask-cached.fixtures.ts");
    const start = () => fork(program, [server.url, folder], { stdio: ["ignore", "pipe", "inherit", "ipc"] });
    const victim = start();
    await expect.poll(() => server.counts.openCount, { timeout: 60_000 }).toBe(1);
    victim.kill("SIGKILL");
    await once(victim, "exit");
    expect((await files(".lock")).length).toBe(1);
    const children = [start(), start(), start()];
    const codes = await Promise.all(children.map(async (child) => (await once(child, "exit"))[0]));
    expect(codes).toEqual([0, 0, 0]);
    expect(server.counts).toMatchObject({ requestCount: 2, servedCount: 1, disconnectCount: 1 });
    expect(await files(".lock")).toEqual([]);
  }, 120_000);
});
