/** `polymath serve`: models over HTTP, for every program that speaks OpenAI's API. */
import { once } from "node:events";
import { z } from "zod";
import { defineCommand } from "../../core/command.ts";
import { startServer } from "../../server/index.ts";
import { describeServer, readServerKey } from "./describe-server.ts";
import { openOffers } from "./offers.ts";

export const serveCommand = defineCommand({
  name: "serve",
  summary: "Serve models over HTTP, compatible with OpenAI's API",
  description:
    "Without --model, the reasoner that ships with Polymath. Several models are served at once. " +
    "Only programs of this machine can connect unless --host is given; then set a key with --api-key-env, too. " +
    "Ctrl-C lets answers under way end, for at most ten seconds.",
  examples: [
    "polymath serve",
    "polymath serve --model ./Qwen2.5-0.5B-Instruct --port 8080",
    "polymath serve --model small=./Qwen2.5-0.5B-Instruct large=./Qwen2.5-7B-Instruct",
    "MY_KEY=... polymath serve --host 0.0.0.0 --api-key-env MY_KEY",
  ],
  options: z.object({
    model: z
      .array(z.string())
      .default([])
      .meta({ label: "dir|name..." })
      .describe("folders or names of models that ship; NAME=DIR chooses what clients call it"),
    endpoint: z
      .string()
      .optional()
      .meta({ label: "url" })
      .describe("serve this server's models instead, with a queue, a key and metrics of our own"),
    endpointKeyEnv: z.string().optional().meta({ label: "variable" }).describe("environment variable with its key"),
    host: z.string().default("127.0.0.1").describe("address to listen on; 0.0.0.0 for all of this machine"),
    port: z.number().int().min(0).max(65535).default(8000).describe("0 takes a free one"),
    apiKeyEnv: z
      .string()
      .optional()
      .meta({ label: "variable" })
      .describe("environment variable with the key that clients must send"),
    maxActive: z.number().int().min(1).default(256).describe("answers that a model writes at once"),
    maxQueue: z
      .number()
      .int()
      .min(0)
      .default(256)
      .describe("requests that may wait for a model; more are refused (429)"),
  }),
  endsOnInterrupt: true,
  run: async (_, options, { signal, log, json }) => {
    const { host, port, maxActive, maxQueue, apiKeyEnv } = options;
    const apiKey = readServerKey(apiKeyEnv);
    const offers = await openOffers(options);
    try {
      const server = await startServer({ models: offers, host, port, apiKey, maxActive, maxQueue, log });
      const models = offers.map(({ id }) => id);
      const { url } = server;
      process.stdout.write(json ? `${JSON.stringify({ url, models })}\n` : describeServer({ url, models, apiKeyEnv }));
      if (!signal.aborted) await once(signal, "abort");
      if (server.openCount > 0) log.info("server-drain", { openCount: server.openCount });
      await server.close();
    } finally {
      await Promise.all(offers.map(({ endpoint }) => endpoint.close()));
    }
  },
  print: () => "", // said when the server stood
});
