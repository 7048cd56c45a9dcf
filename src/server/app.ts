/** The routes of the server and what stands before them. */
import { type Handler, Hono } from "hono";
import type { Log } from "../core/log.ts";
import { ApiError, toApiError } from "./api-error.ts";
import { requireKey, requireLocal } from "./guards.ts";
import { answer, type Serving } from "./openai/answer.ts";
import { listModels, showModel } from "./openai/models.ts";
import { readChat, readCompletion } from "./openai/request.ts";
import { readJson } from "./read-json.ts";

export interface AppOptions extends Serving {
  /** Wanted of every client, except on /health. */
  apiKey?: string;
  /** Take requests of this machine's programs only; see `requireLocal`. */
  localOnly: boolean;
  maxBodyBytes: number;
  log: Log;
}

export function createApp({ apiKey, localOnly, maxBodyBytes, log, ...serving }: AppOptions): Hono {
  const { models, metrics, calls } = serving;
  const app = new Hono();
  const routes: [method: string, path: string, handler: Handler][] = [
    [
      "GET",
      "/health",
      ({ json }) => json(calls.isDraining ? { status: "stopping" } : { status: "ok" }, calls.isDraining ? 503 : 200),
    ],
    ["GET", "/metrics", async ({ body }) => body(await metrics.render(), 200, { "Content-Type": metrics.contentType })],
    ["GET", "/v1/models", ({ json }) => json(listModels(models))],
    ["GET", "/v1/models/:id{.+}", ({ json, req }) => json(showModel(models, req.param("id")!))],
    [
      "POST",
      "/v1/chat/completions",
      async (context) => answer(readChat(await readJson(context, maxBodyBytes)), serving, context.req.raw.signal),
    ],
    [
      "POST",
      "/v1/completions",
      async (context) => answer(readCompletion(await readJson(context, maxBodyBytes)), serving, context.req.raw.signal),
    ],
  ];

  app.onError((error, { json, req }) => {
    const failure = toApiError(error);
    if (failure.status >= 500) log.warn("request-fail", { path: req.path, status: failure.status, error });
    if (failure.apiCode === "internal_error") log.debug("request-fault", { stack: error.stack });
    return json(failure.body(), failure.status as 400, failure.headers());
  });
  app.notFound(({ req }) => {
    const known = routes.map(([method, path]) => `${method} ${path.replace(/\{.+/, "")}`).join(", ");
    throw new ApiError(404, "route_not_found", `There is no ${req.method} ${req.path.slice(0, 100)}`, {
      hint: `There are: ${known}.`,
    });
  });

  if (localOnly) app.use(requireLocal);
  for (const [method, path, handler] of routes) {
    app.use(path, async (context, next) => {
      await next();
      metrics.countRequest(path, context.res.status);
    });
    if (apiKey !== undefined && path !== "/health") app.use(path, requireKey(apiKey));
    app.on(method, path, handler);
    app.all(path, () => {
      throw new ApiError(405, "method_not_allowed", `${path} takes ${method} only`);
    });
  }
  return app;
}
