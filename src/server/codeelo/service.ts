/**
 * The submission service that CodeElo's published client talks to, before our judge: check_auth, get_all_problems,
 * get_problem, submit_code, check_status. Source: section 2.3 of the specification and the client itself (QwenLM/CodeElo).
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { z } from "zod";
import { validate } from "../../core/schema.ts";
import { type Judge, openSubmissions, type ServedProblem, servedStatement } from "../../systems/codeelo/index.ts";
import { ApiError } from "../api-error.ts";
import { type HttpContext, type HttpOptions, type RunningServer, startHttp } from "../http.ts";
import { createMetrics } from "../metrics.ts";
import { readJson } from "../read-json.ts";
import { createRoutes, type Route } from "../routes.ts";

export interface ServiceOptions extends Omit<HttpOptions, "apiKey"> {
  problems: readonly ServedProblem[];
  judge: Judge;
  /** Wanted in every request's Authorization header, bare or behind "Bearer"; default none, on loopback only. */
  token?: string | undefined;
  /** How long check_status waits for a verdict; default 15 000, since the client gives up after 20 seconds. */
  waitMs?: number;
  /** How often it then asks the client to come again (503), before it says PENDING, which the client takes for wrong. Default 3, as often as it does. */
  maxRetries?: number;
  /** Submissions that may wait for the judge; more are told to come back (429). Default 10 000. */
  maxOpen?: number;
}

/** `url` is the base URL for clients. */
export type RunningService = RunningServer;

const Submission = z.object({
  prob: z.string().min(1),
  lang: z.coerce.number().int(),
  code: z.string(),
  tag: z.string().optional(),
});

/** @throws UsageError when the address cannot be listened on */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const { token, judge, maxBodyBytes = 2 ** 20 } = options;
  const submissions = openSubmissions(judge);
  const http = { ...options, maxBodyBytes, ...(token !== undefined && { apiKey: token }) };
  const server = await startHttp(http, (context) => ({
    app: createService(context, options, submissions),
    turnAway: () => submissions.close(),
  }));
  return Object.defineProperties({} as RunningService, {
    ...Object.getOwnPropertyDescriptors(server),
    url: { value: server.url.replace(/\/v1$/, ""), enumerable: true },
  });
}

function createService(
  http: HttpContext,
  { problems, waitMs = 15_000, maxRetries = 3, maxOpen = 10_000 }: ServiceOptions,
  submissions: ReturnType<typeof openSubmissions>,
) {
  const byProb = new Map(problems.map((one) => [one.prob, one]));
  const byContest = Map.groupBy(problems, ({ contestId }) => contestId);
  const show = (one: ServedProblem) => ({ prob: one.prob, json_str: JSON.stringify(servedStatement(one)) });
  const find = (prob: string): ServedProblem => {
    const found = byProb.get(prob);
    if (found) return found;
    throw new ApiError(404, "problem_not_found", `There is no problem ${JSON.stringify(prob.slice(0, 100))}`, {
      hint: `There are ${problems.length}: ${[...byProb.keys()].slice(0, 5).join(", ")} ...`,
    });
  };

  const retriesOf = new Map<string, number>(); // of submissions that are not judged yet
  const routes: Route[] = [
    ["GET", "/", ({ text }) => text("CodeElo submission service, judged by Polymath")],
    ["GET", "/check_auth", ({ json }) => json({ status: "ok" })],
    // A client walks through numbers: one that is no contest here has no problems.
    ["GET", "/get_all_problems", (c) => c.json({ problems: (byContest.get(need(c, "cid")) ?? []).map(show) })],
    ["GET", "/get_problem", (c) => c.json(show(find(need(c, "prob"))))],
    [
      "POST",
      "/submit_code",
      async (c) => {
        const result = validate(Submission, await readJson(c, http.maxBodyBytes));
        if ("problem" in result) throw new ApiError(400, "invalid_submission", result.problem.message);
        if (submissions.openCount >= maxOpen) {
          throw new ApiError(429, "queue_full", `${maxOpen} submissions wait for the judge`, { retryAfterS: 10 });
        }
        const { prob, lang, code } = result.value;
        return c.json({ submission_id: await submissions.submit(find(prob), lang, code) });
      },
    ],
    [
      "GET",
      "/check_status",
      async (c) => {
        const call = http.calls.begin(c.req.raw.signal);
        try {
          const id = need(c, "submission_id");
          const status = await submissions.status(id, waitMs);
          const retries = retriesOf.get(id) ?? 0;
          if (status.status_canonical !== "PENDING" || retries >= maxRetries) {
            retriesOf.delete(id);
            return c.json(status);
          }
          retriesOf.set(id, retries + 1);
          throw new ApiError(503, "still_judging", `Submission ${id} is being judged`, { retryAfterS: 10 });
        } finally {
          call.end();
        }
      },
    ],
  ];
  const { apiKey: token } = http;
  const guard = token === undefined ? {} : { guard: wantToken(token) };
  const metrics = createMetrics({ all: [] });
  return createRoutes({ ...http, metrics, openPaths: ["/", "/health"], ...guard }, routes);
}

/** The client sends its token bare; hashes are compared, in constant time. */
function wantToken(token: string): MiddlewareHandler {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  const expected = digest(token);
  return async ({ req }, next) => {
    const given = (req.header("Authorization") ?? "").replace(/^Bearer +/i, "").trim();
    if (timingSafeEqual(digest(given), expected)) return next();
    throw new ApiError(401, "invalid_token", "This service wants its token in the Authorization header");
  };
}

function need({ req }: Context, name: string): string {
  const value = req.query(name);
  if (value) return value;
  throw new ApiError(400, "missing_parameter", `${req.path} wants ?${name}=...`, { param: name });
}
