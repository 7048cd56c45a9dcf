/**
 * The rows that are being read and written together: who has one, what is in memory, and one step of the model.
 * Rows that write stand first, those that still read their prompt behind them, so that a step takes neighbouring rows.
 * Memory is one budget for rows and kept prefixes; prefixes make way for rows, and at the end rows for each other.
 */
import { ConfigError } from "../../core/errors.ts";
import type { Branch } from "./branch.ts";
import { KvRows } from "./kv-rows.ts";
import { PrefixTree } from "./prefix-tree.ts";
import type { TokenRunner } from "./runner.ts";

/** Tokens of one prompt that are read in one go, and of all prompts between two steps of the rows that write. */
const [pieceTokens, promptTokensPerStep] = [64, 128];
/** Rows are added so many at a time where memory allows: each growth copies the cache. */
const rowStep = 4;
/** Slots a row is given beyond its tokens when it enters: room to grow before the arrays must. */
const headroom = 128;

export interface BatchCounters {
  asked: number;
  prefilled: number;
  reused: number;
  preempted: number;
  steps: number;
  stepRows: number;
  peakBytes: number;
}

export interface BatchOptions {
  runner: TokenRunner;
  budgetBytes: number;
  maxRows: number;
  /** Lets a branch draw from the logits of what follows it; must not throw. */
  draw(branch: Branch, logits: Float32Array): void;
  /** Which of two branches with a place should rather give it up: positive for the first. */
  compare(a: Branch, b: Branch): number;
  /** Takes back a branch that lost its place to memory. */
  preempt(branch: Branch): void;
  /** Whether a program has branches under way: its prefixes are kept longer. */
  isActive?(program: string): boolean;
}

export class Batch {
  /** Tokens that a single row can have: by the model, and by memory. */
  readonly contextLength: number;
  readonly counters: BatchCounters = {
    asked: 0,
    prefilled: 0,
    reused: 0,
    preempted: 0,
    steps: 0,
    stepRows: 0,
    peakBytes: 0,
  };
  readonly tree: PrefixTree;
  readonly #rows: Branch[] = [];
  /** The first so many rows write. */
  #writing = 0;
  readonly #cache: KvRows;
  readonly #options: BatchOptions;
  /** Counts calls of `prefill`, to let short prompts and the oldest one take turns. */
  #turn = 0;

  /** @throws ConfigError when not even a short row fits into the budget */
  constructor(options: BatchOptions) {
    const { runner, budgetBytes } = options;
    this.#options = options;
    this.tree = new PrefixTree(options.isActive);
    this.#cache = new KvRows(runner.layout);
    let longest = runner.maxPositions;
    while (longest > 1 && this.#bytesFor(1, longest) > budgetBytes) longest = Math.ceil(longest * 0.9) - 1;
    if (longest < Math.min(16, runner.maxPositions)) {
      throw new ConfigError(`memoryBytes: ${budgetBytes} does not hold ${Math.min(16, runner.maxPositions)} tokens`, {
        hint: `One token takes ${this.#cache.bytesOf(1, 1)} bytes of keys and values.`,
      });
    }
    this.contextLength = longest;
  }

  get rows(): readonly Branch[] {
    return this.#rows;
  }

  get reading(): readonly Branch[] {
    return this.#rows.slice(this.#writing);
  }

  get writingCount(): number {
    return this.#writing;
  }

  get rowBytes(): number {
    return this.#cache.bytes;
  }

  /**
   * Gives a branch a row, with what is known of its tokens in it.
   * @param expected branches that will ask next: memory for them is taken at once where it suffices
   * @returns false when there is no row or no memory for it now
   */
  enter(branch: Branch, expected: number): boolean {
    if (this.#rows.length >= this.#options.maxRows) return false;
    const grown = branch.ids.length + Math.min(headroom, branch.room - branch.generatedCount);
    const slots = Math.max(grown, ...this.#rows.map((row) => row.ids.length));
    if (!this.#reserve(this.#rows.length + 1, slots, expected)) return false;
    const row = this.#rows.push(branch) - 1;
    branch.isPlaced = true;
    // Tokens it wrote itself are read again one by one, as they were the first time: the last one always.
    const known = branch.generatedCount > 0 ? branch.ids.slice(0, -1) : branch.ids;
    const match = this.tree.match(known, branch.program);
    const isWhole = branch.generatedCount > 0 || match.logits !== undefined;
    branch.read = Math.min(match.length, isWhole ? match.length : branch.promptCount - 1);
    let start = 0;
    for (const { block, size, count } of match.pieces) {
      this.#cache.write(row, start, block, size, Math.min(count, branch.read - start));
      start += count;
    }
    this.counters.asked += branch.promptCount;
    this.counters.reused += Math.min(branch.read, branch.promptCount);
    if (branch.isReadingPrompt) return true;
    this.#startWriting(row);
    if (branch.generatedCount === 0) this.#options.draw(branch, match.logits!);
    return true;
  }

  /** Takes the rows of branches that have ended; what they read is kept as far as there is room. */
  sweep(): void {
    for (let row = this.#rows.length - 1; row >= 0; row--) if (this.#rows[row]!.completion) this.#leave(row);
    if (this.#rows.length === 0) this.#cache.resize(0, 0, []);
  }

  /** Keeps what a branch has read for others to begin with. */
  keep(branch: Branch, logits?: Float32Array): void {
    const row = this.#rows.indexOf(branch);
    if (row === -1) return;
    const maxBytes = this.#options.budgetBytes - this.#cache.bytes;
    const tokens = branch.ids.slice(0, branch.read);
    const { program } = branch;
    this.tree.insert(tokens, (start, count) => this.#cache.read(row, start, count), { logits, maxBytes, program });
    this.#notePeak();
  }

  /** Reads some more of the prompts. */
  async prefill(): Promise<void> {
    for (let left = promptTokensPerStep; left > 0 && this.#writing < this.#rows.length; ) {
      const { first, count, pieces } = this.#nextPieces(left);
      const branches = this.#rows.slice(first, first + count);
      const starts = branches.map((branch) => branch.read);
      const batch = { firstRow: first, starts, tokens: pieces, isPrompt: true };
      const logits = await this.#options.runner.extend(this.#cache, batch);
      for (const [i, branch] of branches.entries()) {
        const length = pieces[i]!.length;
        branch.read += length;
        left -= length;
        this.counters.prefilled += length;
        if (branch.isReadingPrompt) continue;
        this.keep(branch, logits[i]);
        this.#startWriting(this.#rows.indexOf(branch));
        if (branch.generatedCount === 0 && !branch.completion) this.#options.draw(branch, logits[i]!);
      }
    }
  }

  /** One more token for each row that writes. */
  async step(): Promise<void> {
    this.#grow();
    const branches = this.#rows.slice(0, this.#writing);
    if (branches.length === 0) return;
    this.counters.steps++;
    this.counters.stepRows += branches.length;
    const logits = await this.#options.runner.extend(this.#cache, {
      firstRow: 0,
      starts: branches.map((branch) => branch.read),
      tokens: branches.map((branch) => [branch.ids[branch.read]!]),
      isPrompt: false,
    });
    for (const [i, branch] of branches.entries()) {
      branch.read++;
      if (branch.read === branch.ids.length && !branch.completion) this.#options.draw(branch, logits[i]!);
    }
  }

  /**
   * Which prompts to go on with: many short ones that begin together, else the one with the least left, every other
   * time the oldest.
   */
  #nextPieces(mostTokens: number): { first: number; count: number; pieces: number[][] } {
    const first = this.#writing;
    let [count, width] = [0, 0];
    for (const branch of this.#rows.slice(first)) {
      width = Math.max(width, branch.promptCount);
      if (branch.read > 0 || width > pieceTokens || (count + 1) * width > Math.max(mostTokens, width)) break;
      count++;
    }
    if (count > 0)
      return {
        first,
        count,
        pieces: this.#rows.slice(first, first + count).map(({ ids, promptCount }) => ids.slice(0, promptCount)),
      };
    let row = first;
    const leftOf = (index: number) => this.#rows[index]!.promptCount - this.#rows[index]!.read;
    if (this.#turn++ % 2 === 0)
      for (let other = first; other < this.#rows.length; other++) if (leftOf(other) < leftOf(row)) row = other;
    const { ids, read, promptCount } = this.#rows[row]!;
    return { first: row, count: 1, pieces: [ids.slice(read, Math.min(promptCount, read + pieceTokens))] };
  }

  /** Makes room for the next token of every row; where memory does not suffice, rows leave. */
  #grow(): void {
    while (this.#rows.length > 0) {
      const longest = Math.max(...this.#rows.map(({ ids }) => ids.length));
      if (longest <= this.#cache.slots || this.#reserve(this.#rows.length, longest)) return;
      const branch = this.#rows.reduce((worst, row) => (this.#options.compare(row, worst) > 0 ? row : worst));
      this.#leave(this.#rows.indexOf(branch));
      branch.read = 0;
      this.counters.preempted++;
      this.#options.preempt(branch);
    }
  }

  /** Sees to it that the arrays hold so many rows of so many slots. */
  #reserve(rows: number, slots: number, expectedRows = 0): boolean {
    const { runner, budgetBytes, maxRows } = this.#options;
    const tight = runner.sizes(rows, slots);
    const wanted = Math.min(maxRows, Math.max(rowStep * Math.ceil(rows / rowStep), rows + expectedRows));
    const roomy = runner.sizes(Math.max(rows, wanted), slots);
    // Arrays only shrink when they are far too large: each change copies them.
    const loose = { rows: Math.max(roomy.rows, this.#cache.rows), slots: Math.max(roomy.slots, this.#cache.slots) };
    const bytes = (size: typeof tight) => this.#cache.bytesOf(size.rows, size.slots);
    const fitting = [loose, roomy].filter((size) => bytes(size) <= Math.min(budgetBytes, 4 * bytes(roomy)));
    const size = fitting[0] ?? tight;
    if (bytes(size) > budgetBytes) return false;
    this.tree.evictTo(budgetBytes - bytes(size));
    this.#cache.resize(
      size.rows,
      size.slots,
      this.#rows.map(({ read }) => read),
    );
    this.#notePeak();
    return true;
  }

  #bytesFor(rows: number, slots: number): number {
    const size = this.#options.runner.sizes(rows, slots);
    return this.#cache.bytesOf(size.rows, size.slots);
  }

  /** Moves a row that has read its prompt to those that write. */
  #startWriting(row: number): void {
    const place = this.#writing++;
    if (row === place) return;
    const [a, b] = [this.#rows[row]!, this.#rows[place]!];
    this.#cache.swapRows(row, place, Math.max(a.read, b.read));
    [this.#rows[row], this.#rows[place]] = [b, a];
  }

  #leave(row: number): void {
    const branch = this.#rows[row]!;
    this.keep(branch);
    branch.isPlaced = false;
    let hole = row;
    if (hole < this.#writing) hole = this.#moveInto(hole, --this.#writing);
    this.#moveInto(hole, this.#rows.length - 1);
    this.#rows.pop();
  }

  /** @returns the row that is free now */
  #moveInto(hole: number, last: number): number {
    if (hole === last) return last;
    this.#rows[hole] = this.#rows[last]!;
    this.#cache.copyRow(last, hole, this.#rows[hole].read);
    return last;
  }

  #notePeak(): void {
    this.counters.peakBytes = Math.max(this.counters.peakBytes, this.#cache.bytes + this.tree.bytes);
  }
}
