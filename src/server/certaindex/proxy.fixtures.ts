/** What the proxy's tests share: a scripted thinker behind the mock server, and a proxy before it. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Log, LogFields } from "../../core/log.ts";
import { type MockOptions, type MockRequest, type MockServer, startMockServer } from "../../endpoint/testing/index.ts";
import { ChatTemplate } from "../../language/index.ts";
import { type ProxyOptions, type RunningProxy, startProxy } from "./proxy.ts";

/** A chain of thought whose answer, asked for after so many words, is known. */
export interface Thinker {
  words: number;
  /** What it would answer after so many words of its chain; as it stands in the box, the closing brace included. */
  belief: (wordCount: number) => string;
  final: string;
}

/** One word per token, with the question's mark: `q7w1 q7w2 ...`; a question without a mark gets `w1 w2 ...`. */
export const wordsOf = (count: number, mark = ""): string[] =>
  Array.from({ length: count }, (_, index) => `${mark}w${index + 1}`);

/** Answers chats with the whole chain, and probes by how much of the chain they hold. */
export function think(thinker: Thinker, { asReasoning = false } = {}): NonNullable<MockOptions["answer"]> {
  return ({ kind, prompt, prefill }: MockRequest) => {
    const mark = /\bq\d+/.exec(prompt)?.[0] ?? "";
    const begun = kind === "completion" ? prompt : (prefill ?? "");
    const asked = /\\boxed\{((?:[^{}]|\{[^{}]*\})*)$/.exec(begun);
    if (asked) {
      const heard = [...begun.matchAll(/w(\d+)\b/g)].at(-1)?.[1] ?? "0";
      return thinker.belief(Number(heard)).slice(asked[1]!.length);
    }
    const chain = wordsOf(thinker.words, mark).join(" ");
    const text = `The answer is \\boxed{${thinker.final}}`;
    return asReasoning ? { reasoning: chain, text } : `<think>\n${chain}\n</think>\n\n${text}`;
  };
}

/** Believes in the final answer from `after` words on, and before that in another one at every word. */
export const settlesAfter = (after: number, words: number): Thinker => ({
  words,
  belief: (count) => (count < after ? `${count}} \\]` : "42} \\]"),
  final: "42",
});

export const template = new ChatTemplate(
  "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}\n{% endfor %}" +
    "{% if add_generation_prompt %}<|assistant|>{% endif %}",
);

export interface TestProxy extends RunningProxy {
  upstream: MockServer;
  lines: string[];
  post(path: string, body: unknown, init?: RequestInit): Promise<Response>;
}

/** A proxy before a mock server; both are gone after `close`. */
export async function testProxy(mock: MockOptions = {}, options: Partial<ProxyOptions> = {}): Promise<TestProxy> {
  const upstream = await startMockServer(mock);
  const lines: string[] = [];
  const write = (event: string, fields?: LogFields) => lines.push(`${event} ${JSON.stringify(fields)}`);
  const log: Log = { info: write, warn: write, debug: write };
  const proxy = await startProxy({
    upstream: upstream.url,
    port: 0,
    log,
    template,
    policies: new Map(),
    fallback: undefined,
    base: {},
    thinkingIsOpen: false,
    retries: { baseDelayMs: 5 },
    ...options,
  });
  const post = (path: string, body: unknown, init: RequestInit = {}) =>
    fetch(`${proxy.url}${path}`, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      ...init,
      headers: { "Content-Type": "application/json", ...init.headers },
    });
  const close = async () => {
    await proxy.close({ graceMs: 0 });
    await upstream.close();
  };
  return Object.defineProperties({ upstream, lines, post } as TestProxy, {
    ...Object.getOwnPropertyDescriptors(proxy),
    close: { value: close },
  });
}

/** An upstream that does exactly what a test writes into it. */
export async function rawServer(handle: (body: any, request: IncomingMessage, response: ServerResponse) => unknown) {
  const server = createServer(async (request, response) => {
    const text = Buffer.concat(await Array.fromAsync<Buffer>(request)).toString("utf8");
    await handle(text ? JSON.parse(text) : undefined, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
