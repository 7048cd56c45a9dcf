/** What /metrics shows of certaindex, beside the counters that every server of ours has. */
export interface Counters {
  probesTotal: number;
  /** Failed, timed out, or without an answer. */
  probeFaultsTotal: number;
  probeTokensTotal: number;
  /** Read for probes: without a prefix cache, read again. */
  probePromptTokensTotal: number;
  probedRequestsTotal: number;
  passedRequestsTotal: number;
  stopsTotal: number;
  /** Net of the probes' own tokens; an estimate, against the mean chain that ended by itself. */
  savedTokensTotal: number;
  /** Requests for which probing was given up after failures in a row. */
  probingOffTotal: number;
  upstreamFaultsTotal: number;
  shadowRunsTotal: number;
  shadowDisagreementsTotal: number;
}

export function createCounters(): Counters {
  return {
    probesTotal: 0,
    probeFaultsTotal: 0,
    probeTokensTotal: 0,
    probePromptTokensTotal: 0,
    probedRequestsTotal: 0,
    passedRequestsTotal: 0,
    stopsTotal: 0,
    savedTokensTotal: 0,
    probingOffTotal: 0,
    upstreamFaultsTotal: 0,
    shadowRunsTotal: 0,
    shadowDisagreementsTotal: 0,
  };
}

/** How long chains are that end by themselves: what a stop is measured against. */
export interface Lengths {
  add(tokens: number): void;
  /** Tokens that a stop at `tokens` probably saved; null before any chain has ended by itself. */
  saved(tokens: number, probeTokens: number, maxTokens: number | undefined): number | null;
}

export function createLengths(): Lengths {
  let [count, mean] = [0, 0];
  return {
    add(tokens) {
      count++;
      mean += (tokens - mean) / count;
    },
    saved(tokens, probeTokens, maxTokens = Number.POSITIVE_INFINITY) {
      return count === 0 ? null : Math.round(Math.max(0, Math.min(mean, maxTokens) - tokens) - probeTokens);
    },
  };
}
