/** `node ask-cached.fixtures.ts URL FOLDER`: one call through the cache. */
import { openAiEndpoint } from "../openai/endpoint.ts";
import { withCache } from "./with-cache.ts";

const [url, folder] = process.argv.slice(2) as [string, string];
await withCache(openAiEndpoint({ url, model: "mock" }), { folder }).complete({ prompt: "Hello" });
process.disconnect?.();
