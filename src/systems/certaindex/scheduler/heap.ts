/**
 * A binary heap whose items may change their place or leave: O(log n) for each change, the first at hand at once.
 * An item is in it at most once; the comparison may read state of the item, and `update` is told when that changed.
 */
export class IndexedHeap<Item> {
  readonly #items: Item[] = [];
  readonly #places = new Map<Item, number>();
  readonly #compare: (a: Item, b: Item) => number;

  /** @param compare negative when `a` comes first; a total order, or the result depends on the history */
  constructor(compare: (a: Item, b: Item) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  first(): Item | undefined {
    return this.#items[0];
  }

  /** Puts an item in, or to its new place. */
  update(item: Item): void {
    let place = this.#places.get(item);
    if (place === undefined) {
      place = this.#items.push(item) - 1;
      this.#places.set(item, place);
    }
    this.#sink(this.#rise(place));
  }

  /** @returns whether it was there */
  remove(item: Item): boolean {
    const place = this.#places.get(item);
    if (place === undefined) return false;
    this.#places.delete(item);
    const last = this.#items.pop()!;
    if (last === item) return true;
    this.#put(last, place);
    this.#sink(this.#rise(place));
    return true;
  }

  #put(item: Item, place: number): void {
    this.#items[place] = item;
    this.#places.set(item, place);
  }

  /** @returns where the item came to rest */
  #rise(from: number): number {
    const item = this.#items[from]!;
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#items[above]!;
      if (this.#compare(item, parent) >= 0) break;
      this.#put(parent, place);
      place = above;
    }
    if (place !== from) this.#put(item, place);
    return place;
  }

  #sink(from: number): void {
    const item = this.#items[from]!;
    let place = from;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= this.#items.length) break;
      const right = below + 1;
      if (right < this.#items.length && this.#compare(this.#items[right]!, this.#items[below]!) < 0) below = right;
      const child = this.#items[below]!;
      if (this.#compare(item, child) <= 0) break;
      this.#put(child, place);
      place = below;
    }
    if (place !== from) this.#put(item, place);
  }
}
