/**
 * LaTeX (or plain) formulas in mathjs's infix: every operator written, every name on a list.
 * Numbers become symbols n0, n1, ... whose exact values are kept beside, since mathjs would read them as doubles.
 * A formula outside this grammar gives null, and its answer is compared as text.
 */
import { closingBrace, isBracketed } from "./braces.ts";
import { parseNumber, type Rational } from "./rational.ts";

export type Infix = { source: string; constants: Rational[] };

const functions: Record<string, string> = {
  sin: "sin",
  cos: "cos",
  tan: "tan",
  cot: "cot",
  sec: "sec",
  csc: "csc",
  arcsin: "asin",
  arccos: "acos",
  arctan: "atan",
  asin: "asin",
  acos: "acos",
  atan: "atan",
  sinh: "sinh",
  cosh: "cosh",
  tanh: "tanh",
  ln: "log",
  log: "log10",
  lg: "log10",
  exp: "exp",
  sqrt: "sqrt",
  abs: "abs",
};
const inverse: Record<string, string> = { sin: "asin", cos: "acos", tan: "atan" };
const greek = new Set(
  "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau phi chi psi omega pi".split(
    " ",
  ),
);
const names = [...Object.keys(functions), "pi"].sort((a, b) => b.length - a.length);
const number = /\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d*)?|\.\d+/y;
const maxDepth = 40;

/** Thrown and caught in this file only: the text is no formula. */
class NotAFormula extends Error {}

/** @param text as `normalizeAnswer` leaves it, without units */
export function toInfix(text: string): Infix | null {
  // Words are no products of letters: "no" is not "on".
  if (text === "" || /^[A-Za-z]{2,}$/.test(text) || /[A-Za-z]{12}/.test(text)) return null;
  const constants: Rational[] = [];
  try {
    return { source: scan(text, constants, 0), constants };
  } catch (error) {
    if (error instanceof NotAFormula) return null;
    throw error;
  }
}

function scan(text: string, constants: Rational[], depth: number): string {
  if (depth > maxDepth) throw new NotAFormula();
  let out = "";
  let index = 0;
  let operandStart = -1; // where the last operand begins in `out`; -1 after an operator
  let wholeNumber = false; // the last operand is an integer, so a fraction behind it makes a mixed number

  const inner = (part: string): string => scan(part.trim(), constants, depth + 1);
  const operand = (source: string): void => {
    if (operandStart !== -1) out += "*";
    operandStart = out.length;
    out += source;
    wholeNumber = false;
  };
  const group = (): string => {
    const end = closingBrace(text, index);
    if (text[index] !== "{" || end === -1) throw new NotAFormula();
    const part = text.slice(index + 1, end);
    index = end + 1;
    return part;
  };
  const skipSpaces = (): void => {
    while (text[index] === " ") index++;
  };

  const call = (name: string): void => {
    let exponent: string | null = null;
    let base: string | null = null;
    for (skipSpaces(); text[index] === "^" || text[index] === "_"; skipSpaces()) {
      const mark = text[index++];
      if (mark === "^") exponent = group();
      else base = inner(group());
    }
    const argument = inner(readFunctionArgument());
    if (base !== null && name !== "log") throw new NotAFormula();
    const isInverse = exponent === "-1";
    if (isInverse && !inverse[name]) throw new NotAFormula();
    const target = isInverse ? inverse[name]! : functions[name]!;
    const applied = base === null ? `${target}(${argument})` : `logBase(${argument},${base})`;
    operand(exponent !== null && !isInverse ? `(${applied}^(${inner(exponent)}))` : applied);
  };

  /** What a function without brackets applies to: \sin 2x + 1 is \sin(2x) + 1. */
  const readFunctionArgument = (): string => {
    skipSpaces();
    const start = index;
    const first = text[index];
    if (first === "(" || first === "{" || first === "[") return readBracketed().slice(1, -1);
    if (first === "|") {
      index = text.indexOf("|", index + 1) + 1;
      if (index === 0) throw new NotAFormula();
      return text.slice(start, index);
    }
    while (index < text.length && !/[-+*/=|,()[\]]/.test(text[index]!)) {
      if (text[index] === "\\" && index > start && functions[/\\([A-Za-z]*)/y.exec(text.slice(index))?.[1] ?? ""])
        break;
      if (text[index] === "{") group();
      else index++;
    }
    return text.slice(start, index);
  };

  const readBracketed = (): string => {
    let level = 0;
    for (let end = index; end < text.length; end++) {
      if ("([{".includes(text[end]!)) level++;
      else if (")]}".includes(text[end]!) && --level === 0) {
        const part = text.slice(index, end + 1);
        index = end + 1;
        return part;
      }
    }
    throw new NotAFormula();
  };

  const readCommand = (): void => {
    const name = /^\\([A-Za-z]+)/.exec(text.slice(index, index + 20))?.[1];
    if (!name) throw new NotAFormula();
    index += name.length + 1;
    if (name === "frac") {
      const [top, bottom] = [group(), group()];
      const quotient = `((${inner(top)})/(${inner(bottom)}))`;
      if (wholeNumber && /^\d+$/.test(top) && /^\d+$/.test(bottom)) {
        out = `${out.slice(0, operandStart)}(${out.slice(operandStart)}+${quotient})`;
        wholeNumber = false;
      } else operand(quotient);
    } else if (name === "sqrt") {
      const order = text[index] === "[" ? readBracketed().slice(1, -1) : null;
      const radicand = inner(group());
      operand(order === null ? `sqrt(${radicand})` : `root(${radicand},${inner(order)})`);
    } else if (name === "binom") operand(`binomial(${inner(group())},${inner(group())})`);
    else if (name === "lfloor" || name === "lceil") {
      const end = text.indexOf(name === "lfloor" ? "\\rfloor" : "\\rceil", index);
      if (end === -1) throw new NotAFormula();
      operand(`${name === "lfloor" ? "floor" : "ceil"}(${inner(text.slice(index, end))})`);
      index = end + (name === "lfloor" ? 7 : 6);
    } else if (functions[name]) call(name);
    else if (greek.has(name)) operand(name + readSubscript());
    else throw new NotAFormula();
  };

  const readSubscript = (): string => {
    if (text[index] !== "_") return "";
    index++;
    const part = group();
    if (!/^\w{1,8}$/.test(part)) throw new NotAFormula();
    return `_${part}`;
  };

  const readLetters = (): void => {
    const rest = text.slice(index, index + 12);
    const name = names.find(
      (candidate) =>
        rest.startsWith(candidate) && (candidate === "pi" || /^\s*[({\\^_]/.test(rest.slice(candidate.length))),
    );
    if (name === "pi") {
      index += 2;
      operand("pi");
    } else if (name) {
      index += name.length;
      call(name);
    } else {
      if (/^[A-Za-z]{4}/.test(rest)) throw new NotAFormula();
      index++;
      operand(rest[0]! + readSubscript());
    }
  };

  while (index < text.length) {
    const char = text[index]!;
    number.lastIndex = index;
    const digits = number.exec(text)?.[0];
    if (char === " ") index++;
    else if (digits) {
      if (wholeNumber) throw new NotAFormula(); // "2 3" says nothing certain
      const value = parseNumber(digits);
      if (!value) throw new NotAFormula();
      operand(`n${constants.push(value) - 1}`);
      wholeNumber = /^\d+$/.test(digits);
      index += digits.length;
    } else if (char === "\\") readCommand();
    else if (/[A-Za-z]/.test(char)) readLetters();
    else if ("([{".includes(char)) {
      const part = readBracketed();
      if (!isBracketed(part)) throw new NotAFormula();
      operand(`(${inner(part.slice(1, -1))})`);
    } else if (char === "|") {
      const end = text.indexOf("|", index + 1);
      if (end === -1) throw new NotAFormula();
      operand(`abs(${inner(text.slice(index + 1, end))})`);
      index = end + 1;
    } else if (char === "^" && operandStart !== -1) {
      index++;
      const exponent = group();
      if (exponent.trim() === "\\circ") out = `${out.slice(0, operandStart)}(${out.slice(operandStart)}*pi/180)`;
      else out += `^(${inner(exponent)})`;
      wholeNumber = false;
    } else if (char === "!" && operandStart !== -1) {
      out += "!";
      wholeNumber = false;
      index++;
    } else if ("+-*/".includes(char)) {
      out += char;
      operandStart = -1;
      wholeNumber = false;
      index++;
    } else throw new NotAFormula();
  }
  if (operandStart === -1) throw new NotAFormula();
  return out;
}
