/** Requests that are not probed go through as they are, and so do their answers: bytes, status, headers and faults. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { ApiError } from "../api-error.ts";
import { forwardable } from "./upstream.ts";

/** What the end of an answer told of its cost. */
export interface PassedUsage {
  promptTokens: number;
  completionTokens: number;
}

export interface PassOptions {
  /** Added to the answer's headers. */
  headers?: Record<string, string>;
  /** A piece of a stream has come. */
  onPiece?(): void;
}

/**
 * Copies an answer, each piece as it comes; a slow client slows the upstream.
 * @returns what it cost, where its last bytes say so; resolves when the last byte is out
 * @throws ApiError 502 when the upstream breaks off: a stream has ended with an error event then, and of another answer
 * the connection is closed
 */
export function passThrough(
  answer: IncomingMessage,
  outgoing: ServerResponse,
  { headers, onPiece }: PassOptions = {},
): Promise<PassedUsage | undefined> {
  const isStream = isEventStream(answer);
  outgoing.writeHead(answer.statusCode!, { ...forwardable(answer.headers), ...headers });
  if (isStream) outgoing.flushHeaders(); // the client sees them when we do
  let [last, beforeLast]: (Buffer | undefined)[] = [];
  return new Promise((resolve, reject) => {
    answer.on("data", (piece: Buffer) => {
      [beforeLast, last] = [last, piece];
      if (isStream) onPiece?.();
    });
    answer.once("error", () => {
      const failure = brokenOff();
      if (isStream && !outgoing.destroyed) outgoing.end(`\n\ndata: ${JSON.stringify(failure.body())}\n\n`);
      else outgoing.destroy();
      reject(failure);
    });
    // Closed early by the client: whoever waits learns it from the call's signal.
    outgoing.once("close", () => resolve(usageIn(beforeLast, last)));
    answer.pipe(outgoing);
  });
}

export function isEventStream({ headers }: IncomingMessage): boolean {
  return /^text\/event-stream/i.test(headers["content-type"] ?? "");
}

export const brokenOff = (): ApiError =>
  new ApiError(502, "endpoint_broke_off", "The model's server broke off in the middle of its answer", {
    hint: "What came before is all there is; ask again.",
  });

/** Read from the end without parsing the whole: usage is the last thing a server sends. */
function usageIn(...pieces: (Buffer | undefined)[]): PassedUsage | undefined {
  const tail = pieces.map((piece) => piece?.subarray(-2000).toString("latin1") ?? "").join("");
  const find = (name: string) => [...tail.matchAll(new RegExp(`"${name}":\\s*(\\d+)`, "g"))].at(-1)?.[1];
  const [prompt, completion] = [find("prompt_tokens"), find("completion_tokens")];
  return completion === undefined
    ? undefined
    : { promptTokens: Number(prompt ?? 0), completionTokens: Number(completion) };
}
