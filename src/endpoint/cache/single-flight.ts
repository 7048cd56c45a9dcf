/** One caller at a time per key, within this process and among all processes that share the folder. */
import { setTimeout as sleep } from "node:timers/promises";
import type { CacheStore } from "./store.ts";

const firstPollMs = 10;
const longestPollMs = 250;

export interface SingleFlight {
  /**
   * Waits for the turn; what the one before has found is in the store then.
   * @throws the signal's reason
   * @returns gives the turn to the next
   */
  enter(key: string, signal?: AbortSignal): Promise<() => void>;
}

export function createSingleFlight(store: CacheStore): SingleFlight {
  const turns = new Map<string, Promise<void>>();
  return {
    async enter(key, signal) {
      while (turns.has(key)) await orAbort(turns.get(key)!, signal);
      const turn = Promise.withResolvers<void>();
      turns.set(key, turn.promise);
      const endTurn = () => {
        turns.delete(key);
        turn.resolve();
      };
      try {
        const lock = await waitForLock(store, key, signal);
        return () => {
          lock.release();
          endTurn();
        };
      } catch (error) {
        endTurn();
        throw error;
      }
    },
  };
}

async function waitForLock(store: CacheStore, key: string, signal: AbortSignal | undefined) {
  for (let pollMs = firstPollMs; ; pollMs = Math.min(longestPollMs, pollMs * 2)) {
    signal?.throwIfAborted();
    const lock = store.tryLock(key);
    if (lock) return lock;
    await orAbort(sleep(pollMs), signal);
  }
}

async function orAbort(promise: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return void (await promise);
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const giveUp = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}
