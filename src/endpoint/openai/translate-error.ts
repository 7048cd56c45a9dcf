/** What the official client throws, as our errors: what happened, what to do, and no key in any of it. */
import { APIConnectionError, APIError } from "openai";
import {
  AuthError,
  ContextTooLongError,
  EndpointError,
  type EndpointErrorDetails,
  MalformedReplyError,
  ModelNotFoundError,
  NotAnEndpointError,
  OverloadedError,
  RateLimitError,
  RefusedError,
  UnreachableError,
} from "../errors.ts";
import { readRetryAfter } from "./retry-after.ts";
import { WireError } from "./wire.ts";

export interface ErrorContext {
  url: string;
  model: string;
  /** Takes the key out of a text. */
  scrub: (text: string) => string;
  /** What the server has; asked only for an unknown model. */
  listModels: () => Promise<readonly string[]>;
}

/** @throws what is no fault of the server or the network, as it is */
export async function translateError(error: unknown, context: ErrorContext): Promise<EndpointError> {
  if (error instanceof EndpointError) return error;
  if (error instanceof APIConnectionError) return unreachable(error, context);
  if (error instanceof APIError) return translateStatus(error, context);
  if (error instanceof SyntaxError) {
    return new MalformedReplyError(`${context.url} sent what is not valid JSON`, { hint: "A proxy may have cut it." });
  }
  if (isNetworkFault(error)) return unreachable(error, context);
  throw error;
}

async function translateStatus(error: APIError, context: ErrorContext): Promise<EndpointError> {
  const { url, model, scrub } = context;
  const { message, code } = describeBody(error, scrub);
  const status = error.status ?? statusInside(code); // an error inside a stream has no HTTP status of its own
  const details: EndpointErrorDetails = { status, retryAfterMs: readRetryAfter(error.headers) };
  const said = `${url} answered${status ? ` ${status}` : ""}${message && `: ${message}`}`;

  if (isHtml(error) && (status === undefined || status < 500)) {
    return new NotAnEndpointError(`${url} answered ${status ?? ""} with a web page`.replace("  ", " "), {
      ...details,
      hint: "The address should be that of the API, mostly ending in /v1.",
    });
  }
  if (status === 401 || status === 403) {
    const hint = "Set the key in POLYMATH_API_KEY, or name its variable with --api-key-env.";
    return new AuthError(said, { ...details, hint });
  }
  if (status === 429) {
    const exhausted = /insufficient_quota|billing|exceeded your current quota/i.test(`${code} ${message}`);
    const hint = exhausted ? "The account has no credit left: waiting does not help." : "Ask for less at once.";
    return new RateLimitError(said, { ...details, exhausted, hint });
  }
  if (
    /context.{0,20}length|maximum context|context_length_exceeded|too many tokens|prompt is too long/i.test(
      `${code} ${message}`,
    )
  ) {
    return new ContextTooLongError(said, { ...details, hint: "Shorten the prompt or lower maxTokens." });
  }
  if (status === 404 || (code === "model_not_found" && status !== undefined)) {
    const isModel = model !== "" && /\bmodel\b|model_not_found/i.test(`${code} ${message}`);
    if (isModel) return modelNotFound(model, await context.listModels(), url, details);
    return new NotAnEndpointError(said, {
      ...details,
      hint: "The address should be that of the API, mostly ending in /v1.",
    });
  }
  if (status === undefined || status === 408 || status === 409 || status >= 500)
    return new OverloadedError(said, details);
  return new RefusedError(said, details);
}

function modelNotFound(model: string, models: readonly string[], url: string, details: EndpointErrorDetails) {
  const shown = models.slice(0, 12).join(", ") + (models.length > 12 ? ` and ${models.length - 12} more` : "");
  const hint = models.length > 0 ? `It has: ${shown}` : "It does not tell which models it has.";
  return new ModelNotFoundError(`${url} has no model "${model}"`, { ...details, models, hint });
}

function unreachable(error: unknown, { url, scrub }: ErrorContext): UnreachableError {
  const reason = rootCause(error);
  const hints: Record<string, string> = {
    ECONNREFUSED: "No server listens there: is it started, and is the port right?",
    ENOTFOUND: "The name of the host is unknown: is it spelled right?",
    CERT_HAS_EXPIRED: "The server's certificate has expired.",
    UND_ERR_HEADERS_TIMEOUT: "The server was silent for five minutes: stream long answers.",
  };
  const code = (reason as NodeJS.ErrnoException).code ?? "";
  return new UnreachableError(`No whole answer from ${url}: ${scrub(code || reason.message)}`, { hint: hints[code] });
}

/** What fetch throws when a body breaks off: `TypeError: terminated`, or an error with a system code. */
function isNetworkFault(error: unknown): boolean {
  const code = (rootCause(error) as NodeJS.ErrnoException).code;
  return typeof code === "string" || (error instanceof TypeError && /terminated|fetch failed/.test(error.message));
}

function rootCause(error: unknown): Error {
  let reason = error instanceof Error ? error : new Error(String(error));
  while (reason.cause instanceof Error) reason = reason.cause;
  return reason;
}

function describeBody(error: APIError, scrub: (text: string) => string): { message: string; code: string } {
  const body: unknown = error.error;
  const inner = WireError.safeParse(typeof body === "object" && body !== null ? ((body as any).error ?? body) : {});
  const fields = inner.success ? inner.data : {};
  const detail = (body as { detail?: unknown } | undefined)?.detail; // FastAPI
  const words = [fields.message, typeof body === "string" ? body : undefined, detail && JSON.stringify(detail)].find(
    Boolean,
  );
  // Without a JSON body the client's message is "<status> <body>".
  const message = String(words ?? (isHtml(error) ? "a web page" : error.message.replace(/^\d{3} /, "")));
  const short = message.length > 500 ? `${message.slice(0, 500)}...` : message;
  return { message: scrub(short.trim()), code: `${fields.code ?? ""} ${fields.type ?? ""}`.trim() };
}

function statusInside(code: string): number | undefined {
  const number = Number(/\b[45]\d\d\b/.exec(code)?.[0]);
  return Number.isNaN(number) ? undefined : number;
}

function isHtml(error: APIError): boolean {
  return (
    /text\/html/i.test(error.headers?.get("content-type") ?? "") || /^(\d{3} )?\s*<(!doctype|html)/i.test(error.message)
  );
}
