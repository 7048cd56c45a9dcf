/** Where an answer goes: to the client piece by piece as server-sent events, or whole at its end. */
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Chunk, ChunkChoice, ChunkUsage } from "./chain.ts";

/** The end of an answer, however it came about. */
export interface Ending {
  /** Text of ours after the model's. */
  closing?: string;
  finishReason: string;
  usage: ChunkUsage;
  certaindex: object;
  /** What broke the answer off, in OpenAI's shape. */
  error?: object;
  /** The upstream's own last chunk of the choice, with fields of which we know nothing. */
  last?: Chunk | undefined;
}

export interface Sink {
  /** Bytes have left for the client: there is no way back. */
  readonly isOpen: boolean;
  /** A piece of the answer, as the upstream sent it. May wait for a slow client. */
  piece(chunk: Chunk, raw: Uint8Array): Promise<void> | void;
  /** A comment that keeps the connection alive. */
  comment(raw: Uint8Array): void;
  end(ending: Ending): void;
}

export interface SinkOptions {
  isChat: boolean;
  /** The client asked for a chunk with the usage. */
  includeUsage: boolean;
  /** The upstream's chunks carry a usage that nobody but us asked for. */
  dropUsage: boolean;
  model: string;
  /** Of answers that have no id of the upstream's. */
  id: string;
}

export function streamSink(outgoing: ServerResponse, options: SinkOptions): Sink {
  const { isChat, includeUsage, dropUsage } = options;
  let isOpen = false;
  let seen: Chunk | undefined;
  const send = (chunk: object) => outgoing.write(`data: ${JSON.stringify(chunk)}\n\n`);
  const open = () => {
    if (!isOpen) outgoing.writeHead(200, streamHeaders);
    isOpen = true;
  };
  return {
    get isOpen() {
      return isOpen;
    },
    piece(chunk, raw) {
      open();
      seen = chunk;
      const isTaken = dropUsage && chunk.usage ? send({ ...chunk, usage: undefined }) : outgoing.write(raw);
      if (!isTaken && !outgoing.destroyed)
        return Promise.race([once(outgoing, "drain"), once(outgoing, "close")]).then(() => {});
    },
    comment(raw) {
      if (isOpen) outgoing.write(raw);
    },
    end({ closing, finishReason, usage, certaindex, error, last }) {
      open();
      const head = headOf(seen, options, true);
      const piece = (text: string) => (isChat ? { delta: text === "" ? {} : { content: text } } : { text });
      const chunk = (text: string, finish: string | null) => ({
        ...head,
        choices: [{ index: 0, ...piece(text), logprobs: null, finish_reason: finish }],
        ...(includeUsage && { usage: null }),
      });
      if (closing) send(chunk(closing, null));
      const ended = chunk("", finishReason);
      const own = last && { ...last, usage: undefined, choices: [{ ...last.choices[0], ...piece("") }] };
      send({
        ...ended,
        ...own,
        ...((!includeUsage || error) && { usage }),
        x_certaindex: certaindex,
        ...(error && { error }),
      });
      // An error is the last thing that clients read: the chunk before had all there was to tell.
      if (includeUsage && !error) send({ ...head, choices: [], usage, x_certaindex: certaindex });
      outgoing.end("data: [DONE]\n\n");
    },
  };
}

/** Collects the pieces into the one object that a client gets who did not ask for a stream. */
export function wholeSink(outgoing: ServerResponse, options: SinkOptions): Sink {
  const { isChat } = options;
  let seen: Chunk | undefined;
  let [content, reasoning, reasoningName] = ["", "", "reasoning_content"];
  const scores: unknown[] = [];
  let completionScores: Record<string, unknown[]> | undefined;

  const addScores = (logprobs: ChunkChoice["logprobs"]) => {
    if (logprobs?.content) scores.push(...logprobs.content);
    else if (logprobs?.tokens) {
      completionScores ??= {};
      for (const [name, list] of Object.entries(logprobs)) {
        if (Array.isArray(list)) completionScores[name] = [...(completionScores[name] ?? []), ...list];
      }
    }
  };
  return {
    isOpen: false,
    piece(chunk) {
      seen = chunk;
      const choice = chunk.choices[0];
      if (!choice) return;
      if (choice.delta?.reasoning) reasoningName = "reasoning";
      reasoning += choice.delta?.reasoning_content ?? choice.delta?.reasoning ?? "";
      content += choice.delta?.content ?? choice.text ?? "";
      addScores(choice.logprobs);
    },
    comment() {},
    end({ closing = "", finishReason, usage, certaindex, error, last }) {
      const text = content + closing;
      const { delta: _, text: __, ...own } = last?.choices[0] ?? {};
      const logprobs = scores.length > 0 ? { content: scores } : (completionScores ?? null);
      const said = isChat
        ? {
            message: {
              role: "assistant",
              content: text,
              ...(reasoning && { [reasoningName]: reasoning }),
              refusal: null,
            },
          }
        : { text };
      const choice = { ...own, index: 0, ...said, logprobs, finish_reason: finishReason };
      const head = headOf(seen, options, false);
      const body = JSON.stringify({
        ...head,
        choices: [choice],
        usage,
        x_certaindex: certaindex,
        ...(error && { error }),
      });
      outgoing.writeHead(200, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) });
      outgoing.end(body);
    },
  };
}

const streamHeaders = {
  "Content-Type": "text/event-stream; charset=utf-8",
  "Cache-Control": "no-cache",
  "X-Accel-Buffering": "no", // nginx would collect tokens before it sends them
};

/** What all chunks of one answer have in common: all fields of the upstream's but choices and usage. */
function headOf(chunk: Chunk | undefined, { id, model, isChat }: SinkOptions, isStream: boolean): object {
  const { choices: _, usage: __, ...own } = chunk ?? { choices: [] };
  const object = !isChat ? "text_completion" : isStream ? "chat.completion.chunk" : "chat.completion";
  return { id, created: Math.floor(Date.now() / 1000), model, ...own, object };
}
