/** What stands before and around every server's routes: guards, errors in OpenAI's shape, /health, /metrics. */
import { type Handler, Hono, type MiddlewareHandler } from "hono";
import { ApiError, toApiError } from "./api-error.ts";
import { requireKey, requireLocal } from "./guards.ts";
import type { HttpContext } from "./http.ts";
import type { Metrics } from "./metrics.ts";

export type Route = [method: string, path: string, handler: Handler];

export interface RoutesOptions extends HttpContext {
  metrics: Metrics;
  /** Stands before every route but the open ones. Default: wants the key, where there is one. */
  guard?: MiddlewareHandler;
  /** Default /health alone. */
  openPaths?: readonly string[];
}

/** @param own the server's routes, besides /health and /metrics */
export function createRoutes(options: RoutesOptions, own: readonly Route[]): Hono {
  const { apiKey, localOnly, log, metrics, calls, openPaths = ["/health"] } = options;
  const guard = options.guard ?? (apiKey === undefined ? undefined : requireKey(apiKey));
  const app = new Hono();
  const routes: Route[] = [
    [
      "GET",
      "/health",
      ({ json }) => json(calls.isDraining ? { status: "stopping" } : { status: "ok" }, calls.isDraining ? 503 : 200),
    ],
    ["GET", "/metrics", async ({ body }) => body(await metrics.render(), 200, { "Content-Type": metrics.contentType })],
    ...own,
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
    if (guard && !openPaths.includes(path)) app.use(path, guard);
    app.on(method, path, handler);
    app.all(path, () => {
      throw new ApiError(405, "method_not_allowed", `${path} takes ${method} only`);
    });
  }
  return app;
}
