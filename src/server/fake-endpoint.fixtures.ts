/** An endpoint without a model: says words that follow from the request, at the pace and with the faults a test wants. */
import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "../core/random.ts";
import type {
  CallOptions,
  Capabilities,
  ChatRequest,
  Choice,
  CompletionRequest,
  Reply,
  StreamEvent,
  TokenLogprob,
} from "../endpoint/endpoint.ts";
import { UnsupportedError } from "../endpoint/errors.ts";
import type { ServedEndpoint } from "./model-table.ts";

type Request = ChatRequest | CompletionRequest;

export interface FakeOptions {
  model?: string;
  /** What choice `index` says, by tokens. Default: twelve words drawn by prompt, seed and index. */
  tokens?: (request: Request, index: number) => string[];
  reasoning?: string;
  /** Before each token; default 0. */
  tokenDelayMs?: number;
  /** Thrown instead of the token at `at`; default the first. */
  fail?: (request: Request) => { error: Error; at?: number } | undefined;
  metrics?: () => Record<string, number>;
}

export interface FakeEndpoint extends ServedEndpoint {
  /** As they came. */
  readonly requests: Request[];
  /** Generations under way. */
  activeCount: number;
  peakCount: number;
  /** Ended by their signal or left early. */
  abortedCount: number;
  /** When the last generation was aborted, by performance.now(). */
  abortedAt: number;
}

const words = ["so", "the", "answer", "is", "seven", "hence", "we", "add", "and", "check", "once", "more"];

/** The words a fake says when left alone. */
export function fakeTokens(request: Request, index: number): string[] {
  const prompt = "messages" in request ? JSON.stringify(request.messages) : request.prompt;
  const rng = new Random(0).split(`${prompt} ${request.seed ?? ""} ${index}`);
  return Array.from({ length: 12 }, (_, place) => (place ? " " : "") + rng.choice(words));
}

export function fakeEndpoint(options: FakeOptions = {}): FakeEndpoint {
  const { model = "fake", tokens = fakeTokens, reasoning, tokenDelayMs = 0, fail } = options;

  async function* stream(request: Request, { signal }: CallOptions = {}): AsyncGenerator<StreamEvent> {
    fake.requests.push(request);
    fake.peakCount = Math.max(fake.peakCount, ++fake.activeCount);
    let isWhole = false;
    try {
      const choices = Array.from({ length: request.n ?? 1 }, (_, index) => cut(tokens(request, index), request));
      const fault = fail?.(request);
      const longest = Math.max(...choices.map(({ said }) => said.length));
      for (let place = 0; place <= longest; place++) {
        if (fault && (fault.at ?? 0) === place) throw fault.error;
        if (tokenDelayMs > 0) await sleep(tokenDelayMs, undefined, { signal });
        signal?.throwIfAborted();
        if (place === 0 && reasoning) yield { type: "delta", index: 0, reasoning };
        for (const [index, { said }] of choices.entries()) {
          const token = said[place];
          if (token !== undefined) yield { type: "delta", index, text: token, ...scored([token], request) };
        }
      }
      isWhole = true;
      yield { type: "reply", reply: reply(request, choices) };
    } finally {
      fake.activeCount--;
      if (!isWhole) {
        fake.abortedCount++;
        fake.abortedAt = performance.now();
      }
    }
  }

  function reply(request: Request, choices: ReturnType<typeof cut>[]): Reply {
    return {
      model,
      choices: choices.map(
        ({ said, finishReason, stopText }, index): Choice => ({
          text: said.join(""),
          ...(reasoning && index === 0 && { reasoning }),
          finishReason,
          ...(stopText && { stopText }),
          ...scored(said, request),
        }),
      ),
      usage: {
        promptTokens: 7,
        cachedTokens: 3,
        completionTokens: choices.reduce((sum, { said }) => sum + said.length, 0),
      },
      latencyMs: 1,
    };
  }

  async function whole(request: Request, callOptions?: CallOptions): Promise<Reply> {
    for await (const event of stream(request, callOptions)) if (event.type === "reply") return event.reply;
    throw new Error("a fake stream ended without its reply");
  }

  const refuseImages = (request: ChatRequest) => {
    const isImage = request.messages.some(({ content }) => typeof content !== "string");
    if (isImage) throw new UnsupportedError("This model reads text only");
  };

  const fake: FakeEndpoint = {
    url: "fake:",
    model,
    requests: [],
    activeCount: 0,
    peakCount: 0,
    abortedCount: 0,
    abortedAt: 0,
    async chat(request, callOptions) {
      refuseImages(request);
      return whole(request, callOptions);
    },
    complete: whole,
    async *streamChat(request, callOptions) {
      refuseImages(request);
      yield* stream(request, callOptions);
    },
    streamCompletion: stream,
    capabilities: async () => ({}) as Capabilities,
    close: async () => {},
    ...(options.metrics && { metrics: options.metrics }),
  };
  return fake;
}

/** Ends an answer at its first stop text or token limit. */
function cut(all: string[], { stop = [], maxTokens = Number.POSITIVE_INFINITY }: Request) {
  const stopped = all.findIndex((token) => stop.some((text) => token.includes(text)));
  const end = stopped === -1 ? all.length : stopped;
  if (maxTokens < end) return { said: all.slice(0, maxTokens), finishReason: "length" as const };
  return {
    said: all.slice(0, end),
    finishReason: "stop" as const,
    stopText: stopped === -1 ? undefined : stop.find((text) => all[stopped]!.includes(text)),
  };
}

function scored(tokens: readonly string[], { logprobs, topLogprobs = 0 }: Request): { logprobs?: TokenLogprob[] } {
  if (!logprobs && !topLogprobs) return {};
  const top = (token: string) =>
    Array.from({ length: topLogprobs }, (_, i) => ({ token: i ? `${token}${i}` : token, logprob: -0.5 - i }));
  return { logprobs: tokens.map((token) => ({ token, logprob: -0.5, top: top(token) })) };
}
