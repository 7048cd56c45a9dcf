/**
 * The process with the endpoint: `node server.ts <fake|paced|reasoner> <tokens>`. It serves it over HTTP, and on
 * request runs the same streams without HTTP; the difference is what the server costs.
 */
import "../../src/compute/executors/worker-shim.ts"; // before jax-js is loaded
import type { Endpoint } from "../../src/endpoint/endpoint.ts";
import { embeddedEndpoint } from "../../src/language/endpoint.ts";
import { fakeEndpoint } from "../../src/server/fake-endpoint.fixtures.ts";
import { startServer } from "../../src/server/index.ts";
import { type Load, promptOf, type Round, runRound } from "./streams.ts";

const [kind, tokens] = process.argv.slice(2) as [string, string];
const maxTokens = Number(tokens);
const fakeTokens = Array.from({ length: maxTokens }, (_, index) => ` ${index}`);
const endpoint: Endpoint =
  kind === "reasoner"
    ? await embeddedEndpoint("reasoner")
    : fakeEndpoint({ tokens: () => fakeTokens, tokenDelayMs: kind === "paced" ? 20 : 0 });

const server = await startServer({ models: [{ id: "bench", endpoint }], port: 0, maxQueue: 1000 });

async function runDirectly(load: Load): Promise<Round> {
  const cpu = process.cpuUsage();
  const round = await runRound(load, async (index, onFirst) => {
    let count = 0;
    const request = { messages: [{ role: "user" as const, content: promptOf(index) }], maxTokens, temperature: 0 };
    for await (const event of endpoint.streamChat(request)) {
      if (event.type === "reply") count = event.reply.usage.completionTokens;
      else if (count++ === 0) onFirst();
    }
    return count;
  });
  const { user, system } = process.cpuUsage(cpu);
  return { ...round, cpuMs: (user + system) / 1000 };
}

/** What the parent may ask: a round without HTTP, or the processor time spent so far. */
export type Question = { kind: "direct"; load: Load } | { kind: "cpu" };

process.on("message", async (question: Question) => {
  if (question.kind === "direct") return process.send!(await runDirectly(question.load));
  const { user, system } = process.cpuUsage();
  process.send!((user + system) / 1000);
});
process.on("disconnect", () => process.exit());
process.send!(server.url);
