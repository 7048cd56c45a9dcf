/** Events that are pushed in one place and iterated in another, once. */

export class EventQueue<T> implements AsyncIterable<T> {
  #events: T[] = [];
  #isClosed = false;
  #error: unknown;
  #wake: (() => void) | undefined;

  push(event: T): void {
    this.#events.push(event);
    this.#wake?.();
  }

  /** No more events; with an error, the iteration throws it after what was pushed. */
  close(error?: unknown): void {
    this.#isClosed = true;
    this.#error = error;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      const events = this.#events;
      this.#events = [];
      yield* events;
      if (this.#events.length > 0) continue;
      if (this.#isClosed) break;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#error !== undefined) throw this.#error;
  }
}
