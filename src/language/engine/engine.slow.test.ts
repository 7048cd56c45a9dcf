/**
 * Requests of every kind come and go at full load, for POLYMATH_SOAK_MINUTES (default 2): nothing is lost, and memory
 * stays flat.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { Random } from "../../core/random.ts";
import { defineDecoder } from "../decoder/config.ts";
import { randomDecoder, randomTokens } from "../decoder/decoder.fixtures.ts";
import { closedVocabulary } from "../tokenizers/index.ts";
import { createEngine } from "./engine.ts";
import type { EngineRequest } from "./request.ts";

// What is alive, not what the system has lent: resident memory rises and falls by a third with garbage alone.
setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const minutes = Number(process.env.POLYMATH_SOAK_MINUTES ?? 2);

test(`${minutes} minutes at full load: flat memory, no lost request`, { timeout: (minutes + 5) * 60_000 }, async () => {
  const config = defineDecoder({ vocabSize: 64, hiddenSize: 96, layerCount: 4, headCount: 4, maxPositions: 512 });
  const tokenizer = closedVocabulary(Array.from({ length: 64 }, (_, id) => `<${id}>`));
  const model = { config, params: randomDecoder(config) };
  const memoryBytes = 24e6; // so little that prefixes are forgotten and rows lose their places
  const engine = await createEngine({ model, tokenizer, memoryBytes, maxRows: 32 });
  const rng = new Random("soak");
  const system = randomTokens(config, 70, "system");
  const end = performance.now() + minutes * 60_000;
  const counts = { asked: 0, finished: 0, aborted: 0, forked: 0 };
  const live: number[] = [];

  async function client(number: number) {
    while (performance.now() < end) {
      const own = randomTokens(config, rng.int(1, 200), `${number} ${counts.asked}`);
      const request: EngineRequest = {
        prompt: rng.bool(0.5) ? [...system, ...own] : own,
        maxTokens: rng.int(1, 200),
        n: rng.bool(0.2) ? rng.int(2, 6) : 1,
        priority: rng.int(0, 2),
        program: `program ${rng.int(0, 5000)}`,
        ...(rng.bool(0.3) && { topK: 5, logprobs: true }),
      };
      const handle = engine.submit(request);
      counts.asked += request.n!;
      const [leaves, forks] = [rng.bool(0.2), rng.bool(0.2)];
      const forksAt = rng.int(1, 30);
      let tokenCount = 0;
      for await (const event of handle) {
        if (event.type === "finish") counts[event.completion.finishReason === "aborted" ? "aborted" : "finished"]++;
        else if (++tokenCount === forksAt) {
          if (forks) {
            const fork = handle.fork({ append: [1, 2], maxTokens: 4 });
            counts.asked++;
            counts.forked++;
            const [completion] = await fork.completions;
            counts[completion!.finishReason === "aborted" ? "aborted" : "finished"]++;
          }
          if (leaves) handle.abort();
        }
      }
    }
  }
  const watch = setInterval(() => {
    collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    live.push(heapUsed + arrayBuffers);
  }, 1000);
  await Promise.all(Array.from({ length: 48 }, (_, number) => client(number)));
  clearInterval(watch);

  const { finished, aborted, preempted, waiting, running, memory, programs, promptTokens } = engine.stats();
  const megabytes = live.map((bytes) => Math.round(bytes / 1e6)).join(" ");
  console.log({ ...counts, preempted, promptTokens, megabytes });
  expect(counts.finished + counts.aborted).toBe(counts.asked);
  expect([finished + aborted, waiting, running]).toEqual([counts.asked, 0, 0]);
  expect(counts.forked).toBeGreaterThan(0);
  expect(preempted).toBeGreaterThan(0);
  expect(memory.peakBytes).toBeLessThanOrEqual(memoryBytes);
  expect(programs.size).toBeLessThanOrEqual(1001);
  // The floor: buffers are freed behind the collector's back, so a single sample may still count garbage.
  const quarter = Math.floor(live.length / 4);
  const floor = (part: number[]) => Math.min(...part);
  expect(floor(live.slice(-quarter))).toBeLessThan(1.15 * floor(live.slice(quarter, 2 * quarter)));
  await engine.dispose();
});
