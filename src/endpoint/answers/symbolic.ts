/**
 * Whether two formulas are equal: exactly where they are rational, else at fixed random points.
 *
 * mathjs parses and evaluates (closures over a tree; never `eval`). Its own symbolic comparison is not used: on
 * fifteen contest-style pairs `symbolicEqual` proved 4 of the 13 that are equal. Evaluation decides all of them:
 * a rational function is compared with exact fractions at random integers (no tolerance; Schwartz-Zippel), anything
 * else with doubles at random real points. docs/answers.md has the comparison of libraries.
 */
import { createRequire } from "node:module";
import type { Complex, MathNode } from "mathjs";
import { Random } from "../../core/random.ts";
import { toInfix } from "./expression.ts";
import {
  add,
  bitCount,
  divide,
  equals,
  isZero,
  maxBits,
  multiply,
  negate,
  power,
  type Rational,
  rational,
  toNumber,
} from "./rational.ts";

/** Doubles agree when they differ by less than this share of the larger one ... */
export const relativeTolerance = 1e-9;
/** ... or by less than this: sin(pi) is 1.2e-16. */
const absoluteTolerance = 1e-12;
const maxNodes = 400;
const pointCount = 6;
const attempts = 24;

export type Formula = {
  variables: string[];
  hasImaginaryUnit: boolean;
  nodeCount: number;
  node: MathNode;
  evaluate: (scope: object) => unknown;
  constants: Rational[];
};

// One file of 650 kB, loaded only when two answers need it: plain numbers never do.
let library: typeof import("mathjs") | undefined;
const mathjs = () =>
  (library ??= createRequire(import.meta.url)("mathjs/lib/browser/math.js") as typeof import("mathjs"));

/** @returns null when `text` (normalised, without units) is no formula or too long a one */
export function parseFormula(text: string): Formula | null {
  const infix = toInfix(text);
  return infix && fromInfix(infix.source, infix.constants);
}

/** The formula `left - right`, for equations. */
export function parseDifference(left: string, right: string): Formula | null {
  return parseFormula(`(${left})-(${right})`);
}

function fromInfix(source: string, constants: Rational[]): Formula | null {
  let node: MathNode;
  try {
    node = mathjs().parse(source);
  } catch {
    return null; // an operator without its operand
  }
  const symbols = new Set<string>();
  let nodeCount = 0;
  node.traverse((part, path, parent) => {
    nodeCount++;
    if (part.type === "SymbolNode" && !(parent?.type === "FunctionNode" && path === "fn"))
      symbols.add((part as SymbolPart).name);
  });
  if (nodeCount > maxNodes) return null;
  const variables = [...symbols].filter((name) => !/^(?:n\d+|pi|e|i)$/.test(name));
  const code = node.compile();
  return {
    variables,
    hasImaginaryUnit: symbols.has("i"),
    nodeCount,
    node,
    evaluate: (scope) => code.evaluate(scope),
    constants,
  };
}

/** Equal as functions of their variables. With `tolerance`, constants may differ by that share of the larger one. */
export function formulasEqual(a: Formula, b: Formula, tolerance = 0): boolean {
  const values = sampleExactly(a, b);
  if (values?.every(([x, y]) => equals(x, y))) return true;
  const constant = a.variables.length === 0 && b.variables.length === 0;
  if (values && !(constant && tolerance > 0)) return false;
  const samples = sample(a, b);
  const limit = constant ? Math.max(relativeTolerance, tolerance) : relativeTolerance;
  return samples.length > 0 && samples.every(([x, y]) => close(x, y, limit));
}

/** Zero at the same points: the same equation, whatever both sides were multiplied by. */
export function formulasProportional(a: Formula, b: Formula): boolean {
  const exact = sampleExactly(a, b);
  if (exact) {
    const [x, y] = exact.find(([x, y]) => !isZero(x) || !isZero(y)) ?? [];
    if (!x || !y) return true;
    return !isZero(x) && !isZero(y) && exact.every(([p, q]) => equals(multiply(p, y), multiply(q, x)));
  }
  const samples = sample(a, b);
  const [x, y] = samples[0] ?? [];
  if (!x || !y || magnitude(x) < absoluteTolerance || magnitude(y) < absoluteTolerance) return false;
  return samples.every(([p, q]) => close(times(p, y), times(q, x), relativeTolerance));
}

/** Values of both at random integers, or null where one of them is not a rational function (or too large). */
function sampleExactly(a: Formula, b: Formula): [Rational, Rational][] | null {
  const variables = [...new Set([...a.variables, ...b.variables])].sort();
  const random = new Random("answers: exact points");
  const values: [Rational, Rational][] = [];
  for (let attempt = 0; attempt < attempts && values.length < (variables.length === 0 ? 1 : 3); attempt++) {
    const scope = new Map(variables.map((name) => [name, rational(BigInt(random.int(-9_999, 9_999)))]));
    const x = exactly(a.node, a.constants, scope);
    const y = exactly(b.node, b.constants, scope);
    if (x === "irrational" || y === "irrational") return null;
    if (x && y) values.push([x, y]);
  }
  return values.length > 0 ? values : null;
}

type SymbolPart = MathNode & { name: string };
type OperatorPart = MathNode & { fn: string; args: MathNode[] };
type Exact = Rational | "irrational" | null;

/** Null where the value is undefined at this point (division by zero). */
function exactly(node: MathNode, constants: Rational[], scope: Map<string, Rational>): Exact {
  if (node.type === "ParenthesisNode")
    return exactly((node as MathNode & { content: MathNode }).content, constants, scope);
  if (node.type === "SymbolNode") {
    const { name } = node as SymbolPart;
    return constants[Number(/^n(\d+)$/.exec(name)?.[1] ?? -1)] ?? scope.get(name) ?? "irrational";
  }
  if (node.type !== "OperatorNode") return "irrational";
  const { fn, args } = node as OperatorPart;
  const parts: Rational[] = [];
  for (const arg of args) {
    const part = exactly(arg, constants, scope);
    if (part === null || part === "irrational") return part;
    if (bitCount(part) > maxBits) return "irrational";
    parts.push(part);
  }
  const [a, b] = parts;
  if (fn === "unaryMinus") return negate(a!);
  if (fn === "unaryPlus") return a!;
  if (fn === "add") return add(a!, b!);
  if (fn === "subtract") return add(a!, negate(b!));
  if (fn === "multiply") return multiply(a!, b!);
  if (fn === "divide") return divide(a!, b!);
  if (fn === "pow" && b!.denominator === 1n)
    return isZero(a!) && b!.numerator < 0n ? null : (power(a!, b!.numerator) ?? "irrational");
  return "irrational";
}

/**
 * Values of both at random real points where both are finite. Where no imaginary unit is written the formulas are
 * real ones, so points outside their domain, such as ln(-1), do not count, unless there are no others.
 */
function sample(a: Formula, b: Formula): [Complex, Complex][] {
  const variables = [...new Set([...a.variables, ...b.variables])].sort();
  const random = new Random("answers: real points");
  const real: [Complex, Complex][] = [];
  const all: [Complex, Complex][] = [];
  const wanted = variables.length === 0 ? 1 : pointCount;
  for (let attempt = 0; attempt < (variables.length === 0 ? 1 : attempts) && real.length < wanted; attempt++) {
    const scope = Object.fromEntries(
      variables.map((name) => [name, (random.bool() ? 1 : -1) * (0.1 + 2.9 * random.next())]),
    );
    const x = valueAt(a, scope);
    const y = valueAt(b, scope);
    if (!x || !y) continue;
    all.push([x, y]);
    if (isReal(x) && isReal(y)) real.push([x, y]);
  }
  const imaginary = a.hasImaginaryUnit || b.hasImaginaryUnit;
  return imaginary || real.length === 0 ? all : real;
}

function valueAt(formula: Formula, point: Record<string, number>): Complex | null {
  const scope: Record<string, unknown> = { ...point, root, logBase, binomial };
  for (const [index, constant] of formula.constants.entries()) scope[`n${index}`] = toNumber(constant);
  let value: unknown;
  try {
    value = formula.evaluate(scope);
  } catch {
    return null; // a function outside its domain
  }
  if (typeof value === "number") return Number.isFinite(value) ? mathjs().complex(value, 0) : null;
  const { re, im } = (value ?? {}) as Partial<Complex>;
  return Number.isFinite(re) && Number.isFinite(im) ? mathjs().complex(re!, im!) : null;
}

/** The real root where there is one: the cube root of -8 is -2, not 1 + 1.7i. */
function root(radicand: number | Complex, order: number): unknown {
  if (typeof radicand === "number" && radicand < 0 && Number.isInteger(order) && order % 2 !== 0)
    return -((-radicand) ** (1 / order));
  return mathjs().pow(radicand, 1 / order);
}

const logBase = (value: number | Complex, base: number | Complex): unknown =>
  mathjs().divide(mathjs().log(value as number), mathjs().log(base as number));

// mathjs's own loops k times, whatever k is.
function binomial(n: number, k: number): number {
  if (!Number.isInteger(n) || !Number.isInteger(k) || k < 0 || k > n || n > 2_000) return Number.NaN;
  let value = 1;
  for (let index = 1; index <= Math.min(k, n - k); index++) value = (value * (n - Math.min(k, n - k) + index)) / index;
  return value;
}

const magnitude = ({ re, im }: Complex): number => Math.hypot(re, im);
const isReal = (value: Complex): boolean => Math.abs(value.im) <= relativeTolerance * magnitude(value);
const times = (a: Complex, b: Complex): Complex => mathjs().multiply(a, b) as Complex;
const close = (a: Complex, b: Complex, limit: number): boolean =>
  Math.hypot(a.re - b.re, a.im - b.im) <= Math.max(absoluteTolerance, limit * Math.max(magnitude(a), magnitude(b)));
