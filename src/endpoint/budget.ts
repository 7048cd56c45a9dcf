/**
 * Limits on what a run may spend. A call is refused before it is sent when it would probably pass a limit; one that
 * passes it all the same is kept, and the next is refused. What was paid for stays in the cache, so a run with a raised
 * limit goes on where it stopped.
 */
import { ConfigError, PolymathError } from "../core/errors.ts";
import { createAssembler, estimatePromptTokens, estimateUsage } from "./assemble.ts";
import type { Endpoint, Reply, StreamEvent, Usage } from "./endpoint.ts";
import { type Call, type LayerOptions, wrapEndpoint } from "./layer.ts";
import type { LedgerTotals } from "./ledger/ledger.ts";
import { costOf, findPrice, type PriceTable } from "./ledger/prices.ts";

export interface BudgetLimits {
  /** Prompt and completion together. */
  tokens?: number;
  /** In the price table's currency. */
  money?: number;
  /** Calls sent; a call tried again counts once. */
  calls?: number;
  /** Since the budget was made, milliseconds; calls under way are let finish. */
  wallMs?: number;
}

/** The next call would pass a limit; it was not sent. */
export class BudgetError extends PolymathError {
  constructor(message: string, details?: { hint?: string }) {
    super("BUDGET", message, details);
  }
}

export interface Budget {
  readonly spent: Readonly<Spent>;
  /** Sets the estimate aside; `settle` must follow. @throws BudgetError when it does not fit */
  reserve(call: Call, model: string): Reservation;
}

interface Spent {
  tokens: number;
  money: number;
  calls: number;
}

export interface Reservation {
  /** @param usages what was paid for: the answer, and failed attempts before it */
  settle(usages: readonly Usage[]): void;
}

/** Guess for an answer of unknown length until the first has come. */
const firstGuessTokens = 512;

/** @param before what earlier processes of the run spent; `ledger.totals` */
export function createBudget(
  limits: BudgetLimits,
  { prices = {}, before }: { prices?: PriceTable; before?: Readonly<LedgerTotals> } = {},
): Budget {
  const started = performance.now();
  const spent: Spent = {
    tokens: before ? before.promptTokens + before.completionTokens + before.lostTokens : 0,
    money: before?.money ?? 0,
    calls: before ? before.paidCount + before.failedCount : 0,
  };
  const reserved: Spent = { tokens: 0, money: 0, calls: 0 };
  const answers = { count: before?.paidCount ?? 0, tokens: before?.completionTokens ?? 0 };

  /** Answers are mostly as long as those before; `maxTokens` is far above that where people set it high to be safe. */
  const estimate = (call: Call): Usage => {
    const { maxTokens = Number.POSITIVE_INFINITY, n = 1 } = call.request;
    const usual = answers.count > 0 ? answers.tokens / answers.count : firstGuessTokens * n;
    const completionTokens = Math.ceil(Math.min(maxTokens * n, usual));
    return { promptTokens: estimatePromptTokens(call), completionTokens };
  };
  return {
    spent,
    reserve(call, model) {
      if (limits.money !== undefined && !findPrice(prices, model)) {
        throw new ConfigError(`A limit on money needs a price for "${model}"`, {
          hint: 'Give a price table: {"MODEL": {"input": ..., "output": ...}} per million tokens.',
        });
      }
      const expected = estimate(call);
      const share: Spent = { tokens: total(expected), money: costOf(expected, model, prices) ?? 0, calls: 1 };
      for (const name of ["tokens", "money", "calls"] as const) {
        const limit = limits[name];
        if (limit === undefined) continue;
        if (spent[name] + reserved[name] + share[name] > limit) {
          throw budgetError(name, limit, spent[name], reserved[name], share[name]);
        }
      }
      const passedMs = performance.now() - started;
      if (limits.wallMs !== undefined && passedMs >= limits.wallMs) {
        throw budgetError("wallMs", limits.wallMs, Math.round(passedMs), 0, 0);
      }
      add(reserved, share, 1);
      return {
        settle(usages) {
          add(reserved, share, -1);
          const money = usages.reduce((sum, usage) => sum + (costOf(usage, model, prices) ?? 0), 0);
          add(spent, { tokens: usages.reduce((sum, usage) => sum + total(usage), 0), money, calls: 1 }, 1);
          const answer = usages.at(-1);
          if (answer) {
            answers.count++;
            answers.tokens += answer.completionTokens;
          }
        },
      };
    },
  };
}

/** Inside the cache, so that replays cost nothing; outside the retries, so that a call is one call. */
export function withBudget(endpoint: Endpoint, budget: Budget): Endpoint {
  const reserve = (call: Call) => budget.reserve(call, call.request.model ?? endpoint.model);
  const lost = ({ trace }: LayerOptions) => trace?.lost ?? [];
  return wrapEndpoint(endpoint, {
    async reply(call, options, next): Promise<Reply> {
      const reservation = reserve(call);
      let paid: Usage[] = [];
      try {
        const reply = await next.reply(call, options);
        paid = [reply.usage];
        return reply;
      } finally {
        reservation.settle([...lost(options), ...paid]);
      }
    },
    async *stream(call, options, next): AsyncGenerator<StreamEvent> {
      const reservation = reserve(call);
      const received = createAssembler();
      let paid: Usage | undefined;
      try {
        for await (const event of next.stream(call, options)) {
          if (event.type === "delta") received.add(event);
          else paid = event.reply.usage;
          yield event;
        }
      } finally {
        const choices = received.choices();
        const failedAttempts = lost(options);
        // Left early: what came was paid for. After a fault the lost tokens hold it already.
        if (!paid && choices.length > 0 && failedAttempts.length === 0) paid = estimateUsage(call, choices);
        reservation.settle(paid ? [...failedAttempts, paid] : failedAttempts);
      }
    },
  });
}

function total({ promptTokens, completionTokens }: Usage): number {
  return promptTokens + completionTokens;
}

function add(to: Spent, share: Spent, sign: 1 | -1): void {
  to.tokens += sign * share.tokens;
  to.money += sign * share.money;
  to.calls += sign * share.calls;
}

function budgetError(
  name: keyof BudgetLimits,
  limit: number,
  spent: number,
  reserved: number,
  next: number,
): BudgetError {
  const round = (value: number) => Number(value.toPrecision(6));
  const unit = name === "wallMs" ? " ms of wall time" : name === "money" ? " of money" : ` ${name}`;
  const underway = reserved > 0 ? `, about ${round(reserved)} in calls under way` : "";
  const more = next > 0 ? ` and the next call needs about ${round(next)}` : "";
  return new BudgetError(`The budget is used up: ${round(spent)} of ${round(limit)}${unit} spent${underway}${more}`, {
    hint: `Raise the limit (${name}) and run again: what was paid for is in the cache and costs nothing.`,
  });
}
