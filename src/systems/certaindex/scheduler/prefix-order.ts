/**
 * Longest prefix match: the request whose prompt is known furthest to the server's prefix cache goes first, equal ones
 * in the order they came. Source: Zheng et al. 2023, arXiv 2312.07104, section 3 (cache-aware scheduling of SGLang).
 *
 * SGLang matches every waiting request anew for each decision, and gives that up when more than 128 wait. Here one
 * tree holds the waiting prompts and a picture of the cache; a node that becomes cached takes all that hangs below it
 * along in one step. A decision costs O(prompt length + depth · log n), whatever the number of requests.
 */
import { IndexedHeap } from "./heap.ts";
import type { WaitingOrder } from "./orders.ts";
import { type Entry, EntryQueue, type ProgramState } from "./ticket.ts";

export interface PrefixOrderOptions {
  /** Tokens (or characters) that the picture of the cache holds at most; least recently used ends are forgotten. */
  capacity: number;
  /** What the real cache holds of a prompt, in the same unit; the picture is corrected by it when it matters. */
  cachedLength?(prompt: string | readonly number[]): number;
}

class Node {
  parent: Node | undefined;
  /** From the parent's end to its own. */
  label: Int32Array;
  /** Of its end. */
  readonly depth: number;
  readonly children = new Map<number, Node>();
  /** Whether the cache holds everything down to its end. Above a cached node all are cached. */
  isCached = false;
  /** Requests whose prompt ends here. */
  readonly ending = new EntryQueue();
  /** Children that are not cached and have a request at or below them: they match as far as this node. */
  readonly pending = new IndexedHeap<Node>((a, b) => a.best - b.best);
  /** The oldest request here or below in `pending`, by id. */
  best = Number.POSITIVE_INFINITY;

  constructor(parent: Node | undefined, label: Int32Array) {
    this.parent = parent;
    this.label = label;
    this.depth = (parent?.depth ?? 0) + label.length;
  }

  /** The request behind `best`. */
  oldest(): Entry | undefined {
    const [own, below] = [this.ending.head(), this.pending.first()];
    return below && below.best < (own?.id ?? Number.POSITIVE_INFINITY) ? below.oldest() : own;
  }
}

export function prefixOrder({ capacity, cachedLength }: PrefixOrderOptions): WaitingOrder {
  const root = new Node(undefined, new Int32Array(0));
  root.isCached = true;
  /** Cached nodes with a request that matches just as far. */
  const ready = new IndexedHeap<Node>((a, b) => b.depth - a.depth || a.best - b.best);
  /** Cached nodes, least recently used first; a parent is always younger than its children. */
  const ages = new Set<Node>();
  const homes = new Map<Entry, Node>();
  const prompts = new WeakMap<ProgramState, { prompt: unknown; ids: Int32Array }>();
  let size = 0;

  /** The branches of a program mostly have one prompt. */
  function idsOf({ request, owner }: Entry): Int32Array {
    const known = prompts.get(owner);
    if (known && known.prompt === request.prompt) return known.ids;
    const { prompt, promptTokens } = request;
    const ids =
      prompt === undefined
        ? new Int32Array(promptTokens).fill(-1 - owner.number)
        : Int32Array.from(prompt as ArrayLike<unknown>, (one) =>
            typeof one === "number" ? one : (one as string).codePointAt(0)!,
          );
    prompts.set(owner, { prompt, ids });
    return ids;
  }

  /** Tells the nodes above, up to the first cached one, what the oldest request below them is. */
  function refresh(from: Node): void {
    for (let node: Node | undefined = from; node; node = node.parent) {
      node.best = Math.min(
        node.ending.head()?.id ?? Number.POSITIVE_INFINITY,
        node.pending.first()?.best ?? Number.POSITIVE_INFINITY,
      );
      const place: IndexedHeap<Node> = node.isCached ? ready : node.parent!.pending;
      if (node.best < Number.POSITIVE_INFINITY) place.update(node);
      else place.remove(node);
      if (node.isCached) return;
    }
  }

  /** The node at the end of `ids`, made where there is none. */
  function nodeAt(ids: Int32Array): Node {
    let node = root;
    while (node.depth < ids.length) {
      const child = node.children.get(ids[node.depth]!);
      if (!child) {
        const end = new Node(node, ids.slice(node.depth));
        node.children.set(end.label[0]!, end);
        return end;
      }
      const common = commonLength(child.label, ids, node.depth);
      node = common === child.label.length ? child : split(child, common);
    }
    return node;
  }

  /** Cuts the edge to `node` after `length` ids. @returns the new node in between */
  function split(node: Node, length: number): Node {
    const parent = node.parent!;
    const between = new Node(parent, node.label.slice(0, length));
    parent.children.set(between.label[0]!, between);
    between.children.set(node.label[length]!, node);
    node.label = node.label.slice(length);
    node.parent = between;
    between.isCached = node.isCached;
    if (node.isCached) touch(pathTo(node));
    else if (parent.pending.remove(node)) {
      between.pending.update(node);
      refresh(between);
    }
    return between;
  }

  /** From a node up to below the root. */
  function pathTo(end: Node): Node[] {
    const path: Node[] = [];
    for (let node = end; node !== root; node = node.parent!) path.push(node);
    return path;
  }

  /** @param path from the end to the root */
  function touch(path: readonly Node[]): void {
    for (const node of path) {
      ages.delete(node);
      ages.add(node);
    }
  }

  /** The cache holds the first `length` ids. */
  function markCached(ids: Int32Array, length: number): void {
    const path = pathTo(nodeAt(length === ids.length ? ids : ids.slice(0, length)));
    for (const node of path.toReversed()) {
      if (node.isCached) continue;
      if (node.parent!.pending.remove(node)) refresh(node.parent!);
      node.isCached = true;
      size += node.label.length;
      refresh(node);
    }
    touch(path);
    for (const node of ages) {
      if (size <= capacity || path.includes(node)) break;
      forget(node);
    }
  }

  /** Of a cached node without cached children. */
  function forget(node: Node): void {
    ages.delete(node);
    size -= node.label.length;
    ready.remove(node);
    node.isCached = false;
    refresh(node);
    prune(node);
  }

  /** Takes away ends that are neither cached nor waited at. */
  function prune(from: Node): void {
    for (let node = from; node.parent && !node.isCached && node.children.size === 0; node = node.parent) {
      if (node.best < Number.POSITIVE_INFINITY) return;
      node.parent.children.delete(node.label[0]!);
    }
  }

  /** Takes back what the real cache no longer holds. @returns whether the picture was right */
  function verify(node: Node, entry: Entry): boolean {
    if (!cachedLength || entry.request.prompt === undefined) return true;
    const real = cachedLength(entry.request.prompt);
    if (real >= node.depth) return true;
    for (let stale = node; stale.depth > real; stale = stale.parent!) forgetBelow(stale);
    if (real > 0) markCached(idsOf(entry), real);
    return false;
  }

  function forgetBelow(node: Node): void {
    for (const child of [...node.children.values()]) if (child.isCached) forgetBelow(child);
    forget(node);
  }

  return {
    changed(entry) {
      if (entry.state !== "waiting") {
        const node = homes.get(entry);
        if (!node) return;
        homes.delete(entry);
        refresh(node);
        prune(node);
        return;
      }
      const ids = idsOf(entry);
      const { prompt } = entry.request;
      const real = cachedLength && prompt !== undefined ? Math.min(cachedLength(prompt), ids.length) : 0;
      if (real > 0) markCached(ids, real);
      const node = nodeAt(ids);
      node.ending.push(entry);
      homes.set(entry, node);
      refresh(node);
    },
    programChanged() {},
    issued(entry) {
      const ids = idsOf(entry);
      markCached(ids, ids.length);
    },
    first() {
      for (;;) {
        const node = ready.first();
        const entry = node?.oldest();
        if (!node || !entry || verify(node, entry)) return entry;
      }
    },
  };
}

function commonLength(label: Int32Array, ids: Int32Array, start: number): number {
  let length = 0;
  while (length < label.length && start + length < ids.length && label[length] === ids[start + length]) length++;
  return length;
}
