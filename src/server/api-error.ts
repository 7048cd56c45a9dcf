/** What a client of the server is told when a request fails: OpenAI's error object with the HTTP status it goes with. */
import { PolymathError } from "../core/errors.ts";
import { BudgetError } from "../endpoint/budget.ts";
import {
  AuthError,
  ContextTooLongError,
  EndpointError,
  MalformedReplyError,
  ModelNotFoundError,
  NotAnEndpointError,
  OverloadedError,
  RateLimitError,
  RefusedError,
  TimeoutError,
  UnreachableError,
  UnsupportedError,
} from "../endpoint/errors.ts";

export interface ApiErrorDetails {
  /** Which field of the request is at fault, as `messages[0].content`. */
  param?: string;
  /** Sent as Retry-After, seconds. */
  retryAfterS?: number;
  hint?: string;
}

/** The statuses this server answers with when a request fails. */
export type ErrorStatus = 400 | 401 | 403 | 404 | 405 | 413 | 429 | 499 | 500 | 502 | 503 | 504;

/** A failed request; `body()` is what goes over the wire. */
export class ApiError extends PolymathError {
  readonly status: ErrorStatus;
  /** OpenAI's name of the cause, e.g. `model_not_found`. */
  readonly apiCode: string;
  readonly param: string | undefined;
  readonly retryAfterS: number | undefined;

  constructor(
    status: ErrorStatus,
    apiCode: string,
    message: string,
    { param, retryAfterS, hint }: ApiErrorDetails = {},
  ) {
    super("API", message, { hint });
    this.status = status;
    this.apiCode = apiCode;
    this.param = param;
    this.retryAfterS = retryAfterS;
  }

  body() {
    const message = this.hint ? `${this.message}. ${this.hint}` : this.message;
    return { error: { message, type: typeOf(this.status), param: this.param ?? null, code: this.apiCode } };
  }

  headers(): Record<string, string> {
    return {
      ...(this.retryAfterS !== undefined && { "Retry-After": String(this.retryAfterS) }),
      ...(this.status === 401 && { "WWW-Authenticate": "Bearer" }),
    };
  }
}

function typeOf(status: ErrorStatus): string {
  if (status === 429) return "rate_limit_exceeded";
  return status >= 500 ? "server_error" : "invalid_request_error";
}

/** The client went away; nobody reads this, but the metrics count it. */
export const clientGone = (): ApiError =>
  new ApiError(499, "client_closed_request", "The client closed the connection");

export const shuttingDown = (): ApiError =>
  new ApiError(503, "shutting_down", "The server is shutting down", { retryAfterS: 5 });

export const tookTooLong = (timeoutMs: number): ApiError =>
  new ApiError(504, "timeout", `The request took longer than ${timeoutMs / 1000} s`, {
    hint: "Ask for fewer tokens, or raise the server's limit.",
  });

/** Any error as what the client may know of it; what nobody expected stays inside the server. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof EndpointError) return fromEndpoint(error);
  if (error instanceof BudgetError) return new ApiError(429, "insufficient_quota", error.message, { hint: error.hint });
  if (error instanceof PolymathError && error.exitCode === 2) {
    return new ApiError(400, "invalid_request", error.message, { hint: error.hint });
  }
  return new ApiError(500, "internal_error", "The server failed to answer; its log says why");
}

function fromEndpoint(error: EndpointError): ApiError {
  const { message, hint, retryAfterMs } = error;
  const details = { hint, ...(retryAfterMs !== undefined && { retryAfterS: Math.ceil(retryAfterMs / 1000) }) };
  const cause = causes.find(([kind]) => error instanceof kind);
  return new ApiError(cause?.[1] ?? 502, cause?.[2] ?? "endpoint_error", message, details);
}

/** What the model's endpoint says is the client's fault (4xx), and what lies behind this server (5xx). */
const causes: readonly [abstract new (...args: any[]) => EndpointError, ErrorStatus, string][] = [
  [ContextTooLongError, 400, "context_length_exceeded"],
  [UnsupportedError, 400, "unsupported_parameter"],
  [RefusedError, 400, "invalid_request"],
  [RateLimitError, 429, "rate_limit_exceeded"],
  [OverloadedError, 503, "overloaded"],
  [TimeoutError, 504, "timeout"],
  [UnreachableError, 502, "endpoint_unreachable"],
  [MalformedReplyError, 502, "endpoint_malformed"],
  [AuthError, 502, "endpoint_auth"],
  [ModelNotFoundError, 502, "endpoint_model"],
  [NotAnEndpointError, 502, "endpoint_address"],
];
