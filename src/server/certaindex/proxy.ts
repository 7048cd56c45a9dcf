/**
 * The proxy: OpenAI's API in front of any reasoning model, which is stopped once its answer has settled. What nobody
 * wants probed goes through as it is. Source: arXiv 2412.20993, and the proxy published with it; ours reads the client's
 * own settings, ends the upstream's work on a stop and on a disconnect, and passes tools, errors and unknown fields on.
 */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Context } from "hono";
import { createLog, type Log } from "../../core/log.ts";
import type { Capabilities } from "../../endpoint/endpoint.ts";
import type { ChatTemplate } from "../../language/index.ts";
import { openTrace, type TraceWriter } from "../../systems/certaindex/index.ts";
import { clientGone, toApiError } from "../api-error.ts";
import { createGate } from "../gate.ts";
import { type HttpContext, type HttpOptions, type RunningServer, startHttp } from "../http.ts";
import { createMetrics } from "../metrics.ts";
import { readBody } from "../read-json.ts";
import { createRoutes } from "../routes.ts";
import { type BudgetLimits, createBudgets } from "./account.ts";
import { createCounters, createLengths } from "./counters.ts";
import { passThrough } from "./pass.ts";
import { checkPlanOptions, type PlanOptions, planRequest, type RequestKind } from "./plan.ts";
import { answerProbed } from "./probed.ts";
import { traceRequest } from "./request-trace.ts";
import { type Findings, testUpstream } from "./self-test.ts";
import { openUpstream, type RetryLimits } from "./upstream.ts";

export interface ProxyOptions
  extends HttpOptions,
    Pick<PlanOptions, "policies" | "fallback" | "base" | "thinkingIsOpen"> {
  /** Base URL of the model's server, mostly ending in /v1. */
  upstream: string;
  /** For the upstream; without it the clients' own key is sent on. Never logged. */
  upstreamKey?: string | undefined;
  /** Tested at the start, and named where a request names none; default the first that the upstream lists. */
  model?: string | undefined;
  template?: ChatTemplate | undefined;
  /** Known beforehand, of a server of ours; default: found out by the self-test. */
  capabilities?: Capabilities | undefined;
  /** Of the model's tokenizer, where it is at hand. */
  countTokens?: ((text: string) => number) | undefined;
  /** Requests served at once; default 256. */
  maxActive?: number;
  /** Requests that may wait; more are told to come back (429). Default 256. */
  maxQueue?: number;
  budgets?: BudgetLimits;
  retries?: RetryLimits;
  /** For one probe to answer; default 10 000. */
  probeTimeoutMs?: number;
  /** File to which events are appended. */
  trace?: string | undefined;
  /** Questions are written into it, too. Default false. */
  tracePrompts?: boolean;
}

export interface RunningProxy extends RunningServer {
  readonly findings: Findings;
}

/**
 * @throws ConfigError for settings of probes that cannot be; EndpointError when the upstream fails the self-test;
 *   UsageError when the address cannot be listened on
 */
export async function startProxy(
  options: ProxyOptions,
  signal: AbortSignal = new AbortController().signal,
): Promise<RunningProxy> {
  const { upstreamKey: apiKey, retries, model, template, log = createLog() } = options;
  checkPlanOptions(options);
  const { requestTimeoutMs = 3_600_000 } = options; // long chains of slow models take longer than other answers
  const upstream = openUpstream(options.upstream, { apiKey, ...(retries && { retries }) });
  let writer: TraceWriter | undefined;
  try {
    const findings = await testUpstream({
      upstream,
      apiKey,
      model,
      template,
      capabilities: options.capabilities,
      signal,
    });
    writer = options.trace === undefined ? undefined : openTrace(options.trace);
    const server = await startHttp({ ...options, requestTimeoutMs, log }, (http) =>
      createProxyApp(http, { ...options, log, findings, upstream, writer }),
    );
    const { close } = server;
    return Object.defineProperties({ findings } as RunningProxy, {
      ...Object.getOwnPropertyDescriptors(server),
      close: {
        value: async (how?: { graceMs?: number }) => {
          await close(how);
          upstream.close();
          writer?.close();
          writer = undefined;
        },
      },
    });
  } catch (error) {
    upstream.close();
    writer?.close();
    throw error;
  }
}

type AppOptions = Omit<ProxyOptions, "upstream"> & {
  log: Log;
  findings: Findings;
  upstream: ReturnType<typeof openUpstream>;
  writer: TraceWriter | undefined;
};

function createProxyApp(http: HttpContext, options: AppOptions) {
  const { findings, upstream, writer, maxActive = 256, maxQueue = 256, probeTimeoutMs = 10_000, log } = options;
  const counters = createCounters();
  const lengths = createLengths();
  const budgets = createBudgets(options.budgets ?? {});
  const gate = createGate({ maxActive, maxQueue });
  const metered = { id: findings.model, gate, endpoint: { metrics: () => ({ ...counters }) } };
  const metrics = createMetrics({ all: [metered] }, "certaindex");
  const planOptions: PlanOptions = { ...options, template: options.template, model: options.model };
  const began = performance.now();
  const runId = randomUUID().slice(0, 8); // a trace may hold several runs
  let requestCount = 0;

  async function answer(context: Context, kind: RequestKind): Promise<Response> {
    const plan = planRequest(kind, await readBody(context, http.maxBodyBytes), planOptions);
    const { incoming, outgoing } = nodeSides(context);
    const account = budgets.open(plan.program);
    const gone = new AbortController();
    const onClose = () => outgoing.writableFinished || gone.abort(clientGone());
    if (outgoing.destroyed) onClose();
    else outgoing.once("close", onClose);
    const call = http.calls.begin(gone.signal);
    const generation = metrics.begin(metered, plan.kind === "probe" && plan.isStream);
    let leave = () => {};
    let outcome = "done";
    try {
      leave = await gate.enter({ weight: 1, priority: 0, signal: call.signal });
      const headers = headersOf(incoming);
      if (plan.kind === "probe") {
        const { streamOptions } = findings;
        const name = `${plan.program ?? "request"}-${runId}-${++requestCount}`;
        const question = options.tracePrompts ? plan.prompt || JSON.stringify(plan.body.messages) : undefined;
        const now = () => (performance.now() - began) / 1000;
        const trace = writer && traceRequest({ writer, program: name, now, question });
        const wasOff = plan.shadow?.isOff === true;
        const request = { plan, name, headers: identity(headers), outgoing, call, generation, account, trace };
        const { countTokens } = options;
        const shared = { upstream, streamOptions, countTokens, probeTimeoutMs, counters, lengths, log };
        await answerProbed({ ...request, ...shared, shadow: plan.shadow });
        if (plan.shadow?.isOff && !wasOff)
          log.warn("policy-off", { policy: plan.policyName, ...plan.shadow.summary() });
      } else {
        counters.passedRequestsTotal++;
        const path = kind === "chat" ? "/chat/completions" : "/completions";
        const { bytes: body, offReason } = plan;
        const reply = await upstream.sendPatiently({ method: "POST", path, headers, body, signal: call.signal });
        const usage = await passThrough(reply, outgoing, {
          ...(offReason !== undefined && { headers: { "x-certaindex-off": headerText(offReason) } }),
          onPiece: () => generation.token(0),
        });
        if (usage) {
          generation.usage(usage);
          account.spend(usage.completionTokens);
        }
      }
      call.signal.throwIfAborted();
    } catch (error) {
      const reason = call.signal.aborted ? call.signal.reason : error;
      outcome = toApiError(reason).apiCode;
      if (!outgoing.headersSent && !outgoing.destroyed) throw reason;
      if (outcome !== clientGone().apiCode) log.warn("answer-broken", { path: context.req.path, error: reason });
    } finally {
      leave();
      generation.end(outcome);
      call.end();
    }
    return alreadySent(outgoing);
  }

  async function list(context: Context): Promise<Response> {
    const { incoming, outgoing } = nodeSides(context);
    const path = context.req.path.replace(/^\/v1/, "");
    const reply = await upstream.sendPatiently({
      method: "GET",
      path,
      headers: headersOf(incoming),
      signal: context.req.raw.signal,
    });
    await passThrough(reply, outgoing).catch((error) => log.warn("answer-broken", { path, error }));
    return alreadySent(outgoing);
  }

  const app = createRoutes({ ...http, metrics }, [
    ["GET", "/v1/models", list],
    ["GET", "/v1/models/:id{.+}", list],
    ["POST", "/v1/chat/completions", (context) => answer(context, "chat")],
    ["POST", "/v1/completions", (context) => answer(context, "completion")],
  ]);
  return { app, turnAway: () => gate.close() };

  /** The client's, without the key that it shows to us. */
  function headersOf({ headers }: IncomingMessage): IncomingMessage["headers"] {
    const { authorization, "content-length": _, ...rest } = headers;
    return http.apiKey === undefined && authorization !== undefined ? { ...rest, authorization } : rest;
  }
}

function nodeSides({ env }: Context): { incoming: IncomingMessage; outgoing: ServerResponse } {
  return env as { incoming: IncomingMessage; outgoing: ServerResponse };
}

/** Answers that we read must not come compressed. */
function identity(headers: IncomingMessage["headers"]): IncomingMessage["headers"] {
  return { ...headers, "accept-encoding": "identity" };
}

/** Headers are Latin-1 and one line. */
const headerText = (text: string) => text.replace(/[^\x20-\x7e]+/g, " ").slice(0, 500);

/** Tells the adapter that the answer has left by itself, and the metrics its status. */
function alreadySent({ headersSent, statusCode }: ServerResponse): Response {
  // The mark of @hono/node-server's RESPONSE_ALREADY_SENT, whose own status is always 200.
  return new Response(null, { status: headersSent ? statusCode : 499, headers: { "x-hono-already-sent": "true" } });
}
