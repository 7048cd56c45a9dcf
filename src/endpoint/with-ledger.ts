/**
 * An endpoint whose calls are accounted for. From the outside in: ledger, cache, budget, retries, places. So a replay
 * costs no budget, a call that waits to be tried again holds no place, and a line in the ledger follows the answer's
 * record in the cache.
 */
import { type Budget, withBudget } from "./budget.ts";
import { type CacheOptions, withCache } from "./cache/with-cache.ts";
import { createLimiter, type Limiter, withConcurrency } from "./concurrency.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Ledger } from "./ledger/ledger.ts";
import { recordCalls } from "./ledger/record-calls.ts";
import { type RetryOptions, withRetries } from "./retries.ts";

export interface LedgerOptions {
  ledger: Ledger;
  /** Default: no limits. */
  budget?: Budget;
  /** Default: no cache. */
  cache?: CacheOptions;
  retries?: RetryOptions;
  /** Calls at once, or a limiter shared with other endpoints of the same server; default 8. */
  concurrency?: number | Limiter;
}

export function withLedger(endpoint: Endpoint, options: LedgerOptions): Endpoint {
  const { ledger, budget, cache, retries, concurrency = 8 } = options;
  const limiter = typeof concurrency === "number" ? createLimiter(concurrency) : concurrency;
  let layered = withRetries(withConcurrency(endpoint, limiter), retries);
  if (budget) layered = withBudget(layered, budget);
  if (cache) layered = withCache(layered, cache);
  return recordCalls(layered, ledger);
}
