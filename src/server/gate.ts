/**
 * Back-pressure before a model: so many sequences run at once, so many requests wait, and the rest hear at once when
 * to come back. Who waits is let in by priority (lower first), then by arrival.
 */
import { ApiError, shuttingDown } from "./api-error.ts";

export interface GateOptions {
  /** Sequences (choices of all prompts) generated at once. */
  maxActive: number;
  /** Requests that may wait for a place. */
  maxQueue: number;
}

export interface Entry {
  /** Sequences this request runs. */
  weight: number;
  priority: number;
  signal: AbortSignal;
}

export interface Gate {
  /** Sequences inside. */
  readonly activeCount: number;
  /** Requests waiting. */
  readonly waitingCount: number;
  /**
   * Resolves when there is room, with the function that gives it back.
   * @throws ApiError 429 at once when too many wait, 503 when closed; the signal's reason when aborted
   */
  enter(entry: Entry): Promise<() => void>;
  /** Turns away all who wait and all who come. */
  close(): void;
}

interface Waiter extends Entry {
  start(): void;
  fail(error: unknown): void;
}

export function createGate({ maxActive, maxQueue }: GateOptions): Gate {
  const waiters: Waiter[] = []; // in the order of their turn
  let activeCount = 0;
  let isClosed = false;
  let meanMs = 1000; // how long a request stays inside; a guess until the first has left

  // A request wider than the whole gate goes in alone.
  const hasRoom = (weight: number) => activeCount === 0 || activeCount + weight <= maxActive;

  const admit = (weight: number) => {
    const entered = performance.now();
    activeCount += weight;
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      activeCount -= weight;
      meanMs += 0.1 * (performance.now() - entered - meanMs);
      while (waiters[0] && hasRoom(waiters[0].weight)) waiters.shift()!.start();
    };
  };

  const full = () => {
    const waitS = ((waiters.length + 1) * meanMs) / maxActive / 1000;
    return new ApiError(429, "queue_full", `${waiters.length} requests are waiting already`, {
      retryAfterS: Math.min(60, Math.max(1, Math.ceil(waitS))),
      hint: "Retry after the time in Retry-After, or ask for less at once.",
    });
  };

  return {
    get activeCount() {
      return activeCount;
    },
    get waitingCount() {
      return waiters.length;
    },
    async enter(entry) {
      const { weight, priority, signal } = entry;
      if (isClosed) throw shuttingDown();
      signal.throwIfAborted();
      if (waiters.length === 0 && hasRoom(weight)) return admit(weight);
      if (waiters.length >= maxQueue) throw full();
      return new Promise((resolve, reject) => {
        const giveUp = () => {
          waiters.splice(waiters.indexOf(waiter), 1);
          reject(signal.reason);
        };
        const waiter: Waiter = {
          ...entry,
          start() {
            signal.removeEventListener("abort", giveUp);
            resolve(admit(weight));
          },
          fail(error) {
            signal.removeEventListener("abort", giveUp);
            reject(error);
          },
        };
        const place = waiters.findIndex((other) => other.priority > priority);
        waiters.splice(place === -1 ? waiters.length : place, 0, waiter);
        signal.addEventListener("abort", giveUp, { once: true });
      });
    },
    close() {
      isClosed = true;
      for (const waiter of waiters.splice(0)) waiter.fail(shuttingDown());
    },
  };
}
