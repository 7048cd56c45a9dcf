/** Time for a simulation and for life: the same code runs on both. Seconds, from 0. */
import { IndexedHeap } from "./heap.ts";

export interface Clock {
  now(): number;
  /** Calls `run` once, `seconds` from now. @returns cancels it */
  after(seconds: number, run: () => void): () => void;
}

interface Event {
  at: number;
  order: number;
  run: () => void;
}

/** Time that passes only when `run` takes it from event to event; simultaneous ones come in the order they were set. */
export class VirtualClock implements Clock {
  readonly #events = new IndexedHeap<Event>((a, b) => a.at - b.at || a.order - b.order);
  #now = 0;
  #count = 0;

  now(): number {
    return this.#now;
  }

  after(seconds: number, run: () => void): () => void {
    const event = { at: this.#now + Math.max(0, seconds), order: this.#count++, run };
    this.#events.update(event);
    return () => this.#events.remove(event);
  }

  /** Until nothing is left to happen. */
  run(): void {
    for (let event = this.#events.first(); event; event = this.#events.first()) {
      this.#events.remove(event);
      this.#now = event.at;
      event.run();
    }
  }
}

/** The time of this machine, from 0 when it is made. */
export function realClock(): Clock {
  const begun = performance.now();
  return {
    now: () => (performance.now() - begun) / 1000,
    after(seconds, run) {
      const timer = setTimeout(run, Math.max(0, 1000 * seconds));
      return () => clearTimeout(timer);
    },
  };
}
