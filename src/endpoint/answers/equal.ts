/**
 * Whether two answers say the same. Rules only: a judge that is itself a model is built on top (`AnswerChecker`).
 *
 * What is equal, and what is not, where people differ:
 * - `50%` is 0.5, and also the bare number 50 (the question said "what per cent"); the numbers 50 and 0.5 differ.
 * - A unit or currency may be left out on one side; where both have one it must be the same one.
 * - Numbers are exact: 0.333 is not 1/3, unless `tolerance` allows it.
 * - (1,2) is ordered, {1,2} is not, and neither is the bare list 1, 2 unless `lists` is "ordered".
 * - Brackets must match: (3,4] is not [3,4]. A column vector equals the tuple of its entries.
 * - x = 5 is 5, but not y = 5. Equations may differ by a constant factor.
 * - 52_8 is neither 52 nor 42, since the question asked for a base.
 */
import { equals, multiply, type Rational, rational, toNumber } from "./rational.ts";
import { type Formula, formulasEqual, formulasProportional, parseFormula } from "./symbolic.ts";
import { type Answer, parseAnswer } from "./value.ts";

export type EqualOptions = {
  /** "either" (default): `50%` equals 0.5 and 50. "value": only 0.5. */
  percent?: "either" | "value";
  /** Whether `1, 2` equals `2, 1`. Default "unordered". */
  lists?: "unordered" | "ordered";
  /** Share of the larger number by which two numbers may differ. Default 0: exactly. */
  tolerance?: number;
};

/** The rule that decided. `limit`: the comparison needed more work than one call may do; counted as different. */
export type EqualHow =
  | "exact"
  | "spelling"
  | "number"
  | "percent"
  | "unit"
  | "words"
  | "expression"
  | "choice"
  | "time"
  | "base"
  | "list"
  | "set"
  | "tuple"
  | "union"
  | "matrix"
  | "equation"
  | "inequality"
  | "text"
  | "kind"
  | "limit";

export type Equality = { equal: boolean; how: EqualHow };

/** Comparisons of parts, and nodes of formulas, within one call; work is counted, not timed, so every machine gives the same verdict. */
const maxWork = 4_000;

/**
 * @param a the first answer as text; the order of the two does not matter
 * @param b the second answer
 * @returns `equal`, and `how`: the rule that decided. Never throws, on any input
 */
export const answersEqual = (a: string, b: string, options: EqualOptions = {}): Equality =>
  compareAnswers(parseAnswer(a), parseAnswer(b), options);

/** `answersEqual` on parsed answers: for clustering, where each answer meets many others. */
export function compareAnswers(a: Answer, b: Answer, options: EqualOptions = {}): Equality {
  if (a.source.trim() === b.source.trim()) return { equal: true, how: "exact" };
  return new Comparison(options).compare(a, b);
}

class Comparison {
  readonly #percent: "either" | "value";
  readonly #lists: "unordered" | "ordered";
  readonly #tolerance: number;
  #left = maxWork;

  constructor({ percent = "either", lists = "unordered", tolerance = 0 }: EqualOptions) {
    this.#percent = percent;
    this.#lists = lists;
    this.#tolerance = tolerance;
  }

  compare(a: Answer, b: Answer): Equality {
    if (this.#left-- <= 0) return { equal: false, how: "limit" };
    if (a.text === b.text && a.text !== "") return { equal: true, how: "spelling" };
    if (a.kind === "named" || b.kind === "named") return this.#compareNamed(a, b);
    if (a.kind === "matrix" && b.kind === "tuple") return this.#compareColumn(a, b);
    if (a.kind === "tuple" && b.kind === "matrix") return this.#compareColumn(b, a);
    if ((a.kind === "set" && b.kind === "list") || (a.kind === "list" && b.kind === "set"))
      return this.#inAnyOrder(a.items, b.items, "set");
    switch (a.kind) {
      case "scalar":
        if (b.kind === "scalar") return this.#compareScalars(a, b);
        break;
      case "choice":
        if (b.kind === "choice") return { equal: a.letter === b.letter, how: "choice" };
        break;
      case "time":
        if (b.kind === "time") return { equal: sameTime(a, b), how: "time" };
        break;
      case "based":
        if (b.kind === "based") return { equal: a.base === b.base && a.digits === b.digits, how: "base" };
        break;
      case "list":
        if (b.kind === "list")
          return this.#lists === "ordered"
            ? this.#inOrder(a.items, b.items, "list")
            : this.#inAnyOrder(a.items, b.items, "list");
        break;
      case "set":
      case "union":
        if (b.kind === a.kind) return this.#inAnyOrder(a.items, b.items, a.kind);
        break;
      case "tuple":
        if (b.kind === "tuple")
          return a.open === b.open && a.close === b.close
            ? this.#inOrder(a.items, b.items, "tuple")
            : { equal: false, how: "tuple" };
        break;
      case "matrix":
        if (b.kind === "matrix") return this.#compareMatrices(a.rows, b.rows);
        break;
      case "inequality":
        if (b.kind === "inequality")
          return a.relations.join() === b.relations.join()
            ? this.#inOrder(a.sides, b.sides, "inequality")
            : { equal: false, how: "inequality" };
        break;
      case "equation":
        if (b.kind === "equation") return this.#compareEquations(a, b);
        break;
    }
    const equal = sameWords(a.text, b.text);
    return { equal, how: equal ? "text" : "kind" };
  }

  #compareScalars(a: Answer & { kind: "scalar" }, b: Answer & { kind: "scalar" }): Equality {
    if (a.label !== null && b.label !== null && a.label !== b.label) return { equal: false, how: "unit" };
    const how: EqualHow =
      a.percent || b.percent ? "percent" : a.label !== b.label ? "unit" : a.words !== b.words ? "words" : "number";
    if (a.number && b.number) {
      const [x, y] = [a.number, b.number];
      if (a.percent === b.percent) return { equal: this.#near(x, y), how };
      const asValue = this.#near(a.percent ? hundredth(x) : x, b.percent ? hundredth(y) : y);
      return { equal: asValue || (this.#percent === "either" && this.#near(x, y)), how };
    }
    const [f, g] = [a.formula(), b.formula()];
    if (!f || !g) return { equal: sameWords(a.text, b.text), how: "text" };
    this.#left -= f.nodeCount + g.nodeCount;
    const asWritten = () => formulasEqual(f, g, this.#tolerance);
    if (a.percent === b.percent) return { equal: asWritten(), how: how === "number" ? "expression" : how };
    const [x, y] = [a.percent ? parseFormula(`(${a.body})/100`) : f, b.percent ? parseFormula(`(${b.body})/100`) : g];
    const asValue = x !== null && y !== null && formulasEqual(x, y, this.#tolerance);
    return { equal: asValue || (this.#percent === "either" && asWritten()), how };
  }

  #near(a: Rational, b: Rational): boolean {
    if (equals(a, b)) return true;
    if (this.#tolerance === 0) return false;
    const [x, y] = [toNumber(a), toNumber(b)];
    return Math.abs(x - y) <= this.#tolerance * Math.max(Math.abs(x), Math.abs(y));
  }

  #compareNamed(a: Answer, b: Answer): Equality {
    if (a.kind === "named" && b.kind === "named") {
      if (a.name !== b.name) return this.#compareEquations(a, b);
      const values = this.compare(a.value, b.value);
      return values.equal ? values : this.#compareEquations(a, b);
    }
    if (a.kind === "named") return b.kind === "equation" ? this.#compareEquations(a, b) : this.#unnamed(a.value, b);
    if (b.kind === "named") return a.kind === "equation" ? this.#compareEquations(b, a) : this.#unnamed(a, b.value);
    return { equal: false, how: "kind" };
  }

  #unnamed(a: Answer, b: Answer): Equality {
    const { equal, how } = this.compare(a, b);
    return { equal, how: how === "spelling" ? "equation" : how };
  }

  #compareEquations(a: Sides, b: Sides): Equality {
    const [f, g] = [a.difference(), b.difference()];
    this.#left -= (f?.nodeCount ?? 0) + (g?.nodeCount ?? 0);
    return { equal: f !== null && g !== null && formulasProportional(f, g), how: "equation" };
  }

  #compareMatrices(a: Answer[][], b: Answer[][]): Equality {
    const sameShape = a.length === b.length && a.every((row, index) => row.length === b[index]!.length);
    return sameShape ? this.#inOrder(a.flat(), b.flat(), "matrix") : { equal: false, how: "matrix" };
  }

  #compareColumn(matrix: Answer & { kind: "matrix" }, tuple: Answer & { kind: "tuple" }): Equality {
    const isColumn = matrix.rows.every((row) => row.length === 1) && tuple.open === "(" && tuple.close === ")";
    return isColumn ? this.#inOrder(matrix.rows.flat(), tuple.items, "matrix") : { equal: false, how: "kind" };
  }

  #inOrder(a: Answer[], b: Answer[], how: EqualHow): Equality {
    return { equal: a.length === b.length && a.every((item, index) => this.compare(item, b[index]!).equal), how };
  }

  #inAnyOrder(a: Answer[], b: Answer[], how: EqualHow): Equality {
    if (a.length !== b.length) return { equal: false, how };
    const rest = [...b];
    for (const item of a) {
      const place = rest.findIndex((other) => this.compare(item, other).equal);
      if (place === -1) return { equal: false, how: this.#left <= 0 ? "limit" : how };
      rest.splice(place, 1);
    }
    return { equal: true, how };
  }
}

/** Both kinds of equation can tell left - right. */
type Sides = { difference: () => Formula | null };

const hundredth = (value: Rational): Rational => multiply(value, rational(1n, 100n));

/** 3:30 and 3:30 PM are the same clock face; 3:30 AM and PM are not. */
function sameTime(a: Answer & { kind: "time" }, b: Answer & { kind: "time" }): boolean {
  if (a.minutes === b.minutes) return true;
  return (
    (a.half === null) !== (b.half === null) &&
    a.minutes % 720 === b.minutes % 720 &&
    Math.min(a.minutes, b.minutes) < 720 &&
    (a.half === null ? a : b).minutes < 780
  );
}

const sameWords = (a: string, b: string): boolean => {
  const plain = (text: string) =>
    text
      .replace(/["'.!?]/g, "")
      .replace(/\s+/g, " ")
      .trim();
  const [x, y] = [plain(a), plain(b)];
  // One letter is a name, and names have a case: n is not N.
  return x !== "" && (x === y || (/[A-Za-z]{2}/.test(x) && !/[\\=^_]/.test(x) && x.toLowerCase() === y.toLowerCase()));
};
