/** Why a call of a model failed: one class per cause, so that a caller can tell what to do without reading messages. */
import { PolymathError } from "../core/errors.ts";
import type { Usage } from "./endpoint.ts";

export interface EndpointErrorDetails {
  hint?: string;
  cause?: unknown;
  /** HTTP status, where there was an answer. */
  status?: number;
  /** How long the server asked to wait, milliseconds. */
  retryAfterMs?: number;
  /** Tokens that were probably paid for although no reply came of them, e.g. of a stream that broke. */
  spent?: Usage;
}

/** A call of a model that gave no reply. Its message never holds a key. */
export abstract class EndpointError extends PolymathError {
  /** Whether the same request may well succeed a little later. */
  readonly retryable: boolean = false;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  /** Over all attempts. */
  spent: Usage | undefined;
  /** Requests sent. */
  attemptCount = 1;

  constructor(code: string, message: string, { status, retryAfterMs, spent, ...details }: EndpointErrorDetails = {}) {
    super(code, message, details);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
    this.spent = spent;
  }
}

/** The key is missing, wrong, or not allowed to do this (401, 403). */
export class AuthError extends EndpointError {
  constructor(message: string, details?: EndpointErrorDetails) {
    super("ENDPOINT_AUTH", message, details);
  }
}

/** The server has no such model (404 and its like). */
export class ModelNotFoundError extends EndpointError {
  /** What the server has, as far as it tells. */
  readonly models: readonly string[];
  constructor(
    message: string,
    { models = [], ...details }: EndpointErrorDetails & { models?: readonly string[] } = {},
  ) {
    super("ENDPOINT_MODEL", message, details);
    this.models = models;
  }
}

/** The address answers, but not with this API (404 of a route, an HTML page). */
export class NotAnEndpointError extends EndpointError {
  constructor(message: string, details?: EndpointErrorDetails) {
    super("ENDPOINT_ADDRESS", message, details);
  }
}

/** Too many requests or tokens for this key (429). */
export class RateLimitError extends EndpointError {
  override readonly retryable: boolean;
  /** @param details `exhausted`: the account has no money left, and waiting does not help */
  constructor(message: string, { exhausted = false, ...details }: EndpointErrorDetails & { exhausted?: boolean } = {}) {
    super("ENDPOINT_RATE_LIMIT", message, details);
    this.retryable = !exhausted;
  }
}

/** The server cannot answer now (408, 409, 5xx). */
export class OverloadedError extends EndpointError {
  override readonly retryable = true;
  constructor(message: string, details?: EndpointErrorDetails) {
    super("ENDPOINT_OVERLOADED", message, details);
  }
}

/** No answer in time. */
export class TimeoutError extends EndpointError {
  override readonly retryable = true;
  constructor(message: string, details?: EndpointErrorDetails) {
    super("ENDPOINT_TIMEOUT", message, details);
  }
}

/** No connection, or it broke before the answer was whole. */
export class UnreachableError extends EndpointError {
  override readonly retryable = true;
  constructor(message: string, details?: EndpointErrorDetails) {
    super("ENDPOINT_UNREACHABLE", message, details);
  }
}

/** The answer is not what the API promises: not JSON, no choices, a torn chunk. */
export class MalformedReplyError extends EndpointError {
  override readonly retryable = true;
  constructor(message: string, details?: EndpointErrorDetails) {
    super("ENDPOINT_MALFORMED", message, details);
  }
}

/** The server understood and will not do it: a bad field, a policy (400, 422). */
export class RefusedError extends EndpointError {
  constructor(message: string, details?: EndpointErrorDetails) {
    super("ENDPOINT_REFUSED", message, details);
  }
}

/** Prompt and answer together do not fit into the model's context. */
export class ContextTooLongError extends EndpointError {
  constructor(message: string, details?: EndpointErrorDetails) {
    super("ENDPOINT_CONTEXT", message, details);
  }
}

/** This endpoint cannot do what the request asks for, e.g. continue a prefill. */
export class UnsupportedError extends EndpointError {
  constructor(message: string, details?: EndpointErrorDetails) {
    super("ENDPOINT_UNSUPPORTED", message, details);
  }
}
