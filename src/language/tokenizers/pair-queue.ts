/**
 * Counts of neighbouring tokens, and the most frequent pair at hand at any time. Counts change with every merge, so
 * the heap is lazy: an entry whose count is out of date is put back with the right one when it comes to the top.
 */

interface Entry {
  left: number;
  right: number;
  count: number;
}

/** Ids stay far below this, and a pair's key below 2^53. */
const ID_LIMIT = 2 ** 26;

export class PairQueue {
  readonly #counts = new Map<number, number>();
  /** Words that may hold a pair; cleared when the pair is taken. */
  readonly #words = new Map<number, Set<number>>();
  readonly #heap: Entry[] = [];

  /** Pairs met since the last look at the heap: their counts may still grow, so they enter it only then. */
  readonly #waiting: number[] = [];
  /** The pair taken last. It is being merged away everywhere, so counts of its overlaps ("aaa") are void. */
  #takenKey = -1;

  /** Adds `count`, which may be negative, to the occurrences of a pair, here in `word`. */
  add(left: number, right: number, count: number, word: number): void {
    const key = left * ID_LIMIT + right;
    if (key === this.#takenKey) return;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
    if (count <= 0) return;
    const words = this.#words.get(key);
    if (words) {
      words.add(word);
      return;
    }
    this.#words.set(key, new Set([word]));
    this.#waiting.push(key);
  }

  /** Removes and returns the most frequent pair, of equals the one with the smaller ids; undefined when none is left. */
  takeMostFrequent(): { pair: [number, number]; words: Iterable<number> } | undefined {
    for (const key of this.#waiting.splice(0)) this.#push(key);
    for (;;) {
      const top = this.#pop();
      if (!top) return undefined;
      const key = top.left * ID_LIMIT + top.right;
      const count = this.#counts.get(key)!;
      if (count <= 0) {
        this.#words.delete(key);
        continue;
      }
      if (count !== top.count) {
        this.#push(key);
        continue;
      }
      const words = this.#words.get(key)!;
      this.#words.delete(key);
      this.#counts.delete(key);
      this.#takenKey = key;
      return { pair: [top.left, top.right], words };
    }
  }

  #push(key: number): void {
    const entry = { left: Math.floor(key / ID_LIMIT), right: key % ID_LIMIT, count: this.#counts.get(key)! };
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): Entry | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (!last || heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.count - b.count > 0 || (a.count === b.count && (a.left - b.left || a.right - b.right) < 0);
}
