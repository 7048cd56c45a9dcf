/**
 * Who may use the studio: the person who started it, in pages that it served itself.
 *   start token    new at each start; the address that is printed brings it, the page then sends it with every call
 *   session        a cookie that the address with the token is exchanged for; it outlives a restart, so that an open tab
 *                  goes on, and is made from a key that only this user can read
 *   Host, Origin   loopback names only, and the studio's own origin only: no other web page, no DNS rebinding
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Context, MiddlewareHandler } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { ApiError } from "../api-error.ts";
import { isLoopback } from "../guards.ts";

export const tokenHeader = "X-Polymath-Token";
const cookieName = "polymath-studio";

export interface Access {
  readonly token: string;
  /** For every request: this machine's names, and no foreign page. */
  guard: MiddlewareHandler;
  /** For the application's calls. */
  requireToken: MiddlewareHandler;
  /** For what a page asks for without a header of its own: pictures, reports. */
  requireSession: MiddlewareHandler;
  /** Whether the visitor may have the page; a right token in the address opens a session. */
  admit(context: Context): boolean;
}

/** @param keyFolder where the key lies by which sessions outlive a restart */
export function createAccess(keyFolder: string): Access {
  const token = randomBytes(24).toString("base64url");
  const session = createHmac("sha256", readKey(keyFolder)).update("studio session").digest("base64url");
  const hasSession = (context: Context) => isSame(getCookie(context, cookieName) ?? "", session);
  return {
    token,
    async guard(context, next) {
      const host = context.req.header("Host") ?? "";
      if (!isLoopback(URL.parse(`http://${host}`)?.hostname)) {
        throw new ApiError(403, "host_refused", "The studio answers to localhost only");
      }
      const origin = context.req.header("Origin");
      if (origin !== undefined && origin !== `http://${host}`) {
        throw new ApiError(403, "origin_refused", "The studio takes no requests from other web pages");
      }
      await next();
    },
    async requireToken(context, next) {
      if (!isSame(context.req.header(tokenHeader) ?? "", token)) {
        throw new ApiError(401, "token_refused", "This page belongs to an earlier start of the studio", {
          hint: "Load it again.",
        });
      }
      await next();
    },
    async requireSession(context, next) {
      if (!hasSession(context)) throw new ApiError(401, "session_missing", "Open the address that the studio printed");
      await next();
    },
    admit(context) {
      if (isSame(context.req.query("token") ?? "", token)) {
        setCookie(context, cookieName, session, { httpOnly: true, sameSite: "Strict", path: "/", maxAge: 30 * 86_400 });
        return true;
      }
      return hasSession(context);
    },
  };
}

function readKey(folder: string): string {
  const file = join(folder, "studio-key");
  try {
    return readFileSync(file, "utf8");
  } catch {
    const key = randomBytes(32).toString("base64url");
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, key, { mode: 0o600 });
    } catch {
      // A home that cannot be written to: sessions then end with the process.
    }
    return key;
  }
}

/** In constant time; hashes hide the length, too. */
function isSame(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
