/**
 * The operations that problems are made of: the word of the statement, what it does to a list, and the Python for it.
 * Lists keep the name `a` from line to line. An empty list has the sum, maximum, minimum, first and last element 0.
 */
import { INNER, LINE, LIST } from "./vocabulary.ts";

/** What an operation does: drops elements, changes each, rearranges the list, or ends in a number. */
export type Kind = "keep" | "map" | "view" | "answer";

export interface Operation {
  /** As in the statement; one that takes a digit ends in a blank. */
  word: string;
  kind: Kind;
  /** Digits it takes; absent for none. */
  digits?: readonly [low: number, high: number];
  apply(list: readonly number[], digit: number): number[];
  /** Tokens of its line or lines; the last operation's print the answer. */
  python(digit: string): string[];
}

type Written = Omit<Operation, "kind">;
/** Python's remainder: never negative. */
const rest = (x: number, k: number) => ((x % k) + k) % k;
const eachOf = (...tokens: string[]) => ["a=", "[", ...tokens, "]"];
const keepIf = (...test: string[]) => eachOf("x", " for x in a", " if ", "x", ...test);
const change = (...value: string[]) => eachOf(...value, " for x in a");
const show = (...value: string[]) => ["print(", ...value, ")"];
/** A loop that collects `b`; `before` and `each` are lines of their own. */
const collect = (before: string[], each: string[][]) => [
  ...["b=[]", LINE, ...before, "for x in a:"],
  ...each.flatMap((line) => [INNER, ...line]),
  ...[LINE, "a=b"],
];
const any = [0, 9] as const;
const positive = [1, 9] as const;
const divisor = [2, 9] as const;

const keeps: Written[] = [
  { word: "even", apply: (list) => list.filter((x) => rest(x, 2) === 0), python: () => keepIf("%", "2", "==", "0") },
  { word: "odd", apply: (list) => list.filter((x) => rest(x, 2) === 1), python: () => keepIf("%", "2", "==", "1") },
  { word: "above ", digits: any, apply: (list, k) => list.filter((x) => x > k), python: (k) => keepIf(">", k) },
  { word: "below ", digits: any, apply: (list, k) => list.filter((x) => x < k), python: (k) => keepIf("<", k) },
  { word: "not ", digits: any, apply: (list, k) => list.filter((x) => x !== k), python: (k) => keepIf("!=", k) },
  {
    word: "multiple ",
    digits: divisor,
    apply: (list, k) => list.filter((x) => rest(x, k) === 0),
    python: (k) => keepIf("%", k, "==", "0"),
  },
];

const maps: Written[] = [
  { word: "plus ", digits: positive, apply: (list, k) => list.map((x) => x + k), python: (k) => change("x", "+", k) },
  { word: "minus ", digits: positive, apply: (list, k) => list.map((x) => x - k), python: (k) => change("x", "-", k) },
  { word: "times ", digits: divisor, apply: (list, k) => list.map((x) => x * k), python: (k) => change("x", "*", k) },
  { word: "square", apply: (list) => list.map((x) => x * x), python: () => change("x", "*", "x") },
  { word: "negated", apply: (list) => list.map((x) => 0 - x), python: () => change("-", "x") },
  { word: "size", apply: (list) => list.map(Math.abs), python: () => change("abs(", "x", ")") },
  {
    word: "rest ",
    digits: divisor,
    apply: (list, k) => list.map((x) => rest(x, k)),
    python: (k) => change("x", "%", k),
  },
];

const views: Written[] = [
  { word: "sorted", apply: (list) => list.toSorted((x, y) => x - y), python: () => ["a=", "sorted(", LIST, ")"] },
  {
    word: "distinct",
    apply: (list) => [...new Set(list)].sort((x, y) => x - y),
    python: () => ["a=", "sorted(", "set(", LIST, ")", ")"],
  },
  { word: "reversed", apply: (list) => list.toReversed(), python: () => ["a=", LIST, "[::-1]"] },
  {
    word: "alternate",
    apply: (list) => list.filter((_, index) => index % 2 === 0),
    python: () => ["a=", LIST, "[::2]"],
  },
  {
    word: "prefix",
    apply: (list) => list.map((_, index) => total(list.slice(0, index + 1))),
    python: () => collect(["s=0", LINE], [["s+=x"], ["b.append(", "s", ")"]]),
  },
  {
    word: "peaks",
    apply: (list) => list.map((_, index) => Math.max(...list.slice(0, index + 1))),
    python: () => collect([], [["b.append(", "max(", "b+[x]", ")", ")"]]),
  },
  {
    word: "steps",
    apply: (list) => list.slice(1).map((y, index) => y - list[index]!),
    python: () => eachOf("y-x for x,y in zip(a,a[1:])"),
  },
];

const greatest = (list: readonly number[]) => (list.length > 0 ? Math.max(...list) : 0);
const least = (list: readonly number[]) => (list.length > 0 ? Math.min(...list) : 0);
const total = (list: readonly number[]) => list.reduce((sum, x) => sum + x, 0);
const maximum = ["max(", LIST, ",default=0", ")"];
const minimum = ["min(", LIST, ",default=0", ")"];

const answers: Written[] = [
  { word: "sum", apply: (list) => [total(list)], python: () => show("sum(", LIST, ")") },
  { word: "max", apply: (list) => [greatest(list)], python: () => show(...maximum) },
  { word: "min", apply: (list) => [least(list)], python: () => show(...minimum) },
  { word: "count", apply: (list) => [list.length], python: () => show("len(", LIST, ")") },
  { word: "spread", apply: (list) => [greatest(list) - least(list)], python: () => show(...maximum, "-", ...minimum) },
  { word: "first", apply: (list) => [list[0] ?? 0], python: () => show("(", LIST, "+", "[0]", ")", "[0]") },
  { word: "last", apply: (list) => [list.at(-1) ?? 0], python: () => show("(", "[0]", "+", LIST, ")", "[-1]") },
  {
    word: "number ",
    digits: any,
    apply: (list, k) => [list.filter((x) => x === k).length],
    python: (k) => show("a.count(", k, ")"),
  },
  {
    word: "sum-rest ",
    digits: divisor,
    apply: (list, k) => [rest(total(list), k)],
    python: (k) => show("sum(", LIST, ")", "%", k),
  },
];

const ofKind = (kind: Kind, list: Written[]): Operation[] => list.map((operation) => ({ ...operation, kind }));

export const operationsByKind: Readonly<Record<Kind, readonly Operation[]>> = {
  keep: ofKind("keep", keeps),
  map: ofKind("map", maps),
  view: ofKind("view", views),
  answer: ofKind("answer", answers),
};
