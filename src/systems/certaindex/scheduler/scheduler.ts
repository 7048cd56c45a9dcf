/**
 * Which of the waiting requests goes next: one incremental structure for the virtual clock, before a remote endpoint
 * and before the embedded engine. It knows no clock and runs nothing: times are told to it, in seconds.
 * Source: Fu et al. 2024, arXiv 2412.20993, the inter-program scheduler (gang, approximate shortest job first,
 * starvation guard). Ours besides: weights of tenants, deadlines, a limit on the queue.
 *
 *   fcfs  by request, whichever program it is of
 *   lpm   longest prefix match, SGLang's order (prefix-order.ts)
 *   gang  programs with work under way or done first, by the program's arrival
 *   sjf   the program with the fewest tokens still to write first, as far as that can be told
 */
import { ConfigError } from "../../../core/errors.ts";
import { RateLimitError } from "../../../endpoint/errors.ts";
import { IndexedHeap } from "./heap.ts";
import { byGang, byRequest, type History, programOrder, shortestFirst, type WaitingOrder } from "./orders.ts";
import { type PrefixOrderOptions, prefixOrder } from "./prefix-order.ts";
import { type Entry, ProgramState, type ScheduledRequest, type Ticket, type TicketState } from "./ticket.ts";

export type { ScheduledRequest, Ticket, TicketState } from "./ticket.ts";

export const schedulerPolicies = ["fcfs", "lpm", "gang", "sjf"] as const;
export type SchedulerPolicy = (typeof schedulerPolicies)[number];

export interface SchedulerOptions {
  policy: SchedulerPolicy;
  /**
   * A program older than this goes before all others of its tenant, the oldest first. Default for `sjf` twice the
   * program's deadline, 60 s where it has none; for the others never, since none of them starves anybody for ever.
   */
  ageingSeconds?: number;
  /**
   * Shares of the tenants where more than one has something waiting, counted in tokens; who is not named has 1.
   * Without it tenants are not told apart.
   */
  weights?: Readonly<Record<string, number>>;
  /** Requests that may wait; one more is refused with the time to come back. Default: no limit. */
  maxWaiting?: number;
  /** Drop requests whose deadline has passed before they were served. Default false: they are served late. */
  shedLate?: boolean;
  /** For `lpm`: size of the prefix cache (default 1e6 tokens) and a look into the real one. */
  prefixes?: Partial<PrefixOrderOptions>;
}

export interface Scheduler {
  readonly policy: SchedulerPolicy;
  readonly waitingCount: number;
  readonly runningCount: number;
  /** Requests whose deadline passed while they waited. */
  readonly lateCount: number;
  /**
   * @param onLate called once when the deadline passes while the request waits, in `next`: then it is shed, if late
   *   ones are, and else goes on waiting
   * @throws RateLimitError when the queue is full; its `retryAfterMs` says when there will probably be room
   */
  add(request: ScheduledRequest, onLate?: (ticket: Ticket) => void): Ticket;
  /** The caller gave up; a running or finished ticket is left as it is. */
  remove(ticket: Ticket): void;
  /** The request to serve now; from then on it is running. Undefined when none waits. */
  next(now: number): Ticket | undefined;
  /** A running request has ended, well or not. @param result tokens written */
  finished(ticket: Ticket, result: { tokens: number }, now: number): void;
  /** What the program's policy says is still to come, in units of its knob; also before its first request. */
  programUpdated(program: string, change: { remainingUnits: number }): void;
  /** Nothing more comes of this program; what still waits of it is removed. */
  programEnded(program: string, now: number): void;
}

/** Who never says that a program has ended must not fill the memory. */
const mostIdlePrograms = 10_000;

interface Tenant {
  readonly name: string;
  readonly weight: number;
  readonly order: WaitingOrder;
  /** Programs with something waiting, by when they become too old. */
  readonly ageing: IndexedHeap<ProgramState>;
  waitingCount: number;
  /** Tokens served over weight: who has least goes first. */
  served: number;
}

/** @throws ConfigError for impossible options */
export function createScheduler(options: SchedulerOptions): Scheduler {
  checkOptions(options);
  const { policy, weights, maxWaiting = Number.POSITIVE_INFINITY, shedLate = false } = options;
  const history: History = { tokens: 0, estimated: 0 };
  const programs = new Map<string, ProgramState>();
  /** Of programs that have asked for nothing yet. */
  const announced = new Map<string, number>();
  /** Programs without any work, which may come back; longest at rest first. */
  const idle = new Set<ProgramState>();
  const tenants = new Map<string, Tenant>();
  const turns = new IndexedHeap<Tenant>((a, b) => a.served - b.served || (a.name < b.name ? -1 : 1));
  const deadlines = new IndexedHeap<Entry>((a, b) => deadlineOf(a) - deadlineOf(b) || a.id - b.id);
  /** What the tenant that was served last had been served before: who comes back begins here, and owns no past. */
  let level = 0;
  let [ticketCount, programCount, waitingCount, runningCount, lateCount, waitingTokens] = [0, 0, 0, 0, 0, 0];
  let [firstIssue, lastFinish] = [Number.NaN, Number.NaN];

  function createOrder(): WaitingOrder {
    if (policy === "lpm") return prefixOrder({ capacity: 1e6, ...options.prefixes });
    return policy === "sjf" ? shortestFirst(history) : programOrder(policy === "gang" ? byGang : byRequest);
  }

  function tenantOf({ tenant }: ProgramState): Tenant {
    const known = tenants.get(tenant);
    if (known) return known;
    const made: Tenant = {
      name: tenant,
      weight: weights?.[tenant] ?? 1,
      order: createOrder(),
      ageing: new IndexedHeap((a, b) => a.dueAt - b.dueAt || a.number - b.number),
      waitingCount: 0,
      served: level,
    };
    tenants.set(tenant, made);
    return made;
  }

  function programFor(request: ScheduledRequest): ProgramState {
    const known = programs.get(request.program);
    if (known) return known;
    const dueAt = request.arrivedAt + ageingLimit(options, request);
    const tenant = weights ? (request.tenant ?? "") : "";
    const made = new ProgramState(programCount++, request, { dueAt, tenant });
    made.remainingUnits = announced.get(request.program);
    announced.delete(request.program);
    programs.set(request.program, made);
    return made;
  }

  /** A ticket has begun to wait, or does so no longer. */
  function moved(entry: Entry, change: 1 | -1): void {
    const { owner } = entry;
    const tenant = tenantOf(owner);
    if (change === 1 && tenant.waitingCount === 0) tenant.served = Math.max(tenant.served, level);
    owner.waitingCount += change;
    tenant.waitingCount += change;
    waitingCount += change;
    waitingTokens += change * entry.request.estimatedTokens;
    if (change === -1) deadlines.remove(entry);
    else if (entry.request.deadline !== undefined) deadlines.update(entry);
    tenant.order.changed(entry);
    if (owner.waitingCount > 0 && owner.dueAt < Number.POSITIVE_INFINITY) tenant.ageing.update(owner);
    else tenant.ageing.remove(owner);
    if (tenant.waitingCount > 0) turns.update(tenant);
    else turns.remove(tenant);
  }

  function charge(tenant: Tenant, tokens: number): void {
    tenant.served += tokens / tenant.weight;
    if (tenant.waitingCount > 0) turns.update(tenant);
  }

  function leave(entry: Entry, state: TicketState): void {
    entry.state = state;
    moved(entry, -1);
  }

  function noteLate(now: number): void {
    for (let entry = deadlines.first(); entry && deadlineOf(entry) < now; entry = deadlines.first()) {
      lateCount++;
      if (shedLate) leave(entry, "shed");
      else deadlines.remove(entry);
      entry.onLate?.(entry);
    }
  }

  /** Seconds until the queue has probably moved on by a place, from what was served so far. */
  function secondsToRoom(): number {
    const tokensPerSecond = history.tokens / (lastFinish - firstIssue);
    const expected = waitingTokens / Math.max(1, waitingCount);
    const seconds = expected / tokensPerSecond;
    return Number.isFinite(seconds) ? Math.min(60, Math.max(1, seconds)) : 1;
  }

  /** Programs that ended are forgotten, and of those that only rest the ones that have rested longest. */
  function noteRest(program: ProgramState): void {
    if (program.runningCount + program.waitingCount > 0) return;
    if (program.hasEnded) programs.delete(program.name);
    else idle.add(program);
    if (idle.size <= mostIdlePrograms) return;
    const [oldest] = idle;
    idle.delete(oldest!);
    programs.delete(oldest!.name);
  }

  return {
    policy,
    get waitingCount() {
      return waitingCount;
    },
    get runningCount() {
      return runningCount;
    },
    get lateCount() {
      return lateCount;
    },
    add(request, onLate) {
      if (waitingCount >= maxWaiting) {
        throw new RateLimitError(`${waitingCount} requests are waiting already`, {
          status: 429,
          retryAfterMs: Math.ceil(1000 * secondsToRoom()),
          hint: "Come back after the time in Retry-After, or raise the limit of the queue.",
        });
      }
      const owner = programFor(request);
      const entry: Entry = { id: ticketCount++, request, state: "waiting", owner, onLate };
      idle.delete(owner);
      owner.waiting.push(entry);
      moved(entry, 1);
      return entry;
    },
    remove(ticket) {
      if (ticket.state !== "waiting") return;
      const entry = ticket as Entry;
      leave(entry, "removed");
      noteRest(entry.owner);
    },
    next(now) {
      noteLate(now);
      const tenant = turns.first();
      if (!tenant) return undefined;
      const oldest = tenant.ageing.first();
      const entry = oldest && oldest.dueAt <= now ? oldest.waiting.head()! : tenant.order.first()!;
      const { owner, request } = entry;
      level = tenant.served;
      owner.runningCount++;
      runningCount++;
      leave(entry, "running");
      charge(tenant, request.estimatedTokens);
      for (const { order } of tenants.values()) order.issued?.(entry);
      if (Number.isNaN(firstIssue)) firstIssue = now;
      return entry;
    },
    finished(ticket, { tokens }, now) {
      const entry = ticket as Entry;
      if (entry.state !== "running") return;
      const { owner, request } = entry;
      entry.state = "finished";
      owner.runningCount--;
      runningCount--;
      owner.finishedCount++;
      lastFinish = now;
      if (tokens > 0) {
        // What wrote nothing failed or was given up: it tells nothing about lengths.
        owner.units += request.units ?? 1;
        owner.tokens += tokens;
        history.tokens += tokens;
        history.estimated += request.estimatedTokens;
      }
      const tenant = tenantOf(owner);
      tenant.order.programChanged(owner);
      charge(tenant, tokens - request.estimatedTokens);
      noteRest(owner);
    },
    programUpdated(name, { remainingUnits }) {
      const program = programs.get(name);
      if (!program) announced.set(name, remainingUnits);
      else {
        program.remainingUnits = remainingUnits;
        tenantOf(program).order.programChanged(program);
      }
    },
    programEnded(name) {
      announced.delete(name);
      const program = programs.get(name);
      if (!program) return;
      program.hasEnded = true;
      idle.delete(program);
      for (let entry = program.waiting.head(); entry; entry = program.waiting.head()) leave(entry, "removed");
      noteRest(program);
    },
  };
}

function deadlineOf({ request: { arrivedAt, deadline = Number.POSITIVE_INFINITY } }: Entry): number {
  return arrivedAt + deadline;
}

/** Seconds after its arrival from which on a program goes first. */
function ageingLimit(
  { policy, ageingSeconds }: Pick<SchedulerOptions, "policy" | "ageingSeconds">,
  { deadline }: Pick<ScheduledRequest, "deadline">,
): number {
  if (ageingSeconds !== undefined) return ageingSeconds;
  if (policy !== "sjf") return Number.POSITIVE_INFINITY;
  return deadline === undefined ? 60 : 2 * deadline;
}

function checkOptions({ ageingSeconds = 1, weights = {}, maxWaiting = 1 }: SchedulerOptions): void {
  const refuse = (name: string, value: number) => {
    throw new ConfigError(`${name}: expected a number above 0, got ${value}`);
  };
  if (!(ageingSeconds > 0)) refuse("ageingSeconds", ageingSeconds);
  if (!(maxWaiting > 0)) refuse("maxWaiting", maxWaiting);
  for (const [tenant, weight] of Object.entries(weights))
    if (!(weight > 0 && Number.isFinite(weight))) refuse(`weights.${tenant}`, weight);
}
