/**
 * What does a decision of the certaindex scheduler cost, by the number of requests that wait?
 * (100, 1,000 and 10,000 requests of programs of 20 branches; each order in turn, and one with three tenants)
 * Expected: tens of microseconds at 10,000 at most, growing with the logarithm; sorting anew, as the schedulers of
 * engines do, grows with the number itself.
 * Run: npm run bench -- scheduler
 */
import { Random } from "../src/core/random.ts";
import {
  createScheduler,
  type ScheduledRequest,
  type Scheduler,
  schedulerPolicies,
  type Ticket,
} from "../src/systems/certaindex/scheduler/scheduler.ts";
import { spread } from "./lib/paired.ts";
import type { Benchmark, Cell, Outcome } from "./lib/report.ts";

const branches = 20;
const promptTokens = 256;
const limitMicroseconds = 50;

export const benchmark: Benchmark = {
  name: "scheduler",
  question: "What does a decision of the certaindex scheduler cost, by the number of requests that wait?",
  async run({ quick, note }) {
    const outcome: Outcome = { tables: [], remarks: [], failures: [] };
    const counts = quick ? [100, 1000] : [100, 1000, 10_000];
    const rows: Cell[][] = [];
    const worst: Cell[][] = [];
    for (const policy of [...schedulerPolicies, "sjf, three tenants"] as const) {
      note(policy);
      const measured = counts.map((count) => measure(policy, count, quick ? 500 : 5000));
      rows.push([policy, ...measured.map(({ rounds }) => spread(rounds))]);
      worst.push([policy, ...measured.map(({ p99 }) => p99)]);
      const most = spread(measured.at(-1)!.rounds).median;
      if (!quick && most > limitMicroseconds)
        outcome.failures.push(`${policy}: ${most.toFixed(1)} µs a decision, more than ${limitMicroseconds}`);
    }
    const columns = ["order", ...counts.map((count) => `${count} waiting`)];
    outcome.tables.push(
      { title: "Microseconds a decision", columns, rows },
      { title: "The slowest of a hundred decisions, microseconds", columns, rows: worst },
    );
    outcome.remarks.push(
      "A decision is all that one served request asks of the scheduler: next, finished, the program's update, and the request that takes its place.",
      `Programs have ${branches} branches with a prompt of ${promptTokens} tokens, of which all share the first 32. Medians (min–max) of the medians of ten rounds.`,
    );
    return outcome;
  },
};

/** Keeps `count` requests waiting, and times each turn. */
function measure(policy: string, count: number, decisions: number): { rounds: number[]; p99: number } {
  const isShared = policy === "sjf, three tenants";
  const scheduler = createScheduler({
    policy: isShared ? "sjf" : (policy as (typeof schedulerPolicies)[number]),
    ...(isShared && { weights: { a: 1, b: 2, c: 3 } }),
  });
  const rng = new Random(`bench-scheduler/${policy}/${count}`);
  const requests = requestStream(rng);
  for (let i = 0; i < count; i++) scheduler.add(requests.next().value);
  const running: Ticket[] = [];
  const turn = (now: number) => decide(scheduler, requests, running, rng, now);
  for (let i = 0; i < 2000; i++) turn(i); // until the code is compiled
  const rounds: number[] = [];
  const times: number[] = [];
  for (let round = 0; round < 10; round++) {
    const own: number[] = [];
    for (let i = 0; i < decisions / 10; i++) {
      const began = performance.now();
      turn(2000 + round * decisions + i);
      own.push(1000 * (performance.now() - began));
    }
    rounds.push(spread(own).median); // a mean would be that of the machine's pauses
    times.push(...own);
  }
  return { rounds, p99: times.sort((a, b) => a - b)[Math.floor(0.99 * times.length)]! };
}

function decide(
  scheduler: Scheduler,
  requests: Iterator<ScheduledRequest, never>,
  running: Ticket[],
  rng: Random,
  now: number,
): void {
  running.push(scheduler.next(now)!);
  if (running.length > 40) {
    const ended = running.splice(rng.int(0, 39), 1)[0]!;
    scheduler.finished(ended, { tokens: rng.int(20, 200) }, now);
    scheduler.programUpdated(ended.request.program, { remainingUnits: rng.int(1, branches) });
  }
  scheduler.add(requests.next().value);
}

/** Requests of programs that come and go: some sixty-four of them ask in turn. */
function* requestStream(rng: Random): Generator<ScheduledRequest, never> {
  const system = Array.from({ length: 32 }, (_, token) => token);
  const open: { request: ScheduledRequest; left: number }[] = [];
  for (let number = 0; ; ) {
    while (open.length < 64) {
      const prompt = [...system, ...Array.from({ length: promptTokens - 32 }, () => rng.int(32, 32_000))];
      const tenant = "abc"[number % 3]!;
      // So far in the future that nobody is too old: ageing would make of every order a queue by arrival.
      const request = { program: `p${number++}`, arrivedAt: 1e9, promptTokens, prompt, estimatedTokens: 60, tenant };
      open.push({ request, left: branches });
    }
    const at = rng.int(0, open.length - 1);
    const chosen = open[at]!;
    if (--chosen.left === 0) open.splice(at, 1);
    yield chosen.request;
  }
}
