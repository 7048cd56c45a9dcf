/** Comparing an output with the answer by rule: the checkers that need no program. */
import type { Checker } from "../schemas.ts";

/** What a checker found. */
export interface CheckResult {
  verdict: "OK" | "WRONG_ANSWER" | "PRESENTATION_ERROR" | "FAILED";
  /** From 0 to 1: how much of the test is right. */
  share: number;
  message: string;
}

export const right: CheckResult = { verdict: "OK", share: 1, message: "" };

export function wrong(message: string): CheckResult {
  return { verdict: "WRONG_ANSWER", share: 0, message };
}

type RuleChecker = Extract<Checker, { kind: "exact" | "tokens" | "lines" | "float" | "yesno" }>;

/** Whether a checker is a rule that is applied here, and no program. */
export function isRule(checker: Checker): checker is RuleChecker {
  return ["exact", "tokens", "lines", "float", "yesno"].includes(checker.kind);
}

/** Compares an output with the answer by the checker's rule; the message names the first difference. */
export function compareOutput(checker: RuleChecker, output: string, answer: string): CheckResult {
  switch (checker.kind) {
    case "exact":
      return compareExactly(output, answer);
    case "lines":
      return compareWords(toLines(output), toLines(answer), "line", equalText);
    case "tokens":
      return compareWords(toWords(output), toWords(answer), "word", checker.caseSensitive ? equalText : equalInAnyCase);
    case "yesno":
      return compareWords(toWords(output), toWords(answer), "word", equalYesNo);
    case "float": {
      const near = (found: string, expected: string) => equalNumbers(found, expected, checker);
      return compareWords(toWords(output), toWords(answer), "number", near);
    }
  }
}

/** The same words with other blanks between them are called what they are. */
function compareExactly(output: string, answer: string): CheckResult {
  if (output === answer) return right;
  const words = compareWords(toWords(output), toWords(answer), "word", equalText);
  if (words.verdict !== "OK") return words;
  return { verdict: "PRESENTATION_ERROR", share: 0, message: "the words are right, the blanks between them differ" };
}

type Equal = (found: string, expected: string) => boolean;

function compareWords(found: string[], expected: string[], unit: string, equal: Equal): CheckResult {
  const at = expected.findIndex((word, index) => found[index] === undefined || !equal(found[index], word));
  if (at !== -1) {
    if (found[at] === undefined) return wrong(`the output ends after ${found.length} of ${expected.length} ${unit}s`);
    return wrong(`${unit} ${at + 1}: expected ${quote(expected[at]!)}, found ${quote(found[at])}`);
  }
  if (found.length === expected.length) return right;
  return wrong(`${found.length - expected.length} more ${unit}s than expected: ${quote(found[expected.length]!)}`);
}

const equalText: Equal = (found, expected) => found === expected;
const equalInAnyCase: Equal = (found, expected) => found.toLowerCase() === expected.toLowerCase();
/** Only YES and NO may change their case. */
const equalYesNo: Equal = (found, expected) =>
  /^(yes|no)$/i.test(expected) ? equalInAnyCase(found, expected) : found === expected;

/** Words that are no numbers must be the same; neither infinity nor NaN is near anything. */
function equalNumbers(found: string, expected: string, tolerance: { absolute: number; relative: number }): boolean {
  if (found === expected) return true;
  const [a, b] = [parseNumber(found), parseNumber(expected)];
  if (a === undefined || b === undefined) return false;
  const distance = Math.abs(a - b);
  return distance <= tolerance.absolute || distance <= tolerance.relative * Math.abs(b);
}

/** Decimal notation only: "0x10" and "" are no numbers here. */
function parseNumber(word: string): number | undefined {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(word)) return undefined;
  const value = Number(word);
  return Number.isFinite(value) ? value : undefined;
}

function toWords(text: string): string[] {
  return text.split(/[\s\0]+/).filter((word) => word !== "");
}

function toLines(text: string): string[] {
  return text
    .replace(/\s+$/, "")
    .split("\n")
    .map((line) => line.trimEnd());
}

function quote(word: string): string {
  return JSON.stringify(word.length > 40 ? `${word.slice(0, 37)}...` : word);
}
