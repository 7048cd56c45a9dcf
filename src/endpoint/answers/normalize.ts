/**
 * One spelling for one answer: LaTeX decoration, Unicode signs and typesetting commands are removed or unified, so
 * that the reader of values (`value.ts`) meets few forms. Meaning is never touched here.
 */
import { closingBrace, nestingDepth } from "./braces.ts";

/** Longer texts are not mathematics any more: they are compared as they stand. */
export const maxCharacters = 4_000;
const maxNesting = 60;

// NFKC would turn x² into x2 and 3½ into 31⁄2, so these go first.
const signs: Record<string, string> = Object.fromEntries(
  Object.entries({
    "−–—﹣－": "-",
    "×⋅·∙": "*",
    "÷": "/",
    π: "\\pi ",
    θ: "\\theta ",
    α: "\\alpha ",
    β: "\\beta ",
    "∞": "\\infty ",
    "°º": "^{\\circ}",
    "√": "\\sqrt ",
    "≤⩽": "\\le ",
    "≥⩾": "\\ge ",
    "≠": "\\ne ",
    "±": "\\pm ",
    "∪": "\\cup ",
    "∈": "\\in ",
    "∅": "\\emptyset ",
    "½": "\\frac{1}{2}",
    "⅓": "\\frac{1}{3}",
    "⅔": "\\frac{2}{3}",
    "¼": "\\frac{1}{4}",
    "¾": "\\frac{3}{4}",
    "“”„": '"',
    "‘’": "'",
  }).flatMap(([signs, spelling]) => [...signs].map((sign) => [sign, spelling])),
);
const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const oneSign = new RegExp(`[${Object.keys(signs).join("")}]`, "gu");

/** Applied from top to bottom. */
const spellings: [RegExp, string][] = [
  [/\\(?:left|right|[bB]igg?[lrm]?)(?![A-Za-z])\.?/g, ""],
  [/\\(?:displaystyle|textstyle|scriptstyle|limits|nolimits|boldsymbol|bm|strut|phantom\{[^}]*\})(?![A-Za-z])/g, ""],
  [/,\s*\\!\s*/g, ","],
  [/\{,\}/g, ","],
  [/(?<!\\)\\[,;:!> ]|~|\\q?quad(?![A-Za-z])|\\thinspace(?![A-Za-z])/g, " "],
  [/\\h?space\*?\{[^}]*\}/g, " "],
  [/\\[dtc]frac(?![A-Za-z])/g, "\\frac"],
  [/\\[dt]binom(?![A-Za-z])/g, "\\binom"],
  [/\\(?:cdot|times|ast)(?![A-Za-z])/g, "*"],
  [/\\div(?![A-Za-z])/g, "/"],
  [/\\le(?:q(?:slant)?)?(?![A-Za-z])/g, "\\le"],
  [/\\ge(?:q(?:slant)?)?(?![A-Za-z])/g, "\\ge"],
  [/<=/g, "\\le "],
  [/>=/g, "\\ge "],
  [/\\lt(?![A-Za-z])/g, "<"],
  [/\\gt(?![A-Za-z])/g, ">"],
  [/\\(?:lbrace)(?![A-Za-z])/g, "\\{"],
  [/\\(?:rbrace)(?![A-Za-z])/g, "\\}"],
  [/\\(?:lbrack)(?![A-Za-z])/g, "["],
  [/\\(?:rbrack)(?![A-Za-z])/g, "]"],
  [/\\(?:langle)(?![A-Za-z])/g, "("],
  [/\\(?:rangle)(?![A-Za-z])/g, ")"],
  [/\\(?:lvert|rvert|vert|mid)(?![A-Za-z])/g, "|"],
  [/\\varnothing(?![A-Za-z])/g, "\\emptyset"],
  [/\\(?:infin|infinity)(?![A-Za-z])|(?<![\\A-Za-z])(?:infinity|inf)(?![A-Za-z])/g, "\\infty"],
  [/(?<=^|[([,;]) ?\+ ?(?=\\infty)/g, ""],
  [/\^ ?(?:\{ ?\\circ ?\}|\\circ(?![A-Za-z]))|\\(?:degree|textdegree)(?![A-Za-z])/g, "^{\\circ}"],
  [/\\([%$#])/g, "$1"],
  [/\\overline ?(\d)/g, "\\overline{$1}"],
  [/\*\*/g, "^"],
];

const wrapper =
  /\\(?:text(?:bf|it|rm|sf|tt|normal|sc)?|math(?:rm|bf|it|sf|tt|bb|cal|normal)|mbox|hbox|operatorname|boxed|fbox|emph|underline|bold)\*?\s*\{/g;

/**
 * @returns the answer with single spaces, `\frac`, `\sqrt`, `^` and `_` followed by braces, and no decoration;
 *   a text over `maxCharacters`, or with deeper brackets than anyone writes, is only trimmed
 */
export function normalizeAnswer(text: string): string {
  if (text.length > maxCharacters) return text.trim();
  let result = text.replace(/\p{Cf}/gu, "").replace(oneSign, (sign) => signs[sign]!);
  result = result.replace(
    /[⁰¹²³⁴⁵⁶⁷⁸⁹]+/g,
    (digits) => `^{${[...digits].map((d) => superscripts.indexOf(d)).join("")}}`,
  );
  result = dropDelimiters(result.normalize("NFKC").replace(/\s+/g, " ").trim());
  result = dropWrappers(result);
  for (const [pattern, spelling] of spellings) result = result.replace(pattern, spelling);
  if (nestingDepth(result) > maxNesting) return text.trim();
  result = braceArguments(result).replace(/\s+/g, " ").trim();
  result = dropOuterBraces(result.replace(/(?:[.,;:]|(?<=[A-Za-z])!)+$/, "").trim());
  return result;
}

/** The normal form without spaces that separate nothing: two answers with the same compact form are the same text. */
export const compact = (normal: string): string =>
  normal.replace(/ (?![A-Za-z0-9.])|(?<![A-Za-z0-9.}]) |(?<=\}) (?=[A-Za-z\\{(])/g, "");

/** Takes away `$...$`, `\(...\)`, `\[...\]`, quotes and Markdown's bold; a lone `$` stays: it is money. */
function dropDelimiters(text: string): string {
  let result = text.replace(/(?<!\\)\\[()[\]]/g, " ").replace(/(?<!\\)\$\$/g, " ");
  result = result.replace(/(?<!\\)\$((?:\\\$|[^$])*[^$\s\\,+\-*/(])\$/g, " $1 ").trim();
  for (const [open, close] of [
    ["**", "**"],
    ["__", "__"],
    ["`", "`"],
    ['"', '"'],
    ["'", "'"],
  ] as const) {
    if (result.length > open.length + close.length && result.startsWith(open) && result.endsWith(close))
      result = result.slice(open.length, -close.length).trim();
  }
  return result;
}

/** `\text{ cm}` becomes ` cm `: the braces go, the content stays. */
function dropWrappers(text: string): string {
  const closings = new Set<number>();
  let result = "";
  let from = 0;
  const copy = (to: number) => {
    for (let index = from; index < to; index++) result += closings.has(index) ? " " : text[index];
    from = to;
  };
  for (const match of text.matchAll(wrapper)) {
    const end = closingBrace(text, match.index + match[0].length - 1);
    if (end === -1) continue;
    copy(match.index);
    result += " ";
    from = match.index + match[0].length;
    closings.add(end);
  }
  copy(text.length);
  return result;
}

function dropOuterBraces(text: string): string {
  let result = text;
  while (result.startsWith("{") && closingBrace(result, 0) === result.length - 1 && !/[,;]/.test(result))
    result = result.slice(1, -1).trim();
  return result;
}

/** Gives every `\frac`, `\binom`, `\sqrt`, `^` and `_` its braces: `\frac43` is `\frac{4}{3}`, `x^10` is `x^{10}`. */
function braceArguments(text: string): string {
  let result = "";
  let index = 0;
  while (index < text.length) {
    const command = commandAt(text, index);
    const spans = argumentSpans(text, index, command);
    if (spans.length === 0) {
      result += command;
      index += command.length;
      continue;
    }
    result += command + rootOrder(text, index, command);
    // Arguments are found first and read afterwards, each once: reading while searching would double at every level.
    for (const { from, to } of spans) result += `{${braceArguments(text.slice(from, to)).trim()}}`;
    index = spans.at(-1)!.next;
  }
  return result;
}

type Span = { from: number; to: number; next: number };

/** A command such as `\frac`, an escaped character, or one character. */
function commandAt(text: string, index: number): string {
  const command = /\\(?:[A-Za-z]+|.)|[\s\S]/y;
  command.lastIndex = index;
  return command.exec(text)![0];
}

/** `[3]` of `\sqrt[3]{x}`. */
function rootOrder(text: string, index: number, command: string): string {
  const order = /\s*\[([^\]]*)\]/y;
  order.lastIndex = index + command.length;
  return command === "\\sqrt" ? (order.exec(text)?.[0].trim() ?? "") : "";
}

/** Where the arguments of `command` stand; empty for a command without, or where one is missing. */
function argumentSpans(text: string, index: number, command: string): Span[] {
  const after = index + command.length;
  if (command === "^") return present(argumentSpan(text, after, /[+-]?\d+(?:\.\d+)?|[A-Za-z]/y, true));
  if (command === "_") return present(argumentSpan(text, after, /[+-]?\d+(?:\.\d+)?|[A-Za-z]/y));
  if (command === "\\sqrt") {
    const order = /\s*\[[^\]]*\]/y;
    order.lastIndex = after;
    return present(argumentSpan(text, order.test(text) ? order.lastIndex : after, /\d+(?:\.\d+)?|[A-Za-z]/y, true));
  }
  if (command !== "\\frac" && command !== "\\binom") return [];
  const first = argumentSpan(text, after, /[A-Za-z0-9]/y);
  const second = first && argumentSpan(text, first.next, /[A-Za-z0-9]/y);
  return second ? [first!, second] : [];
}

const present = (span: Span | null): Span[] => (span ? [span] : []);

/** A braced group, a parenthesised one where `parentheses` says so, a command with its groups, or what `bare` matches. */
function argumentSpan(text: string, after: number, bare: RegExp, parentheses = false): Span | null {
  let from = after;
  while (text[from] === " ") from++;
  if (text[from] === "{") {
    const to = closingBrace(text, from);
    return to === -1 ? null : { from: from + 1, to, next: to + 1 };
  }
  if (text[from] === "(" && parentheses) {
    const to = closingParenthesis(text, from);
    return to === -1 ? null : { from: from + 1, to, next: to + 1 };
  }
  if (text[from] === "\\") {
    if (!/[A-Za-z]/.test(text[from + 1] ?? "")) return null;
    let to = from + commandAt(text, from).length;
    for (let end = to; text[to] === "{" && end !== -1; ) {
      end = closingBrace(text, to);
      if (end !== -1) to = end + 1;
    }
    return { from, to, next: to };
  }
  bare.lastIndex = from;
  return bare.test(text) ? { from, to: bare.lastIndex, next: bare.lastIndex } : null;
}

function closingParenthesis(text: string, open: number): number {
  let depth = 0;
  for (let index = open; index < text.length; index++) {
    if (text[index] === "(") depth++;
    else if (text[index] === ")" && --depth === 0) return index;
  }
  return -1;
}
