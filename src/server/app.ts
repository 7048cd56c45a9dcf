/** The routes of the server of models. */
import type { Hono } from "hono";
import type { HttpContext } from "./http.ts";
import { answer, type Serving } from "./openai/answer.ts";
import { listModels, showModel } from "./openai/models.ts";
import { readChat, readCompletion } from "./openai/request.ts";
import { readJson } from "./read-json.ts";
import { createRoutes } from "./routes.ts";

export type AppOptions = Serving & HttpContext;

export function createApp(options: AppOptions): Hono {
  const { models, maxBodyBytes } = options;
  return createRoutes(options, [
    ["GET", "/v1/models", ({ json }) => json(listModels(models))],
    ["GET", "/v1/models/:id{.+}", ({ json, req }) => json(showModel(models, req.param("id")!))],
    [
      "POST",
      "/v1/chat/completions",
      async (context) => answer(readChat(await readJson(context, maxBodyBytes)), options, context.req.raw.signal),
    ],
    [
      "POST",
      "/v1/completions",
      async (context) => answer(readCompletion(await readJson(context, maxBodyBytes)), options, context.req.raw.signal),
    ],
  ]);
}
