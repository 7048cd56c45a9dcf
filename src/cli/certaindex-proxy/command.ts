/** `polymath certaindex proxy`: in front of any reasoning model, stops it once its answer has settled. */
import { once } from "node:events";
import { z } from "zod";
import { defineCommand } from "../../core/command.ts";
import { readApiKey } from "../../endpoint/index.ts";
import { type ProxyOptions, startProxy } from "../../server/certaindex/index.ts";
import { Effort, presets, uncalibratedWarning } from "../../systems/certaindex/index.ts";
import { readServerKey } from "../serve/describe-server.ts";
import { describeProxy } from "./describe.ts";
import { checkPolicies, readPolicies } from "./policies.ts";
import { openUpstreamModel } from "./upstream.ts";

const variable = { label: "variable" };
const count = z.number().int();

export const certaindexProxyCommand = defineCommand({
  name: "certaindex proxy",
  summary: "Serve any reasoning model through a proxy that stops it when its answer has settled",
  description:
    "Speaks OpenAI's API. A request asks to be stopped by `dynasor` or `adaptive_compute` in its body; --effort and " +
    "--policy decide for those that ask for nothing, and without them such requests go through untouched. A settled " +
    "answer is not a right one: calibrate a policy on questions of your own first. Only programs of this machine can " +
    "connect unless --host is given.",
  examples: [
    "polymath certaindex proxy --upstream http://127.0.0.1:8000/v1 --template ./DeepSeek-R1-Distill-Qwen-7B",
    "polymath certaindex proxy --upstream http://127.0.0.1:8000/v1 --template ./Qwen3-8B --policy math.json",
    "polymath certaindex proxy --upstream local:./DeepSeek-R1-Distill-Qwen-1.5B --effort mild --min-tokens 512",
    "polymath certaindex proxy --upstream embedded",
  ],
  options: z.object({
    upstream: z
      .string()
      .meta({ label: "url" })
      .describe("base URL of the model's server; local:DIR or embedded starts one inside"),
    model: z.string().optional().meta({ label: "name" }).describe("the model to test; default the first it lists"),
    host: z.string().default("127.0.0.1").describe("address to listen on; 0.0.0.0 for all of this machine"),
    port: count.min(0).max(65535).default(8001).describe("0 takes a free one"),
    effort: Effort.default("none").describe("preset for requests that ask for nothing; all of them are uncalibrated"),
    policy: z
      .array(z.string())
      .default([])
      .meta({ label: "file..." })
      .describe("calibrated policies; the first serves requests that ask for nothing"),
    strict: z.boolean().default(false).describe("refuse policies that were calibrated for another model"),
    shadow: z
      .number()
      .min(0)
      .max(1)
      .default(0)
      .describe("share of a policy's stops that run to the end unseen; the policy is turned off if they disagree"),
    minTokens: count
      .min(0)
      .optional()
      .describe("no stop before so many tokens, unless a request or policy says otherwise; default 256"),
    template: z
      .string()
      .optional()
      .meta({ label: "dir" })
      .describe("the model's folder: its chat template, and its tokenizer to count tokens"),
    thinking: z
      .enum(["auto", "open", "none"])
      .default("auto")
      .describe("open: answers begin inside the thinking, without a tag; none: the model has no thinking tags"),
    thinkingEnd: z.string().default("</think>").meta({ label: "tag" }).describe("tag that ends the model's thinking"),
    probeText: z.string().optional().meta({ label: "text" }).describe("put after the chain to ask for its answer"),
    probeTextEnd: z.string().optional().meta({ label: "text" }).describe("what follows the answer, e.g. a brace"),
    apiKeyEnv: z
      .string()
      .optional()
      .meta(variable)
      .describe("environment variable with the key that clients must send"),
    upstreamKeyEnv: z
      .string()
      .optional()
      .meta(variable)
      .describe("environment variable with the upstream's key; without any the clients' own is sent on"),
    runTokens: count.min(1).optional().describe("budget of generated tokens of the whole run"),
    programTokens: count.min(1).optional().describe("budget of each program (x_certaindex.program)"),
    maxActive: count.min(1).default(256).describe("requests served at once"),
    maxQueue: count.min(0).default(256).describe("requests that may wait; more are refused (429)"),
    trace: z.string().optional().meta({ label: "file" }).describe("append what happens to this file, a line per event"),
    tracePrompts: z.boolean().default(false).describe("with the prompts in it"),
  }),
  endsOnInterrupt: true,
  run: async (_, options, { signal, log, json }) => {
    const { upstream, effort, minTokens, thinking, thinkingEnd, probeText, probeTextEnd, apiKeyEnv, strict } = options;
    const apiKey = readServerKey(apiKeyEnv);
    const policies = await readPolicies(options.policy, options.shadow);
    const behind = await openUpstreamModel(options, log);
    try {
      const fallback = fallbackOf(effort, [...policies.keys()][0]);
      if (fallback?.effort !== undefined)
        log.warn("effort-uncalibrated", { risk: uncalibratedWarning(`effort ${effort}`) });
      const proxy = await startProxy(
        {
          ...pick(options, ["host", "port", "maxActive", "maxQueue", "trace", "tracePrompts"]),
          upstream: behind.url,
          upstreamKey: isUrl(upstream) ? readApiKey(behind.url, options.upstreamKeyEnv) : undefined,
          model: behind.model,
          template: behind.template,
          countTokens: behind.countTokens,
          policies,
          fallback,
          capabilities: behind.capabilities,
          base: {
            thinkingEnd: thinking === "none" ? null : thinkingEnd,
            minTokens: cautiousFloor,
            ...behind.probe,
            ...(minTokens !== undefined && { minTokens }),
            ...(probeText !== undefined && { prompt: probeText }),
            ...(probeTextEnd !== undefined && { close: probeTextEnd }),
          },
          thinkingIsOpen: thinking === "open",
          ...(apiKey !== undefined && { apiKey }),
          budgets: {
            ...(options.runTokens !== undefined && { runTokens: options.runTokens }),
            ...(options.programTokens !== undefined && { programTokens: options.programTokens }),
          },
          log,
        },
        signal,
      );
      try {
        const { url, findings } = proxy;
        checkPolicies(policies.values(), findings.model, { strict, log });
        const said = fallback ? (fallback.policy ?? `effort ${effort}`) : "they go through untouched";
        process.stdout.write(
          json
            ? `${JSON.stringify({ url, upstream, model: findings.model, findings: findings.lines })}\n`
            : describeProxy({ url, upstream, findings, fallback: said, apiKeyEnv }),
        );
        if (!signal.aborted) await once(signal, "abort");
        if (proxy.openCount > 0) log.info("server-drain", { openCount: proxy.openCount });
      } finally {
        await proxy.close();
      }
    } finally {
      await behind.close();
    }
  },
  print: () => "", // said when the proxy stood
});

/** Most wrong stops are early ones. A guess: only a calibrated policy knows better. */
const cautiousFloor = 256;

/** A policy goes before a preset. */
function fallbackOf(effort: Effort, policy: string | undefined): ProxyOptions["fallback"] {
  if (policy !== undefined) return { settings: {}, effort: undefined, policy, program: undefined };
  if (effort === "none") return undefined;
  return { settings: presets[effort], effort, policy: undefined, program: undefined };
}

const isUrl = (upstream: string) => /^(openai:)?https?:/.test(upstream);

function pick<T, K extends keyof T>(from: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<T, K>;
}
