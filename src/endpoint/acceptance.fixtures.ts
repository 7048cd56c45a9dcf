/**
 * `node acceptance.fixtures.ts URL FOLDER [SURVIVE]`: 200 parallel requests, half of them streamed, all accounted for
 * under FOLDER. With SURVIVE, the process kills itself after so many answers, after the last one's record in the cache
 * and before its line in the ledger.
 */
import { join } from "node:path";
import { createLimiter, EndpointError, openAiEndpoint, openLedger, readApiKey, withLedger } from "./index.ts";

const [url, folder, survive] = process.argv.slice(2) as [string, string, string?];
const ledger = await openLedger(join(folder, "ledger.jsonl"), { prices: { "*": { input: 1, output: 2 } } });
let lineCount = 0;
const deadly: typeof ledger = {
  ...ledger,
  add(...line) {
    if (line[0].outcome === "paid" && ++lineCount > Number(survive)) process.kill(process.pid, "SIGKILL");
    ledger.add(...line);
  },
};
const endpoint = withLedger(openAiEndpoint({ url, model: "mock", apiKey: readApiKey(url) }), {
  ledger: survive ? deadly : ledger,
  cache: { folder: join(folder, "cache") },
  retries: { maxAttempts: 8, baseDelayMs: 5, maxDelayMs: 60 },
  concurrency: createLimiter(24),
});

async function ask(index: number): Promise<string> {
  const request = { messages: [{ role: "user" as const, content: `Question ${index}` }], temperature: 1 };
  const options = { timeoutMs: 1_500 };
  try {
    if (index % 2) return (await endpoint.chat(request, options)).choices[0]!.text;
    for await (const event of endpoint.streamChat(request, options)) {
      if (event.type === "reply") return event.reply.choices[0]!.text;
    }
    return "no reply";
  } catch (error) {
    if (error instanceof EndpointError) return error.code;
    throw error;
  }
}

const results = await Promise.all(Array.from({ length: 200 }, (_, index) => ask(index)));
process.stdout.write(JSON.stringify({ results, totals: ledger.totals, limit: 24 }));
