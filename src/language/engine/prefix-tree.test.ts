import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { PrefixTree } from "./prefix-tree.ts";

/** Stands for keys and values: each token is its own block of one number, 4 bytes. */
const blocksOf = (tokens: readonly number[]) => (start: number, count: number) =>
  Float32Array.from(tokens.slice(start, start + count));
const insert = (tree: PrefixTree, tokens: readonly number[], maxBytes = 1e6, logits?: Float32Array) =>
  tree.insert(tokens, blocksOf(tokens), { maxBytes, logits });
const found = (tree: PrefixTree, tokens: readonly number[]) =>
  tree.match(tokens).pieces.flatMap(({ block, count }) => [...block.subarray(0, count)]);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

suite("prefix tree", () => {
  test("finds the longest common beginning with anything that was kept", () => {
    const texts = fc.array(fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 1, maxLength: 50 }), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(texts, fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 50 }), (kept, asked) => {
        const tree = new PrefixTree();
        for (const tokens of kept) insert(tree, tokens);
        const lengths = kept.map((tokens) => tokens.findIndex((token, i) => token !== asked[i]));
        const longest = Math.max(0, ...lengths.map((length, i) => (length === -1 ? kept[i]!.length : length)));
        expect(tree.match(asked).length).toBe(longest);
        expect(found(tree, asked)).toEqual(asked.slice(0, longest));
      }),
    );
  });

  test("keeps what it has once, and reads only what is new", () => {
    const tree = new PrefixTree();
    insert(tree, range(0, 40));
    expect(tree.bytes).toBe(4 * 40);
    const read: number[] = [];
    const longer = range(0, 50);
    const readBlock = (start: number, count: number) => {
      read.push(start);
      return blocksOf(longer)(start, count);
    };
    tree.insert(longer, readBlock, { maxBytes: 1e6 });
    expect(read).toEqual([32, 48]);
  });

  test("knows what follows only where a prompt ended", () => {
    const tree = new PrefixTree();
    insert(tree, range(0, 20), 1e6, Float32Array.of(7));
    expect(tree.match(range(0, 20)).logits).toEqual(Float32Array.of(7));
    expect(tree.match(range(0, 19)).logits).toBeUndefined();
    insert(tree, range(0, 32), 1e6, Float32Array.of(8));
    expect(tree.match(range(0, 20)).logits).toEqual(Float32Array.of(7));
    expect(tree.match(range(0, 32)).logits).toEqual(Float32Array.of(8));
  });

  test("forgets what was used longest ago, leaves before what they stand on, and stays within its bytes", () => {
    const tree = new PrefixTree();
    const [a, b, c] = [range(0, 32), range(100, 132), range(200, 232)];
    for (const tokens of [a, b]) insert(tree, tokens, 4 * 80);
    tree.match(a);
    insert(tree, c, 4 * 80);
    expect([a, b, c].map((tokens) => tree.matchLength(tokens))).toEqual([32, 16, 32]);
    expect(tree.bytes).toBe(4 * 80);
    expect(tree.evictTo(4 * 20)).toBe(true);
    expect(tree.bytes).toBe(4 * 16);
    insert(tree, range(300, 400), 4 * 50); // as much of it as fits
    expect([tree.matchLength(range(300, 400)), tree.bytes]).toEqual([48, 4 * 48]);
    tree.evictTo(0);
    expect([tree.bytes, tree.matchLength(c)]).toEqual([0, 0]);
  });

  test("forgets what no active program has used before what one has, however old", () => {
    const active = new Set(["p"]);
    const tree = new PrefixTree((program) => active.has(program));
    const [mine, idle, nobodys] = [range(0, 32), range(100, 132), range(200, 232)];
    for (const [tokens, program] of [
      [mine, "p"],
      [idle, "q"],
      [nobodys, undefined],
    ] as const)
      tree.insert(tokens, blocksOf(tokens), { maxBytes: 1e6, program });
    const lengths = () => [mine, idle, nobodys].map((tokens) => tree.matchLength(tokens));
    tree.evictTo(4 * 80);
    expect(lengths()).toEqual([32, 16, 32]); // though that of p is the oldest
    tree.evictTo(4 * 32);
    expect(lengths()).toEqual([32, 0, 0]);
    tree.evictTo(4 * 16); // but it is only a preference
    expect(lengths()).toEqual([16, 0, 0]);
    active.clear();
    insert(tree, idle, 4 * 32);
    expect(lengths()).toEqual([0, 32, 0]);
  });

  test("keeps what an active program's prefix stands on, whoever read that last", () => {
    const tree = new PrefixTree((program) => program === "p");
    const [longer, shared, other] = [range(0, 32), range(0, 16), range(100, 116)];
    tree.insert(longer, blocksOf(longer), { maxBytes: 1e6, program: "p" });
    tree.match(shared, "q");
    tree.insert(other, blocksOf(other), { maxBytes: 4 * 48, program: "q" });
    tree.evictTo(4 * 32);
    expect([tree.matchLength(longer), tree.matchLength(other)]).toEqual([32, 0]);
  });
});
