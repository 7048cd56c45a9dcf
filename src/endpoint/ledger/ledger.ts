/**
 * The account book of a run: one line per call in `ledger.jsonl`, append-only, written when the answer is safely in the
 * cache. A line that a crash cut short is dropped when the book is opened again; a call has one paid line, however often
 * it is replayed.
 */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { z } from "zod";
import { openJournal } from "../../core/journal.ts";
import { readJsonLines } from "../../core/jsonl.ts";
import type { Usage } from "../endpoint.ts";
import { costOf, type PriceTable } from "./prices.ts";

export type LedgerEntry = z.output<typeof LedgerEntry>;
export const LedgerEntry = z.object({
  /** When the line was written, ISO 8601 in UTC. */
  time: z.string(),
  /** Names the payment; lines of replays carry the id of the call that was paid for. */
  callId: z.string(),
  /** Of the request, as in the cache. */
  key: z.string(),
  /**
   * paid     an answer came
   * partial  the caller left before its end: tokens are estimates
   * replayed from the cache, nothing was paid
   * failed   no answer; tokens are what was probably paid for all the same
   */
  outcome: z.enum(["paid", "partial", "replayed", "failed"]),
  model: z.string(),
  promptTokens: z.number(),
  completionTokens: z.number(),
  cachedTokens: z.number().optional(),
  /** Some of the counts are estimates. */
  estimated: z.literal(true).optional(),
  /** Tokens of failed attempts before, which `promptTokens` and `completionTokens` do not hold. */
  lostTokens: z.number().optional(),
  /** In the price table's currency; null when the model has no price. */
  money: z.number().nullable(),
  latencyMs: z.number(),
  attemptCount: z.number(),
  /** Code of the error. */
  error: z.string().optional(),
  /** Paid by an earlier process of this run that was killed before it could write the line. */
  recovered: z.literal(true).optional(),
});

export interface LedgerTotals {
  /** Answers paid for, whole or in part. */
  paidCount: number;
  replayedCount: number;
  failedCount: number;
  /** Requests sent, failed attempts included. */
  requestCount: number;
  promptTokens: number;
  completionTokens: number;
  cachedTokens: number;
  /** Of failed attempts. */
  lostTokens: number;
  money: number;
  /** Paid calls of models without a price: `money` does not hold them. */
  unpricedCount: number;
  /** Sum over paid calls; they may have run side by side. */
  latencyMs: number;
}

type Draft = Omit<
  LedgerEntry,
  "time" | "money" | "promptTokens" | "completionTokens" | "cachedTokens" | "estimated" | "lostTokens"
>;

export interface Ledger {
  readonly totals: Readonly<LedgerTotals>;
  readonly prices: PriceTable;
  /** An id for a new call, by which this ledger knows it again. */
  newCallId(): string;
  /** Whether the call was begun under this ledger, by this process or an earlier one. */
  isOwn(callId: string): boolean;
  /** Whether it has a line as paid. */
  hasPaid(callId: string): boolean;
  /** Adds a line; it is in the file when the call returns. A call already paid for is not counted again. */
  add(entry: Draft, usage: Usage, lost?: readonly Usage[]): void;
  close(): void;
}

/** First line of the file: who it is, so that calls are known again after a move or a restart. */
const Header = z.object({ time: z.string(), ledger: z.string() });

/**
 * @param path mostly `run.path("ledger.jsonl")`; made when absent, gone on with when present
 * @throws DataError when a line in the middle of the file is damaged
 */
export async function openLedger(path: string, { prices = {} }: { prices?: PriceTable } = {}): Promise<Ledger> {
  const journal = openJournal(path); // drops a torn last line
  const totals = emptyTotals();
  const paid = new Set<string>();
  let id: string | undefined;
  const count = (entry: LedgerEntry) => {
    if (entry.outcome === "paid" || entry.outcome === "partial") paid.add(entry.callId);
    addToTotals(totals, entry);
  };
  for await (const line of existsSync(path) ? readJsonLines(path, z.union([Header, LedgerEntry])) : []) {
    if ("ledger" in line) id = line.ledger;
    else count(line);
  }
  if (id === undefined) {
    id = randomBytes(6).toString("hex");
    journal.append({ time: new Date().toISOString(), ledger: id });
  }
  return {
    totals,
    prices,
    newCallId: () => `${id}-${randomBytes(6).toString("hex")}`,
    isOwn: (callId) => callId.startsWith(`${id}-`),
    hasPaid: (callId) => paid.has(callId),
    add(draft, usage, lost = []) {
      const isPayment = draft.outcome === "paid" || draft.outcome === "partial";
      if (isPayment && paid.has(draft.callId)) return;
      const costs =
        draft.outcome === "replayed" ? [] : [usage, ...lost].map((part) => costOf(part, draft.model, prices));
      const money = costs.includes(undefined) ? null : costs.reduce<number>((sum, cost) => sum + cost!, 0);
      const lostTokens = lost.reduce((sum, part) => sum + part.promptTokens + part.completionTokens, 0);
      const { promptTokens, completionTokens, cachedTokens, estimated } = usage;
      const entry: LedgerEntry = {
        time: new Date().toISOString(),
        ...draft,
        promptTokens,
        completionTokens,
        cachedTokens,
        estimated,
        ...(lostTokens > 0 && { lostTokens }),
        money,
        latencyMs: Math.round(draft.latencyMs),
      };
      journal.append(entry);
      count(entry);
    },
    close: () => journal.close(),
  };
}

function emptyTotals(): LedgerTotals {
  return {
    paidCount: 0,
    replayedCount: 0,
    failedCount: 0,
    requestCount: 0,
    promptTokens: 0,
    completionTokens: 0,
    cachedTokens: 0,
    lostTokens: 0,
    money: 0,
    unpricedCount: 0,
    latencyMs: 0,
  };
}

function addToTotals(totals: LedgerTotals, entry: LedgerEntry): void {
  if (entry.outcome === "replayed") {
    totals.replayedCount++;
    return;
  }
  totals.requestCount += entry.attemptCount;
  totals.lostTokens += entry.lostTokens ?? 0;
  totals.money += entry.money ?? 0;
  if (entry.outcome === "failed") {
    totals.failedCount++;
    totals.lostTokens += entry.promptTokens + entry.completionTokens;
    return;
  }
  totals.paidCount++;
  totals.promptTokens += entry.promptTokens;
  totals.completionTokens += entry.completionTokens;
  totals.cachedTokens += entry.cachedTokens ?? 0;
  totals.latencyMs += entry.latencyMs;
  if (entry.money === null) totals.unpricedCount++;
}
