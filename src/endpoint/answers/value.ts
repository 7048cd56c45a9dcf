/**
 * Reads what kind of thing an answer is: a number with its unit, a choice letter, a time, a number in another base,
 * a list, a tuple or interval, a set, a matrix, an equation, or just words.
 */
import { isBracketed, splitOutside } from "./braces.ts";
import { compact, maxCharacters, normalizeAnswer } from "./normalize.ts";
import { parseNumber, type Rational } from "./rational.ts";
import { type Formula, parseDifference, parseFormula } from "./symbolic.ts";
import { splitUnit } from "./units.ts";
import { parseNumberWords } from "./words.ts";

type Shape =
  | {
      kind: "scalar";
      /** Without unit and per cent sign. */
      body: string;
      number: Rational | null;
      formula: () => Formula | null;
      label: string | null;
      percent: boolean;
      words: boolean;
    }
  | { kind: "choice"; letter: string }
  | { kind: "time"; minutes: number; half: "am" | "pm" | null }
  | { kind: "based"; digits: string; base: number }
  | { kind: "list" | "set"; items: Answer[] }
  | { kind: "tuple"; open: string; close: string; items: Answer[] }
  | { kind: "union"; items: Answer[] }
  | { kind: "matrix"; rows: Answer[][] }
  | { kind: "named"; name: string; value: Answer; difference: () => Formula | null }
  | { kind: "equation"; difference: () => Formula | null }
  | { kind: "inequality"; sides: Answer[]; relations: string[] }
  | { kind: "text" };

/** A parsed answer; `text` is its compact normal form. Parse once where one answer meets many others. */
export type Answer = Shape & { source: string; text: string };

const maxItems = 200;

/** Never throws: what cannot be read is of kind `text`. */
export function parseAnswer(source: string): Answer {
  const normal = normalizeAnswer(source);
  return read(normal, source, normal.length > maxCharacters || source.length > maxCharacters ? 99 : 0);
}

function read(normal: string, source: string, depth: number): Answer {
  const text = compact(normal);
  const shape: Shape = depth > 20 ? { kind: "text" } : readShape(normal, depth);
  return { ...shape, source, text };
}

function readShape(normal: string, depth: number): Shape {
  const next = (part: string): Answer => read(part, part, depth + 1);
  return (
    readChoice(normal) ??
    readTime(normal) ??
    readBased(normal) ??
    readMatrix(normal, next) ??
    readScalarNumber(normal) ??
    readGroup(normal, next) ??
    readList(normal, next) ??
    readMembership(normal, depth) ??
    readUnion(normal, next) ??
    readInequality(normal, next) ??
    readEquation(normal, next) ??
    readPlusMinus(normal, next) ??
    readFormula(normal)
  );
}

function readChoice(normal: string): Shape | null {
  const match =
    /^(?:(?:option|choice) )?\( ?([A-Ja-j]) ?\)\.?(?: .*)?$/i.exec(normal) ??
    /^(?:(?:option|choice) )?([A-J])[.)]?$/.exec(normal) ??
    /^(?:option|choice) ([A-Ja-j])$/i.exec(normal);
  return match && { kind: "choice", letter: match[1]!.toUpperCase() };
}

function readTime(normal: string): Shape | null {
  const match = /^(\d{1,2}) ?: ?([0-5]\d)(?: ?([ap])\.? ?m\.?)?$/i.exec(normal);
  if (!match || Number(match[1]) > 24) return null;
  const half = match[3] ? (match[3].toLowerCase() === "a" ? "am" : "pm") : null;
  const hour = half ? (Number(match[1]) % 12) + (half === "pm" ? 12 : 0) : Number(match[1]);
  return { kind: "time", minutes: 60 * hour + Number(match[2]), half };
}

const baseNames: Record<string, number> = {
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  twelve: 12,
  sixteen: 16,
};

function readBased(normal: string): Shape | null {
  const match = /^([0-9][0-9A-Za-z]*|[0-9A-F]{2,}) ?(?:_\{ ?(?:base )?(\w+) ?\}|\(? ?(?:in )?base (\w+)\)?)$/.exec(
    normal,
  );
  if (!match) return null;
  const name = match[2] ?? match[3]!;
  const base = baseNames[name.toLowerCase()] ?? Number(name);
  const digits = match[1]!.toLowerCase().replace(/^0+(?=.)/, "");
  const valid = base >= 2 && base <= 36 && [...digits].every((digit) => Number.parseInt(digit, 36) < base);
  return valid ? { kind: "based", digits, base } : null;
}

function readMatrix(normal: string, next: (part: string) => Answer): Shape | null {
  const match = /^\\begin ?\{([pbvBV]?matrix|array)\}(?: ?\{[clr| ]*\})?(.*)\\end ?\{\1\}$/.exec(normal);
  if (!match) return null;
  const rows = match[2]!
    .split("\\\\")
    .map((row) => row.trim())
    .filter((row) => row !== "");
  const cells = rows.map((row) => row.split("&").map((cell) => next(cell.trim())));
  return cells.flat().length > maxItems ? null : { kind: "matrix", rows: cells };
}

function readScalarNumber(normal: string): Shape | null {
  const whole = parseNumber(normal);
  if (whole) return scalar(normal, whole);
  const { body, label, percent } = splitUnit(normal);
  const number = parseNumber(body) ?? parseNumberWords(body);
  return number && { ...scalar(body, number), label, percent, words: !/\d/.test(body) };
}

const scalar = (body: string, number: Rational | null): Shape & { kind: "scalar" } => {
  return {
    kind: "scalar",
    body,
    number,
    formula: once(() => parseFormula(body)),
    label: null,
    percent: false,
    words: false,
  };
};

/** (a, b), [a, b), {a, b}: whether the brackets mean a point or an interval makes no difference to equality. */
function readGroup(normal: string, next: (part: string) => Answer): Shape | null {
  const set = /^\\\{(.*)\\\}$/.exec(normal);
  if (set && isBracketed(`{${set[1]}}`)) return { kind: "set", items: splitItems(set[1]!, /[,;]/y).map(next) };
  if (!isBracketed(normal)) return null;
  const items = splitOutside(normal.slice(1, -1), /[,;]/y);
  if (items.length < 2 || items.length > maxItems) return null;
  if (normal[0] === "{") return { kind: "set", items: items.map(next) };
  return { kind: "tuple", open: normal[0]!, close: normal.at(-1)!, items: items.map(next) };
}

/** "1, -2", "1 and -2", "x = 1 or x = -2". */
function readList(normal: string, next: (part: string) => Answer): Shape | null {
  const items = splitItems(normal, /[,;] ?(?:and|or) |[,;]| (?:and|or) /y);
  if (items.length < 2 || items.length > maxItems || items.some((item) => item === "")) return null;
  return { kind: "list", items: items.map(next) };
}

/** Commas with a space behind them separate; then those without one may group thousands: "1,000, 2,000". */
function splitItems(text: string, separator: RegExp): string[] {
  const roughly = splitOutside(text, /[,;] (?:and |or )?| (?:and|or) /y);
  const grouped = /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/;
  return roughly.flatMap((piece) =>
    roughly.length > 1 && grouped.test(piece) ? [piece] : splitOutside(piece, separator),
  );
}

const readMembership = (normal: string, depth: number): Shape | null => {
  const match = /^[A-Za-z] ?\\in ?(?![a-z])(.+)$/.exec(normal);
  return match && readShape(match[1]!.trim(), depth + 1);
};

function readUnion(normal: string, next: (part: string) => Answer): Shape | null {
  const items = splitOutside(normal, /\\cup(?![A-Za-z])/y);
  return items.length < 2 || items.length > maxItems ? null : { kind: "union", items: items.map(next) };
}

const flipped: Record<string, string> = { "<": ">", ">": "<", "\\le": "\\ge", "\\ge": "\\le", "\\ne": "\\ne" };

/** x > 2 is 2 < x: chains are turned so that they rise. */
function readInequality(normal: string, next: (part: string) => Answer): Shape | null {
  const relation = /[<>]|\\(?:le|ge|ne)(?![A-Za-z])/y;
  const sides = splitOutside(normal, relation);
  if (sides.length < 2 || sides.length > 4) return null;
  const relations = [...normal.matchAll(/[<>]|\\(?:le|ge|ne)(?![A-Za-z])/g)].map(([sign]) => sign);
  if (relations.length !== sides.length - 1) return null;
  if (relations.every((sign) => sign === ">" || sign === "\\ge"))
    return {
      kind: "inequality",
      sides: sides.reverse().map(next),
      relations: relations.reverse().map((sign) => flipped[sign]!),
    };
  return { kind: "inequality", sides: sides.map(next), relations };
}

/** `x = 5`, `f(x) = ...`, `AB = 5` name a value; other equations are kept whole. */
function readEquation(normal: string, next: (part: string) => Answer): Shape | null {
  const sides = splitOutside(normal, /=/y);
  if (sides.length < 2 || sides.length > 6 || sides.includes("")) return null;
  const [left, right] = [sides[0]!, sides.at(-1)!];
  const difference = once(() => parseDifference(left, right));
  const isName =
    /^(?:\\(?:angle|triangle)(?![A-Za-z]) ?)?\\?[A-Za-z][A-Za-z]{0,15}(?:_\{\w+\})?'?(?: ?\([A-Za-z](?:, ?[A-Za-z])*\))?$/;
  if (isName.test(left) || (sides.length > 2 && left.length < 24))
    return { kind: "named", name: compact(left), value: next(right), difference };
  if (isName.test(right)) return { kind: "named", name: compact(right), value: next(left), difference };
  return { kind: "equation", difference };
}

/** 1 \pm \sqrt{19} stands for two values. */
function readPlusMinus(normal: string, next: (part: string) => Answer): Shape | null {
  if (!/\\pm(?![A-Za-z])/.test(normal)) return null;
  const choose = (plus: string, minus: string) =>
    next(
      normal
        .replace(/\\pm(?![A-Za-z])/g, plus)
        .replace(/\\mp(?![A-Za-z])/g, minus)
        .replace(/^ ?\+ ?/, "")
        .trim(),
    );
  return { kind: "list", items: [choose("+", "-"), choose("-", "+")] };
}

function readFormula(normal: string): Shape {
  const { body, label, percent } = splitUnit(normal);
  return { ...scalar(body, null), label, percent };
}

/** Computed when first asked for: most answers are told apart before a formula is needed. */
function once<T>(compute: () => T): () => T {
  let value: { done: T } | undefined;
  return () => {
    value ??= { done: compute() };
    return value.done;
  };
}
