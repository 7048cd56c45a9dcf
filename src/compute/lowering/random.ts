/**
 * random_bits: Threefry-2x32 with 20 rounds, bit for bit what jax-js (and JAX) draw for the same key.
 * Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", section 3.3.
 * The counter of element i is (0, i); the result is one of the two words or both combined by exclusive or.
 */
import { elementCount, type Graph } from "./graph.ts";
import type { Rule, RuleTable } from "./rule.ts";
import { align, broadcastView, type View } from "./view.ts";

const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;
const PARITY = 0x1bd11bda;

const randomBits: Rule = (graph, { params, inputs, outputs: [output] }) => {
  const { shape, mode } = params as { shape: number[]; mode: "xor" | 0 | 1 };
  const keyRank = inputs[0]!.shape.length;
  const added = shape.map((_, axis) => axis).slice(keyRank);
  const keys = inputs.map((key) => broadcastView(key, shape, added));
  const aligned = align(graph, [...keys, counter(graph, shape, keyRank)], shape);
  const [k0, k1, count] = aligned.names as [string, string, string];
  const [x0, x1] = threefry(graph, k0, k1, count);
  const name = mode === "xor" ? graph.emit("BitwiseXor", [x0, x1]) : mode === 0 ? x0 : x1;
  return [aligned.view(name, output!.type)];
};

/** 0, 1, 2... over the axes behind the key's, the same for each key. */
function counter(graph: Graph, shape: readonly number[], keyRank: number): View {
  const drawn = shape.slice(keyRank);
  const size = elementCount(drawn);
  const long = (value: number) => graph.scalar("int64", value);
  const numbers = graph.cast(graph.emit("Range", [long(0), long(size), long(1)]), "int64", "uint32");
  const core = drawn.filter((dim) => dim !== 1);
  let next = 0;
  const axes = shape.map((dim, axis) => (axis < keyRank || dim === 1 ? -1 : next++));
  return { name: numbers, stored: [size], core, axes, shape, type: "uint32", scale: 1 };
}

function threefry(graph: Graph, k0: string, k1: string, count: string): [string, string] {
  const word = (value: number) => graph.scalar("uint32", value);
  const add = (a: string, b: string) => graph.emit("Add", [a, b]); // wraps at 2^32
  const xor = (a: string, b: string) => graph.emit("BitwiseXor", [a, b]);
  const shift = (a: string, by: number, direction: string) =>
    graph.emit("BitShift", [a, word(by)], { attributes: { direction } });
  const rotate = (a: string, by: number) => graph.emit("BitwiseOr", [shift(a, by, "LEFT"), shift(a, 32 - by, "RIGHT")]);

  const keys = [k0, k1, xor(xor(k0, k1), word(PARITY))];
  let x0 = keys[0]!; // the counter's first word is 0
  let x1 = add(count, keys[1]!);
  for (let group = 0; group < 5; group++) {
    for (const by of ROTATIONS[group % 2]!) {
      x0 = add(x0, x1);
      x1 = xor(rotate(x1, by), x0);
    }
    x0 = add(x0, keys[(group + 1) % 3]!);
    x1 = add(add(x1, keys[(group + 2) % 3]!), word(group + 1));
  }
  return [x0, x1];
}

export const randomness: RuleTable = { random_bits: randomBits };
