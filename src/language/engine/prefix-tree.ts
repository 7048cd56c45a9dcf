/**
 * Prefixes that were read before: a tree whose nodes hold the keys and values of up to 16 tokens each, so that
 * branches of one prompt and requests with a common beginning read it once. Rows copy what they take; the tree is
 * therefore only a cache, and may forget its leaves at any time: those that no active program has used first, and of
 * either kind the least recently used.
 * Source: the radix cache of SGLang (Zheng et al. 2023, arXiv 2312.07104, section 3). Differs from it: rows hold
 * copies, because attention reads them twice as fast where they lie in one piece (docs/log.md).
 */

const nodeTokens = 16;

interface Node {
  readonly parent: Node | undefined;
  readonly tokens: readonly number[];
  /** What `KvRows.read` gave for them. */
  readonly block: Float32Array;
  /** By the first token of the child. */
  readonly children: Map<number, Node[]>;
  /** Logits of what follows, where a prompt ended: by the number of this node's tokens it took. */
  readonly logits: Map<number, Float32Array>;
  /** Who read it last. */
  program: string | undefined;
}

/** A piece of a prefix: the first `count` tokens of a block. */
export interface PrefixPiece {
  block: Float32Array;
  size: number;
  count: number;
}

export interface PrefixMatch {
  length: number;
  pieces: PrefixPiece[];
  /** What follows, when the tokens end where an earlier prompt did. */
  logits?: Float32Array;
}

export class PrefixTree {
  readonly #root: Node = {
    parent: undefined,
    tokens: [],
    block: new Float32Array(0),
    children: new Map(),
    logits: new Map(),
    program: undefined,
  };
  readonly #isActive: (program: string) => boolean;
  /** Least recently used first; a parent is always younger than its children. */
  readonly #ages = new Set<Node>();
  #bytes = 0;

  /** @param isActive whether a program has something under way, so that its prefixes are worth keeping */
  constructor(isActive: (program: string) => boolean = () => false) {
    this.#isActive = isActive;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The longest known beginning of `tokens`, for use now by a program. */
  match(tokens: readonly number[], program?: string): PrefixMatch {
    const { nodes, pieces, length } = this.#walk(tokens);
    this.#touch(nodes, program);
    const logits = length === tokens.length ? nodes.at(-1)?.logits.get(pieces.at(-1)!.count) : undefined;
    return { length, pieces, logits };
  }

  /** How long `match` would be; counts as no use. */
  matchLength(tokens: readonly number[]): number {
    return this.#walk(tokens).length;
  }

  /**
   * Remembers a prefix as far as there is room.
   * @param read gives the block of some of the tokens; called only for what is not known yet
   * @param logits what follows the last token
   * @param maxBytes of the whole tree; older prefixes make way
   * @param program whose prefix it is
   */
  insert(
    tokens: readonly number[],
    read: (start: number, count: number) => Float32Array,
    { logits, maxBytes, program }: { logits?: Float32Array; maxBytes: number; program?: string },
  ): void {
    const path: Node[] = [];
    let node = this.#root;
    for (let start = 0; start < tokens.length; start += nodeTokens) {
      const part = tokens.slice(start, start + nodeTokens);
      let child = node.children
        .get(part[0]!)
        ?.find((one) => isPrefix(part, one.tokens) && (part.length < nodeTokens || one.tokens.length === nodeTokens));
      if (!child) {
        const block = read(start, part.length);
        this.#touch(path, program); // before others make way, so that these stay
        if (!this.evictTo(maxBytes - block.byteLength, path.length)) return;
        child = { parent: node, tokens: part, block, children: new Map(), logits: new Map(), program };
        node.children.set(part[0]!, [...(node.children.get(part[0]!) ?? []), child]);
        this.#bytes += block.byteLength;
      }
      path.push(child);
      node = child;
    }
    this.#touch(path, program);
    const ended = tokens.length % nodeTokens || nodeTokens;
    if (!logits || node.logits.has(ended) || !this.evictTo(maxBytes - logits.byteLength, path.length)) return;
    node.logits.set(ended, logits.slice());
    this.#bytes += logits.byteLength;
  }

  /**
   * Forgets leaves until no more than `maxBytes` are held.
   * @param keep so many of the youngest nodes stay
   * @returns whether that was enough
   */
  evictTo(maxBytes: number, keep = 0): boolean {
    this.#evict(maxBytes, keep, ({ program }) => program === undefined || !this.#isActive(program));
    this.#evict(maxBytes, keep, () => true);
    return this.#bytes <= maxBytes;
  }

  #evict(maxBytes: number, keep: number, isFree: (node: Node) => boolean): void {
    let left = this.#ages.size;
    for (const node of this.#ages) {
      if (this.#bytes <= maxBytes || left-- <= keep) return;
      if (node.children.size > 0 || !isFree(node)) continue; // a child that stays keeps what it stands on
      this.#ages.delete(node);
      this.#bytes -= node.block.byteLength;
      for (const logits of node.logits.values()) this.#bytes -= logits.byteLength;
      const { children } = node.parent!;
      const others = children.get(node.tokens[0]!)!.filter((one) => one !== node);
      if (others.length > 0) children.set(node.tokens[0]!, others);
      else children.delete(node.tokens[0]!);
    }
  }

  #walk(tokens: readonly number[]): { nodes: Node[]; pieces: PrefixPiece[]; length: number } {
    const nodes: Node[] = [];
    const pieces: PrefixPiece[] = [];
    let length = 0;
    let node = this.#root;
    while (length < tokens.length) {
      let best: Node | undefined;
      let count = 0;
      for (const child of node.children.get(tokens[length]!) ?? []) {
        const common = commonLength(child.tokens, tokens, length);
        // Of equal ones the full node: only it has children.
        if (common > count || (common === count && child.tokens.length === common)) [best, count] = [child, common];
      }
      if (!best) break;
      nodes.push(best);
      pieces.push({ block: best.block, size: best.tokens.length, count });
      length += count;
      if (count < nodeTokens) break;
      node = best;
    }
    return { nodes, pieces, length };
  }

  #touch(path: readonly Node[], program: string | undefined): void {
    for (const node of path.toReversed()) {
      node.program = program ?? node.program;
      this.#ages.delete(node);
      this.#ages.add(node);
    }
  }
}

/** How many tokens from `start` on are those of `part`. */
function commonLength(part: readonly number[], tokens: readonly number[], start: number): number {
  let length = 0;
  while (length < part.length && part[length] === tokens[start + length]) length++;
  return length;
}

function isPrefix(part: readonly number[], whole: readonly number[]): boolean {
  return part.length <= whole.length && commonLength(part, whole, 0) === part.length;
}
