/** `polymath studio`: runs, claims and every system in the browser. */
import { once } from "node:events";
import pc from "picocolors";
import { z } from "zod";
import { defineCommand } from "../../core/command.ts";
import { endpointOptions } from "../../language/endpoint-options.ts";
import { openBrowser } from "./open-browser.ts";
import { serveStudio } from "./serve.ts";

export const studioCommand = defineCommand({
  name: "studio",
  summary: "Look at runs, claims and every system in the browser",
  description:
    "Listens on this machine only, and opens to the address it prints. Nothing you drop, type or ask leaves the machine, " +
    "unless you name an endpoint elsewhere. Ctrl-C ends it; what it started goes on.",
  examples: [
    "polymath studio",
    "polymath studio --port 0 --no-open",
    "polymath studio --endpoint http://127.0.0.1:8000/v1 --model Qwen2.5-7B-Instruct",
  ],
  options: z.object({
    port: z.number().int().min(0).max(65535).default(4100).describe("0 takes a free one"),
    runs: z.string().optional().meta({ label: "folder" }).describe("folder of the runs; default ./runs"),
    ...endpointOptions,
    open: z.boolean().default(true).describe("do not open the browser"),
  }),
  endsOnInterrupt: true,
  run: async (_, { port, runs, open, ...model }, { signal, log, json }) => {
    const studio = await serveStudio({ port, log, runs, model });
    const { address, url } = studio;
    process.stdout.write(json ? `${JSON.stringify({ address, url })}\n` : `studio: ${pc.bold(address)}\n`);
    if (open && !json) openBrowser(address);
    if (!signal.aborted) await once(signal, "abort");
    await studio.close();
  },
  print: () => "", // said when it stood
});
