/** Who may talk to the server: holders of the key, and without a key only programs of this machine. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { ApiError } from "./api-error.ts";

/**
 * Wants `Authorization: Bearer KEY`. Hashes are compared, in constant time: neither the key's length nor how much of a
 * guess was right can be measured.
 */
export function requireKey(apiKey: string): MiddlewareHandler {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  const expected = digest(apiKey);
  return async (context, next) => {
    const given = /^Bearer +(.+)$/i.exec(context.req.header("Authorization") ?? "")?.[1];
    if (given === undefined) {
      throw new ApiError(401, "missing_api_key", "This server wants an API key: Authorization: Bearer KEY");
    }
    if (!timingSafeEqual(digest(given.trim()), expected)) {
      throw new ApiError(401, "invalid_api_key", "Incorrect API key provided");
    }
    await next();
  };
}

/**
 * For a server on loopback without a key. A web page in the user's browser can send requests here, too: from its own
 * origin, or under its own host name once that name's address has turned into 127.0.0.1 (DNS rebinding). Programs of
 * this machine call us localhost and send no Origin.
 */
export const requireLocal: MiddlewareHandler = async (context, next) => {
  const host = context.req.header("Host") ?? "";
  if (!isLoopback(hostnameOf(`http://${host}`))) {
    throw new ApiError(403, "host_refused", `This server answers to localhost only, not to the host ${quote(host)}`, {
      hint: "Start it with --host and --api-key-env to serve other names.",
    });
  }
  const origin = context.req.header("Origin");
  if (origin !== undefined && !isLoopback(hostnameOf(origin))) {
    throw new ApiError(403, "origin_refused", `This server takes no requests from the web page ${quote(origin)}`, {
      hint: "Start it with --api-key-env to serve web pages.",
    });
  }
  await next();
};

/** `127.0.0.0/8`, `::1` and `localhost`; the brackets of an IPv6 address do not matter. */
export function isLoopback(hostname: string | undefined): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(hostname ?? "");
}

const hostnameOf = (url: string) => URL.parse(url)?.hostname;

const quote = (text: string) => JSON.stringify(text.slice(0, 100));
