/** Several streams as one. */

/** What each source yields with the source's number, as it comes; leaving early, or an error, leaves all sources. */
export async function* merge<T>(sources: readonly AsyncIterable<T>[]): AsyncGenerator<[source: number, item: T]> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  const pull = async (index: number) => ({ index, result: await iterators[index]!.next() });
  const pending = new Map(iterators.map((_, index) => [index, pull(index)]));
  try {
    while (pending.size > 0) {
      const { index, result } = await Promise.race(pending.values());
      if (result.done) pending.delete(index);
      else {
        pending.set(index, pull(index));
        yield [index, result.value];
      }
    }
  } finally {
    for (const next of pending.values()) next.catch(() => {}); // one error is enough
    await Promise.allSettled(iterators.map((iterator) => iterator.return?.()));
  }
}
