/**
 * The form of an input in one short text, from which inputs are generated and validated, here and in Python
 * (validator.py). One line of the text per kind of line of the input:
 *   n:1..N                 a whole number, bounds included; bounds may use earlier names and the level's constants
 *   a[n]:0..V              n numbers on the line; flags: a[n]:0..V!distinct, !sorted, !permutation
 *   s:abc{1..N}            a word of 1 to N letters out of a, b, c
 *   q * l:1..n r:l..n      q such lines; a flag for all of them at the end: !tree (edges of a tree on 1..n)
 */
import type { Random } from "../../../core/random.ts";

type Bindings = Record<string, number>;

interface Item {
  name: string;
  /** How many on the line; undefined for a scalar, whose value later bounds may use. */
  count: string | undefined;
  low: string;
  high: string;
  /** Letters of a word; undefined for numbers. */
  letters: string | undefined;
  flag: string | undefined;
}

interface FormatLine {
  /** How many such lines; undefined for one. */
  count: string | undefined;
  items: Item[];
  flag: string | undefined;
}

export type Format = FormatLine[];

const itemPattern = /^(\w+)(?:\[([^\]]+)\])?:(?:(\S+?)\{([^}]+?)\.\.([^}]+)\}|([^!\s]+?)\.\.([^!\s]+))(?:!(\w+))?$/;

/** @throws Error for a text that is no format: a mistake in a family, not in data */
export function parseFormat(text: string): Format {
  return text
    .trim()
    .split("\n")
    .map((line) => {
      const [, count, rest] = /^\s*(?:(\S+) \* )?(.*)$/.exec(line)!;
      const words = rest!.trim().split(" ");
      const flag = words.at(-1)!.startsWith("!") ? words.pop()!.slice(1) : undefined;
      const items = words.map((word): Item => {
        const match = itemPattern.exec(word);
        if (!match) throw new Error(`format: "${word}" in "${line}"`);
        const [, name, itemCount, letters, shortest, longest, low, high, itemFlag] = match;
        return {
          name: name!,
          count: itemCount,
          low: (low ?? shortest)!,
          high: (high ?? longest)!,
          letters,
          flag: itemFlag,
        };
      });
      return { count, items, flag };
    });
}

/** Sums and products of numbers and names: `2*n-1`. */
export function evaluate(expression: string, bindings: Bindings): number {
  return expression.split(/(?<=[\w)])(?=[+-])/).reduce((total, term) => {
    const sign = term.startsWith("-") ? -1 : 1;
    const factors = term.replace(/^[+-]/, "").split("*");
    return total + factors.reduce((product, factor) => product * atom(factor, bindings), sign);
  }, 0);
}

function atom(word: string, bindings: Bindings): number {
  const value = /^[\d.]+(e\d+)?$/.test(word) ? Number(word) : bindings[word];
  if (value === undefined) throw new Error(`format: "${word}" has no value`);
  return value;
}

/** How large an input is, and what its values are like. */
export interface Shape {
  size: "least" | "small" | "most";
  values: "any" | "low" | "high" | "narrow" | "edges";
}

/** Names that say how much there is: counts, and bounds of others. */
function sizeNames(format: Format): Set<string> {
  const names = format.flatMap(({ count, items }) => [count, ...items.map((item) => item.count)]);
  return new Set(names.flatMap((name) => name?.match(/[a-z]\w*/g) ?? []));
}

/** An input of the form. The same random numbers give the same input. */
export function generateInput(format: Format, constants: Bindings, shape: Shape, random: Random): string {
  const bindings = { ...constants };
  const sizes = sizeNames(format);
  const draw = (item: Item): string => {
    const [low, high] = [evaluate(item.low, bindings), evaluate(item.high, bindings)];
    if (item.letters) return word(item.letters, drawSize(low, high, shape, random), shape, random);
    const value = sizes.has(item.name) ? drawSize(low, high, shape, random) : drawValue(low, high, shape, random);
    bindings[item.name] = value;
    return `${value}`;
  };
  const drawItem = (item: Item): string => {
    if (!item.count) return draw(item);
    const count = evaluate(item.count, bindings);
    return drawMany(item, count, bindings, shape, random).join(" ");
  };
  const lines = format.flatMap(({ count, items, flag }) => {
    if (flag === "tree") return treeEdges(evaluate(count!, bindings) + 1, shape, random);
    const rows = count ? evaluate(count, bindings) : 1;
    return Array.from({ length: rows }, () => items.map(drawItem).join(" "));
  });
  return `${lines.join("\n")}\n`;
}

function drawSize(low: number, high: number, { size }: Shape, random: Random): number {
  if (size === "least") return low;
  if (size === "most") return high;
  return random.int(Math.min(high, low + 1), Math.min(high, low + 5));
}

function drawValue(low: number, high: number, { values }: Shape, random: Random): number {
  switch (values) {
    case "low":
      return low;
    case "high":
      return high;
    case "narrow":
      return random.int(low, Math.min(high, low + 2));
    case "edges":
      return random.bool() ? low : high;
    default:
      return random.int(low, high);
  }
}

function drawMany(item: Item, count: number, bindings: Bindings, shape: Shape, random: Random): number[] {
  const [low, high] = [evaluate(item.low, bindings), evaluate(item.high, bindings)];
  if (item.flag === "permutation" || item.flag === "distinct") {
    // A window of the range that the values fit into, wherever the shape wants it.
    const span = item.flag === "permutation" || shape.values !== "any" ? count : Math.min(high - low + 1, 4 * count);
    const start =
      shape.values === "high" ? high - span + 1 : shape.values === "any" ? random.int(low, high - span + 1) : low;
    const values = random.shuffle(Array.from({ length: span }, (_, index) => start + index)).slice(0, count);
    if (shape.values === "low") values.sort((a, b) => a - b);
    if (shape.values === "high") values.sort((a, b) => b - a);
    return values;
  }
  const values = Array.from({ length: count }, () => drawValue(low, high, shape, random));
  return item.flag === "sorted" ? values.sort((a, b) => a - b) : values;
}

function word(letters: string, length: number, { values }: Shape, random: Random): string {
  const few = values === "low" ? 1 : values === "narrow" ? 2 : letters.length;
  const from = values === "high" ? letters.at(-1)! : letters.slice(0, few);
  return Array.from({ length }, () => random.choice([...from])).join("");
}

/** Stars, paths and random trees, with shuffled names. */
function treeEdges(count: number, { values }: Shape, random: Random): string[] {
  const names = random.shuffle(Array.from({ length: count }, (_, index) => index + 1));
  const parent = (node: number) => (values === "low" ? 0 : values === "high" ? node - 1 : random.int(0, node - 1));
  const edges = Array.from({ length: count - 1 }, (_, index) => [names[parent(index + 1)]!, names[index + 1]!]);
  return random.shuffle(edges).map(([u, v]) => (random.bool() ? `${u} ${v}` : `${v} ${u}`));
}

/**
 * @param pattern a regular expression that the whole input must match besides
 * @returns what breaks the form, as "line 2: ...", or undefined
 */
export function validateInput(
  format: Format,
  constants: Bindings,
  input: string,
  pattern?: string,
): string | undefined {
  if (pattern && !new RegExp(`^(?:${pattern})$`).test(input)) return "the input is not of the form required";
  if (!input.endsWith("\n")) return "the last line has no end";
  const lines = input.slice(0, -1).split("\n");
  const bindings = { ...constants };
  let at = 0;
  for (const { count, items, flag } of format) {
    const rows = count ? evaluate(count, bindings) : 1;
    const first = at;
    for (let row = 0; row < rows; row++, at++) {
      const fault = at < lines.length ? faultInLine(items, bindings, lines[at]!) : "is missing";
      if (fault) return `line ${at + 1}: ${fault}`;
    }
    if (flag === "tree" && !isTree(lines.slice(first, at), rows + 1))
      return `line ${first + 1}: the edges make no tree`;
  }
  return at < lines.length ? `line ${at + 1}: stands after the end` : undefined;
}

function faultInLine(items: Item[], bindings: Bindings, line: string): string | undefined {
  const words = line === "" ? [] : line.split(" ");
  let at = 0;
  for (const item of items) {
    const [low, high] = [evaluate(item.low, bindings), evaluate(item.high, bindings)];
    const count = item.count ? evaluate(item.count, bindings) : 1;
    const own = words.slice(at, at + count);
    if (own.length < count) return `${item.name}: ends early`;
    at += count;
    for (const found of own) {
      if (item.letters) {
        const isRight = [...found].every((letter) => item.letters!.includes(letter));
        if (!isRight || found.length < low || found.length > high) return `${item.name}: "${found}"`;
      } else if (!/^(0|-?[1-9]\d*)$/.test(found) || Number(found) < low || Number(found) > high) {
        return `${item.name}: ${found} is not a number from ${low} to ${high}`;
      }
    }
    if (!item.count) bindings[item.name] = Number(own[0]);
    if (/distinct|permutation/.test(item.flag ?? "") && new Set(own).size < count) return `${item.name}: repeats`;
    if (item.flag === "sorted" && own.some((value, index) => index > 0 && Number(value) < Number(own[index - 1]))) {
      return `${item.name}: is not in order`;
    }
  }
  return at < words.length ? "more words than expected" : undefined;
}

function isTree(edges: string[], count: number): boolean {
  const root = Array.from({ length: count + 1 }, (_, node) => node);
  const find = (node: number): number => {
    let top = node;
    while (root[top] !== top) {
      root[top] = root[root[top]!]!;
      top = root[top]!;
    }
    return top;
  };
  return edges.every((edge) => {
    const [a, b] = edge.split(" ").map((node) => find(Number(node))) as [number, number];
    root[a] = b;
    return a !== b;
  });
}
