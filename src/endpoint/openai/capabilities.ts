/**
 * What a server can do, found out by asking for a token or two. A field that a server ignores looks like one it obeys,
 * so each probe looks for an effect: two choices, a log-probability, a wrong value refused.
 */

import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeJsonAtomic } from "../../core/atomic.ts";
import type {
  CallOptions,
  Capabilities,
  Capability,
  CapabilityName,
  CapabilityOptions,
  Reply,
  StreamEvent,
} from "../endpoint.ts";
import { AuthError, EndpointError, ModelNotFoundError } from "../errors.ts";
import { type Body, type ChatDialect, chatBody, continueFields } from "./request.ts";

export const capabilityNames = [
  "chat",
  "completions",
  "streaming",
  "n",
  "logprobs",
  "prefill",
  "priority",
  "structuredOutput",
  "models",
] as const satisfies readonly CapabilityName[];

type Known = Partial<Record<CapabilityName, Capability>>;

/** Remembers what was found out, by base URL and model. */
export interface CapabilityStore {
  read(url: string, model: string): Promise<Known>;
  write(url: string, model: string, known: Known): Promise<void>;
}

export interface ProbeOptions {
  url: string;
  model: string;
  /** Default: in the memory of this process. */
  store?: CapabilityStore;
  /** Whether the model's chat template is at hand, so that completions can stand in for a prefill. */
  canRender: boolean;
  post(path: string, body: Body, options?: CallOptions): Promise<Reply>;
  stream(path: string, body: Body, options?: CallOptions): AsyncIterable<StreamEvent>;
  listModels(): Promise<readonly string[]>;
}

/** @throws AuthError, ModelNotFoundError: without those nothing can be found out; other faults become "unknown" */
export function createProber(options: ProbeOptions) {
  const { url, model, store = memoryStore } = options;
  const running = new Map<CapabilityName, Promise<Capability>>();
  return async ({ only = capabilityNames, signal }: CapabilityOptions = {}): Promise<Capabilities> => {
    const found: Known = { ...(await store.read(url, model)) };
    const ask = (name: CapabilityName): Promise<Capability> => {
      const known = found[name];
      if (known) return Promise.resolve(known);
      const begun = running.get(name) ?? attempt(() => probes[name](options, { signal }, ask));
      running.set(name, begun);
      return begun.finally(() => running.delete(name));
    };
    for (const name of only) found[name] = await ask(name);
    const lasting = Object.entries(found).filter(([, { status }]) => status !== "unknown");
    await store.write(url, model, Object.fromEntries(lasting));
    const notAsked: Capability = { status: "unknown", why: "not asked for" };
    return Object.fromEntries(capabilityNames.map((name) => [name, found[name] ?? notAsked])) as Capabilities;
  };
}

type Probe = (
  server: ProbeOptions,
  options: CallOptions,
  ask: (name: CapabilityName) => Promise<Capability>,
) => Promise<Capability>;

const works = (why: string, how?: string): Capability => ({ status: "works", why, ...(how && { how }) });
const missing = (why: string): Capability => ({ status: "missing", why });

const probes: Record<CapabilityName, Probe> = {
  async models({ listModels }) {
    return works(`it lists ${(await listModels()).length} models`);
  },
  async chat({ post, model }, options) {
    await post("/chat/completions", chatBody({ ...hello, maxTokens: 1 }, model), options);
    return works("a message was answered");
  },
  async completions({ post, model }, options) {
    await post("/completions", { model, prompt: "1 2 3", max_tokens: 1 }, options);
    return works("a text was continued");
  },
  async streaming({ stream, model }, options, ask) {
    const [path, body] = await cheapest(model, ask);
    let count = 0;
    for await (const { type } of stream(path, { ...body, max_tokens: 2 }, options)) if (type === "delta") count++;
    return works(`an answer came in ${count} piece${count === 1 ? "" : "s"}`);
  },
  async n({ post, model }, options, ask) {
    const [path, body] = await cheapest(model, ask);
    const { choices } = await post(path, { ...body, n: 2, temperature: 1 }, options);
    return works(`it gave ${choices.length} choices for n = 2`);
  },
  async logprobs({ post, model }, options, ask) {
    const [path, body] = await cheapest(model, ask);
    const fields = path === "/completions" ? { logprobs: 1 } : { logprobs: true, top_logprobs: 1 };
    const { choices } = await post(path, { ...body, ...fields }, options);
    return choices[0]?.logprobs ? works("tokens came with log-probabilities") : missing("the field is ignored");
  },
  async priority({ post, model }, options, ask) {
    const [path, body] = await cheapest(model, ask);
    // Who takes a word for a number does not read the field.
    const sloppy = await attempt(async () => {
      await post(path, { ...body, priority: "first" }, options);
      return missing("the field is ignored");
    });
    if (sloppy.why === "the field is ignored" || sloppy.status === "unknown") return sloppy;
    await post(path, { ...body, priority: 1 }, options);
    return works("a number is accepted, a word refused");
  },
  async structuredOutput({ post, model }, options, ask) {
    if ((await ask("chat")).status !== "works") return missing("it needs chat");
    const schema = z.toJSONSchema(z.object({ blue: z.boolean() }));
    const messages = [{ role: "user" as const, content: "Is the sky blue?" }];
    const body = chatBody(
      { messages, maxTokens: 60, responseFormat: { type: "json_schema", name: "sky", schema } },
      model,
    );
    const { choices } = await post("/chat/completions", body, options);
    return /^\s*\{\s*"blue"\s*:\s*(true|false)\s*\}\s*$/.test(choices[0]!.text)
      ? works("an answer kept to a schema")
      : missing("the schema is ignored");
  },
  async prefill(server, options, ask) {
    const seen: string[] = [];
    if ((await ask("chat")).status === "works") {
      for (const dialect of ["continue_final_message", "prefix", "assistant"] as const) {
        const { status, why } = await attempt(() => countOn(server, dialect, options));
        if (status === "works") return works(why, dialect);
        seen.push(`${dialect}: ${why}`);
      }
      if (await checksContinueFields(server, options)) {
        return works("it refuses contradictory continue fields", "continue_final_message");
      }
    }
    if (server.canRender && (await ask("completions")).status === "works") {
      return works("the template is known and texts are continued", "completions");
    }
    return missing(seen.join("; ") || "it needs chat");
  },
};

const hello = { messages: [{ role: "user" as const, content: "Say hello." }] };

/** The cheapest request that this server answers. */
async function cheapest(model: string, ask: (name: CapabilityName) => Promise<Capability>): Promise<[string, Body]> {
  if ((await ask("chat")).status !== "missing")
    return ["/chat/completions", chatBody({ ...hello, maxTokens: 1 }, model)];
  return ["/completions", { model, prompt: "1 2 3", max_tokens: 1 }];
}

/** A model that goes on counting was shown what it had counted; one that begins at 1 was not. */
async function countOn({ post, model }: ProbeOptions, dialect: ChatDialect, options: CallOptions): Promise<Capability> {
  const messages = [{ role: "user" as const, content: "Count from 1 to 12. Write the numbers, separated by spaces." }];
  const request = { messages, prefill: "1 2 3 4 5 6", maxTokens: 8, temperature: 0 };
  const text = (await post("/chat/completions", chatBody(request, model, dialect), options)).choices[0]!.text.trim();
  if (/^7\b/.test(text)) return works("it counted on from where it was put");
  return missing(`it answered ${JSON.stringify(text.slice(0, 40))} instead of counting on`);
}

/** vLLM refuses to open a new turn and to continue the last one at once; who ignores the fields does not mind. */
async function checksContinueFields({ post, model }: ProbeOptions, options: CallOptions): Promise<boolean> {
  const body = { ...chatBody({ ...hello, prefill: "Hel", maxTokens: 1 }, model, "continue_final_message") };
  const { status, why } = await attempt(async () => {
    await post("/chat/completions", { ...body, ...continueFields, add_generation_prompt: true }, options);
    return works("accepted");
  });
  return status === "missing" && /continue_final_message/.test(why);
}

/** A refusal means that it cannot; a fault means that we do not know. */
async function attempt(probe: () => Promise<Capability>): Promise<Capability> {
  try {
    return await probe();
  } catch (error) {
    if (!(error instanceof EndpointError) || error instanceof AuthError || error instanceof ModelNotFoundError)
      throw error;
    const canRetry = error.retryable && error.status !== 501;
    return { status: canRetry ? "unknown" : "missing", why: error.message };
  }
}

const memory = new Map<string, Known>();
const memoryStore: CapabilityStore = {
  read: async (url, model) => memory.get(`${url} ${model}`) ?? {},
  write: async (url, model, known) => {
    memory.set(`${url} ${model}`, known);
  },
};

const Stored = z.object({
  capabilities: z.partialRecord(
    z.enum(capabilityNames),
    z.object({ status: z.enum(["works", "missing", "unknown"]), why: z.string(), how: z.string().optional() }),
  ),
});

/** Remembers in a folder, one small file per server and model; delete it to ask anew. */
export function capabilityFolder(folder: string): CapabilityStore {
  const file = (url: string, model: string) =>
    join(folder, `${createHash("sha256").update(`${url} ${model}`).digest("hex").slice(0, 24)}.json`);
  return {
    async read(url, model) {
      try {
        const text = await readFile(file(url, model), "utf8");
        return Stored.parse(JSON.parse(text)).capabilities;
      } catch {
        return {}; // absent or damaged: asked anew and written
      }
    },
    async write(url, model, capabilities) {
      await mkdir(folder, { recursive: true });
      await writeJsonAtomic(file(url, model), { url, model, capabilities });
    },
  };
}
