/** The studio's routes: the web application, its calls, and files of runs. */
import { type Context, Hono } from "hono";
import { PolymathError } from "../../core/errors.ts";
import { validate } from "../../core/schema.ts";
import { ApiError, toApiError } from "../api-error.ts";
import type { HttpContext } from "../http.ts";
import { readJson } from "../read-json.ts";
import type { Access } from "./access.ts";
import type { AppFiles } from "./app-files.ts";
import type { ErrorReply } from "./call.ts";
import { type CallName, contract, type Handlers } from "./contract.ts";
import { doorPage } from "./door-page.ts";
import { sendRunFile } from "./runs/run-files.ts";
import type { RunIndex } from "./runs/run-index.ts";

export interface StudioApp {
  access: Access;
  files: AppFiles;
  index: RunIndex;
  handlers: Handlers;
}

/** Scripts and styles from here, connections to here: what the page knows cannot leave the machine. */
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'", // charts set styles of their own
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export function createStudioApp({ access, files, index, handlers }: StudioApp, http: HttpContext): Hono {
  const app = new Hono();
  app.onError((error, context) => {
    const { status, reply } = describeError(error);
    if (status >= 500) http.log.warn("request-fail", { path: context.req.path, error: error.message });
    return context.json(reply, status);
  });
  app.use(access.guard);

  app.post("/api/:name", access.requireToken, async (context) => {
    const name = context.req.param("name");
    if (!isCall(name)) throw new ApiError(404, "call_not_found", `The studio has no call ${JSON.stringify(name)}`);
    const given = validate(contract[name].input, await readJson(context, http.maxBodyBytes));
    if ("problem" in given) {
      throw new ApiError(400, "invalid_call", `${name}: ${given.problem.message}`, { hint: given.problem.hint });
    }
    const call = http.calls.begin(context.req.raw.signal);
    try {
      const handler = handlers[name] as (input: unknown, signal: AbortSignal) => unknown;
      const reply = await handler(given.value, call.signal);
      if (reply instanceof Response) return reply;
      return context.json(reply as object);
    } finally {
      call.end();
    }
  });
  app.get("/files/:run/:path{.+}", access.requireSession, async (context) => {
    const { dir } = await index.find(context.req.param("run"));
    return sendRunFile(dir, context.req.param("path"));
  });
  app.get("/assets/*", (context) => sendAsset(context, files));
  app.get("*", (context) => {
    const asset = files.file(context.req.path);
    if (asset) return sendAsset(context, files);
    if (!access.admit(context)) return context.html(doorPage, 401, pageHeaders);
    if (context.req.query("token") !== undefined) return context.redirect(`/${context.req.path.replace(/^\/+/, "")}`); // not into the history
    return context.html(files.page(access.token), 200, pageHeaders);
  });
  return app;
}

const pageHeaders = {
  "Content-Security-Policy": pagePolicy,
  "Cache-Control": "no-store",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

const isCall = (name: string): name is CallName => Object.hasOwn(contract, name);

function sendAsset(context: Context, files: AppFiles): Response {
  const file = files.file(context.req.path);
  if (!file) throw new ApiError(404, "file_not_found", `There is no ${context.req.path.slice(0, 100)}`);
  const takesGzip = /\bgzip\b/.test(context.req.header("Accept-Encoding") ?? "");
  const isNamedByContent = context.req.path.startsWith("/assets/");
  return new Response(takesGzip ? file.gzipped : file.bytes, {
    headers: {
      "Content-Type": file.contentType,
      "Cache-Control": isNamedByContent ? "public, max-age=31536000, immutable" : "no-cache",
      ...(takesGzip && { "Content-Encoding": "gzip" }),
      "X-Content-Type-Options": "nosniff",
    },
  });
}

/** Errors that were expected keep their code, message and hint; others stay in the log. */
function describeError(error: Error): { status: 400; reply: ErrorReply } {
  if (error instanceof PolymathError && !(error instanceof ApiError)) {
    const { code, message, hint, exitCode } = error;
    return {
      status: (exitCode === 2 ? 400 : 500) as 400,
      reply: { error: { code, message, ...(hint !== undefined && { hint }) } },
    };
  }
  const { status, apiCode, message, hint } = toApiError(error);
  return { status: status as 400, reply: { error: { code: apiCode, message, ...(hint !== undefined && { hint }) } } };
}
