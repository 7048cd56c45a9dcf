/**
 * The server that is asked: raw HTTP, so that what is passed through stays what it was, byte for byte, and no token waits
 * for a layer that it does not need.
 */
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { readRetryAfter } from "../../endpoint/openai/retry-after.ts";
import { ApiError, clientGone } from "../api-error.ts";

export interface UpstreamRequest {
  method: string;
  /** After the base URL, e.g. `/chat/completions`. */
  path: string;
  headers: IncomingHttpHeaders;
  body?: Uint8Array | string | undefined;
  /** Ends the request, also in the middle of its answer: the connection is closed, which ends the generation. */
  signal: AbortSignal;
}

export interface RetryLimits {
  /** Requests per call at most, the first included; default 4. */
  maxAttempts?: number;
  /** A server that asks for a longer pause is taken at its word: its answer goes to the client. Default 20 000. */
  maxWaitMs?: number;
  /** Longest wait of our own before the second attempt; doubles each time. Default 250. */
  baseDelayMs?: number;
}

export interface Upstream {
  /** Base URL, without a slash at its end. */
  readonly url: string;
  /** One request, as it is. @throws ApiError 502 when there is no connection; the signal's reason */
  send(request: UpstreamRequest): Promise<IncomingMessage>;
  /**
   * As `send`, but what may succeed later is tried again: refused or broken connections, 429 and 5xx, after the time
   * that the server asks for. @returns the last answer, whatever its status
   */
  sendPatiently(request: UpstreamRequest): Promise<IncomingMessage>;
  close(): void;
}

/** @param apiKey sent in the place of the client's own; never logged */
export function openUpstream(
  url: string,
  { apiKey, retries = {} }: { apiKey?: string | undefined; retries?: RetryLimits } = {},
): Upstream {
  const base = url.replace(/\/+$/, "");
  const isSecure = base.startsWith("https:");
  const agentOptions = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, maxFreeSockets: 512 };
  const agent = isSecure ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions);
  const open = isSecure ? httpsRequest : httpRequest;
  const { maxAttempts = 4, maxWaitMs = 20_000, baseDelayMs = 250 } = retries;

  function send({ method, path, headers, body, signal }: UpstreamRequest): Promise<IncomingMessage> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const sent: Record<string, string | string[] | number> = forwardable(headers);
      if (apiKey !== undefined) sent.authorization = `Bearer ${apiKey}`;
      if (body !== undefined) sent["content-length"] = typeof body === "string" ? Buffer.byteLength(body) : body.length;
      const request: ClientRequest = open(base + path, { method, agent, headers: sent }, (response) => {
        // Until it is over, the answer is the caller's; afterwards the connection is someone else's.
        response.once("close", () => signal.removeEventListener("abort", onAbort));
        resolve(response);
      });
      const onAbort = () => request.destroy(asError(signal.reason));
      signal.addEventListener("abort", onAbort, { once: true });
      request.once("error", (error) => {
        signal.removeEventListener("abort", onAbort);
        reject(signal.aborted ? signal.reason : unreachable(base, error));
      });
      request.end(body);
    });
  }

  async function sendPatiently(request: UpstreamRequest): Promise<IncomingMessage> {
    for (let attempt = 1; ; attempt++) {
      let [response, failure]: [IncomingMessage | undefined, unknown] = [undefined, undefined];
      try {
        response = await send(request);
        if (!isWorthRetrying(response.statusCode!)) return response;
      } catch (error) {
        request.signal.throwIfAborted();
        failure = error;
      }
      const asked = response && readRetryAfter(new Headers(flat(response.headers)));
      // Jitter comes on top: the server asked all its clients for the same pause.
      const waitMs = (asked ?? 0) + Math.random() * baseDelayMs * 2 ** (attempt - 1);
      if (attempt >= maxAttempts || waitMs > maxWaitMs) {
        if (response) return response;
        throw failure;
      }
      response?.resume(); // gives its connection back
      await sleep(waitMs, undefined, { signal: request.signal }).catch(() => request.signal.throwIfAborted());
    }
  }

  return { url: base, send, sendPatiently, close: () => agent.destroy() };
}

/** 501 and the like say "never", not "not now". */
function isWorthRetrying(status: number): boolean {
  return [408, 429, 500, 502, 503, 504].includes(status);
}

/** Headers that belong to one connection (RFC 9110, section 7.6.1), and those that we set ourselves. */
const ownHeaders = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "host",
  "expect",
]);

/** What of a message's headers goes on to the other side. */
export function forwardable(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const forwarded: Record<string, string | string[]> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && !ownHeaders.has(name)) forwarded[name] = value;
  }
  return forwarded;
}

function flat(headers: IncomingHttpHeaders): Record<string, string> {
  const text = (value: string | string[]) => (Array.isArray(value) ? value.join(", ") : value);
  return Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value ? [[name, text(value)]] : [])));
}

function unreachable(url: string, error: Error): ApiError {
  const code = (error as NodeJS.ErrnoException).code ?? error.message;
  return new ApiError(502, "endpoint_unreachable", `No answer from ${url}: ${code}`, {
    hint: "Is the model's server running?",
  });
}

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : clientGone());
