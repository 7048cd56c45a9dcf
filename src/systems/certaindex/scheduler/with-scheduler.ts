/**
 * The admission queue before an endpoint: so many sequences run at once, and which call is next says the scheduler.
 * Inside a remote server nothing can be put in order, so the order is made before it; where the server takes a
 * priority it gets the rank as well, and among the calls it has it keeps to our order.
 *
 * A call names its program in `extra.program` and says more about itself in `extra.schedule`; both stay here, except
 * that our own engine is told the program, for its statistics.
 */
import { z } from "zod";
import { UsageError } from "../../../core/errors.ts";
import { validate } from "../../../core/schema.ts";
import { estimatePromptTokens, estimateUsage } from "../../../endpoint/assemble.ts";
import { createAssembler, type Endpoint, type Reply, type StreamEvent, TimeoutError } from "../../../endpoint/index.ts";
import { type Call, wrapEndpoint } from "../../../endpoint/layer.ts";
import type { Scheduler, Ticket } from "./scheduler.ts";

/** What `extra.schedule` may say. */
export const CallSchedule = z.strictObject({
  /** Seconds after the program's first call. */
  deadline: z.number().positive().optional(),
  tenant: z.string().optional(),
  /** Default `maxTokens` of the call, else 512. */
  estimatedTokens: z.number().positive().optional(),
  /** Units of the program's knob; default n. */
  units: z.number().positive().optional(),
});
export type CallSchedule = z.output<typeof CallSchedule>;

export interface ScheduledOptions {
  /** Sequences (choices) that the endpoint works on at once; a call for more goes alone. */
  maxInFlight: number;
  /** Pass the rank on as `priority`. Default: where the endpoint's capabilities say that it works. */
  priority?: boolean;
  /** Seconds; default since this queue was made. */
  now?: () => number;
}

export interface ScheduledEndpoint extends Endpoint {
  readonly scheduler: Scheduler;
  readonly inFlightCount: number;
  /** For a program runtime: tells the scheduler what is still to come of a program, and its end. */
  readonly observer: {
    updated(program: string, state: { remainingUnits: number }): void;
    ended(program: string): void;
  };
}

interface Waiter {
  width: number;
  start(rank: number): void;
  fail(error: unknown): void;
}

/** A place in the endpoint. `leave` must follow. */
interface Place {
  rank: number;
  leave(tokens: number): void;
}

export function withScheduler(endpoint: Endpoint, scheduler: Scheduler, options: ScheduledOptions): ScheduledEndpoint {
  const begun = performance.now();
  const { maxInFlight, now = () => (performance.now() - begun) / 1000 } = options;
  if (!(maxInFlight >= 1)) throw new UsageError(`maxInFlight: expected a number from 1, got ${maxInFlight}`);
  const waiters = new Map<Ticket, Waiter>();
  const isOurs = /^(local|embedded):/.test(endpoint.url);
  /** Chosen, but wider than what is free: nobody passes it. */
  let held: Ticket | undefined;
  let inFlightCount = 0;
  let rank = 0;
  let anonymousCount = 0;
  let takesPriority: Promise<boolean> | undefined;

  function pump(): void {
    while (inFlightCount < maxInFlight) {
      held ??= scheduler.next(now()); // not before there is a place: a better one may come until then
      if (!held) return;
      const { width, start } = waiters.get(held)!;
      if (inFlightCount > 0 && inFlightCount + width > maxInFlight) return;
      waiters.delete(held);
      held = undefined;
      inFlightCount += width;
      start(rank++);
    }
  }

  function enter(call: Call, signal: AbortSignal | undefined): Promise<Place> {
    signal?.throwIfAborted();
    const { request, isAnonymous } = describe(call, now(), () => `call-${anonymousCount++}`);
    const width = call.request.n ?? 1;
    const { promise, resolve, reject } = Promise.withResolvers<Place>();
    const ticket = scheduler.add(request, ({ state }) => {
      if (state !== "shed") return;
      waiters.get(ticket)!.fail(new TimeoutError(`The deadline of "${request.program}" passed while it waited`));
    });
    const giveUp = () => {
      // Whoever was chosen already has begun for the scheduler: it ends without a token.
      if (ticket.state === "running") scheduler.finished(ticket, { tokens: 0 }, now());
      else scheduler.remove(ticket);
      if (held === ticket) held = undefined;
      waiters.get(ticket)!.fail(signal!.reason);
      pump();
    };
    const settle = () => {
      waiters.delete(ticket);
      signal?.removeEventListener("abort", giveUp);
      if (isAnonymous) scheduler.programEnded(request.program, now());
    };
    waiters.set(ticket, {
      width,
      start(own) {
        signal?.removeEventListener("abort", giveUp);
        resolve({
          rank: own,
          leave(tokens) {
            inFlightCount -= width;
            scheduler.finished(ticket, { tokens }, now());
            if (isAnonymous) scheduler.programEnded(request.program, now());
            pump();
          },
        });
      },
      fail(error) {
        settle();
        reject(error);
      },
    });
    signal?.addEventListener("abort", giveUp, { once: true });
    pump();
    return promise;
  }

  /** The call as it goes on to the endpoint. */
  async function prepare(call: Call, rank: number): Promise<Call> {
    takesPriority ??= options.priority !== undefined ? Promise.resolve(options.priority) : findPriority(endpoint);
    const { program, schedule: _, ...rest } = call.request.extra ?? {};
    const extra = { ...rest, ...(isOurs && program !== undefined && { program }) };
    const changed = { extra, ...((await takesPriority) && call.request.priority === undefined && { priority: rank }) };
    return { ...call, request: { ...call.request, ...changed } } as Call;
  }

  return {
    ...wrapEndpoint(endpoint, {
      async reply(call, layer, next) {
        const place = await enter(call, layer.signal);
        let reply: Reply | undefined;
        try {
          reply = await next.reply(await prepare(call, place.rank), layer);
          return reply;
        } finally {
          place.leave(reply?.usage.completionTokens ?? 0);
        }
      },
      async *stream(call, layer, next): AsyncGenerator<StreamEvent> {
        const place = await enter(call, layer.signal);
        const received = createAssembler();
        let tokens: number | undefined;
        try {
          for await (const event of next.stream(await prepare(call, place.rank), layer)) {
            if (event.type === "reply") tokens = event.reply.usage.completionTokens;
            else received.add(event);
            yield event;
          }
        } finally {
          place.leave(tokens ?? estimateUsage(call, received.choices()).completionTokens);
        }
      },
    }),
    scheduler,
    get inFlightCount() {
      return inFlightCount;
    },
    observer: {
      updated: (program, state) => scheduler.programUpdated(program, state),
      ended: (program) => scheduler.programEnded(program, now()),
    },
  };
}

async function findPriority(endpoint: Endpoint): Promise<boolean> {
  const { priority } = await endpoint.capabilities({ only: ["priority"] });
  return priority?.status === "works";
}

function describe(call: Call, arrivedAt: number, newName: () => string) {
  const { extra = {}, maxTokens = 512, n = 1 } = call.request;
  const checked = validate(CallSchedule, extra.schedule ?? {});
  if ("problem" in checked) {
    const { message, hint } = checked.problem;
    throw new UsageError(`extra.schedule: ${message}`, { hint });
  }
  const { estimatedTokens = maxTokens * n, units = n, ...rest } = checked.value;
  const isAnonymous = typeof extra.program !== "string";
  return {
    isAnonymous,
    request: {
      program: isAnonymous ? newName() : String(extra.program),
      arrivedAt,
      prompt: promptOf(call),
      promptTokens: estimatePromptTokens(call),
      estimatedTokens,
      units,
      ...rest,
    },
  };
}

/** The text that prompts of calls share the beginning of; a chat's template is the server's, but the same for all. */
function promptOf({ kind, request }: Call): string {
  if (kind === "completion") return request.prompt;
  const texts = request.messages.map(
    ({ role, content }) => `${role}: ${typeof content === "string" ? content : JSON.stringify(content)}`,
  );
  return [...texts, request.prefill ?? ""].join("\n");
}
