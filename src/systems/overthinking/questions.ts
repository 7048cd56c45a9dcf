/**
 * What people type, as a problem: every spelling of a sum of 2 to 6 addends from 1 to 99, in figures or words.
 * A word that is not understood refuses the whole question: guessing at "how many apples" would be wrong more often
 * than right, and the person learns what this little model is for.
 */
import { FEWEST_ADDENDS, LARGEST_ADDEND, MOST_ADDENDS, type Problem, SMALLEST_ADDEND } from "./world/problem.ts";

export type RefusalReason =
  | "empty"
  | "not-a-sum"
  | "other-operation"
  | "not-whole"
  | "out-of-range"
  | "too-few"
  | "too-many"
  | "equation";

export type Question = { kind: "sum"; problem: Problem } | { kind: "refused"; reason: RefusalReason; message: string };

/** Reads a question; never throws. */
export function parseQuestion(text: string): Question {
  const words = readWords(text);
  const numbers = words.filter((word) => word.kind === "number").map((word) => word.text);
  const has = (kind: Word["kind"]) => words.some((word) => word.kind === kind);
  const firstOf = (kind: Word["kind"]) => words.find((word) => word.kind === kind)?.text ?? "";

  if (words.length === 0) return refuse("empty", "There is no question.");
  const hasAmount = numbers.length > 0 || has("large");
  if (has("operation") && hasAmount) return refuse("other-operation", `It cannot do "${firstOf("operation")}".`);
  if (has("unknown") || !hasAmount) return refuse("not-a-sum", notASum(firstOf("unknown")));
  const partial = numbers.find((number) => number.includes("."));
  if (partial !== undefined || has("fraction")) {
    return refuse("not-whole", `"${partial ?? firstOf("fraction")}" is not a whole number.`);
  }
  const outside = numbers.find((number) => Number(number) < SMALLEST_ADDEND || Number(number) > LARGEST_ADDEND);
  if (outside !== undefined || has("large")) {
    return refuse("out-of-range", `${outside ?? `"${firstOf("large")}"`} is outside that range.`);
  }
  if (isFollowedByNumber(words, "equals")) return refuse("equation", "Leave out what follows the equals sign.");
  if (numbers.length < FEWEST_ADDENDS) return refuse("too-few", "One number alone is no sum.");
  if (!isList(words)) return refuse("not-a-sum", "The numbers are not joined as a sum.");
  if (numbers.length > MOST_ADDENDS) return refuse("too-many", `These are ${numbers.length} numbers.`);
  return { kind: "sum", problem: { addends: numbers.map(Number) } };
}

function refuse(reason: RefusalReason, cause: string): Question {
  const ability = `This little model adds ${FEWEST_ADDENDS} to ${MOST_ADDENDS} whole numbers from ${SMALLEST_ADDEND} to ${LARGEST_ADDEND}, such as "17 + 25 + 38".`;
  const way = 'For more, name a bigger model: polymath ask --model DIR "…" runs any Llama or Qwen2 folder.';
  return { kind: "refused", reason, message: `${ability} ${cause} ${way}` };
}

const notASum = (word: string): string => (word === "" ? "This is not a sum." : `It does not know "${word}".`);

type Word = {
  kind:
    | "number"
    | "plus"
    | "joiner"
    | "comma"
    | "to"
    | "sum"
    | "equals"
    | "operation"
    | "large"
    | "fraction"
    | "filler"
    | "unknown";
  text: string;
};

const WORDS = new Map<string, Word["kind"]>(
  Object.entries({
    plus: "+ plus 加 加上 ➕",
    joiner: "and & und 和 與 与 n",
    comma: ", ; 、",
    to: "to with zu mit",
    sum: "sum summe total add adding added addition addiere addieren 总和 相加 together zusammen",
    equals: "= equals equal makes make 等于 gleich ergibt macht",
    operation:
      "- * / ^ ! × x · ÷ ∕ % √ minus subtract subtracted less difference without times multiply multiplied product divide divided over power squared cubed root sqrt mod modulo percent average mean mal geteilt weniger 减 减去 乘 乘以 除 除以",
    large: "hundred thousand million billion dozen hundert tausend 百 千 万",
    fraction: "half halves third thirds quarter quarters point ⁄ halb",
    filler:
      "? . : ( ) ' \" what whats what's is are be the a of up calculate compute evaluate solve find please how much many do does can could would will you we i me my tell give say show now then just result answer value number numbers all these those this it its it's for in hello hi hey dear ok okay so thanks thank question quick quickly let's let us get work out if altogether was wie viel wieviel ist sind die der das von bitte berechne rechne ergebnis 是 多少 几 请 请问 问 计算 的 得 呢 吗 你好 。",
  } satisfies Partial<Record<Word["kind"], string>>).flatMap(([kind, list]) =>
    list.split(" ").map((word) => [word, kind as Word["kind"]] as const),
  ),
);

const CHINESE_WORDS = [...WORDS.keys()]
  .filter((word) => /^\p{Script=Han}+$/u.test(word))
  .sort((a, b) => b.length - a.length);
// A point or a comma counts as part of a number only between its digits: "2.5", "1,000"; "3,4" is a list.
const PATTERN = new RegExp(
  `\\d{1,3}(?:,\\d{3})+(?!\\d)|\\d+(?:\\.\\d+)?|\\.\\d+|[\\p{Script=Latin}']+|${CHINESE_WORDS.join("|")}|\\S`,
  "gu",
);

function readWords(text: string): Word[] {
  // "3²" must not become 32 by normalisation, and an exclamation is no factorial.
  const plain = text
    .replace(/[⁰¹²³⁴-⁹]+/gu, " ^ ")
    .normalize("NFKC")
    .toLowerCase();
  const tidy = plain
    .replace(/[‘’ʼ`]/gu, "'")
    .replace(/[“”„«»]/gu, '"')
    .replace(/[−–—‐‑]/gu, "-")
    .replace(/(?<!\d)!|!+\s*$/gu, " ");
  return [...spellOut(tidy).matchAll(PATTERN)].map(([match]) => {
    if (/^\.?\d/u.test(match)) return { kind: "number", text: match.replaceAll(",", "") };
    return { kind: WORDS.get(match) ?? "unknown", text: match };
  });
}

const ONES =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );
const TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
const ENGLISH_NUMBER = new RegExp(
  `\\b(?:(${TENS.join("|")})(?:[- ]?(${ONES.slice(1, 10).join("|")}))?|(${ONES.toReversed().join("|")}))\\b`,
  "gu",
);
const CHINESE_DIGITS = "零一二三四五六七八九";

/** Number words as figures: "twenty-five" and 二十五 become 25. */
function spellOut(text: string): string {
  return text
    .replace(/\bfourty\b/gu, "forty")
    .replace(ENGLISH_NUMBER, (_, tens?: string, ones?: string, small?: string) => {
      const value = tens ? 10 * (TENS.indexOf(tens) + 2) + Math.max(0, ONES.indexOf(ones ?? "")) : ONES.indexOf(small!);
      return ` ${value} `;
    })
    .replaceAll("一下", "") // "just", and no one
    .replaceAll("两", "二")
    .replace(
      /([一二三四五六七八九])?十([一二三四五六七八九])?|[零一二三四五六七八九]/gu,
      (match, tens?: string, ones?: string) => {
        if (!match.includes("十")) return ` ${CHINESE_DIGITS.indexOf(match)} `;
        return ` ${10 * (tens ? CHINESE_DIGITS.indexOf(tens) : 1) + (ones ? CHINESE_DIGITS.indexOf(ones) : 0)} `;
      },
    );
}

function isFollowedByNumber(words: readonly Word[], kind: Word["kind"]): boolean {
  const firstNumber = words.findIndex((word) => word.kind === "number");
  const at = words.findIndex((word, index) => word.kind === kind && index > firstNumber);
  return at !== -1 && words.slice(at).some((word) => word.kind === "number");
}

/** Whether something joins the numbers into one sum: a plus between each two, or a word such as "sum" for a list. */
function isList(words: readonly Word[]): boolean {
  const at = words.flatMap((word, index) => (word.kind === "number" ? [index] : []));
  const gaps = at.slice(1).map((end, index) => words.slice(at[index]! + 1, end));
  const count = (gap: readonly Word[], ...kinds: Word["kind"][]) =>
    gap.filter(({ kind }) => kinds.includes(kind)).length;
  const isDoubled = gaps.some((gap) => count(gap, "plus") > 1 || count(gap, "joiner", "plus", "to") > 2);
  const isOpenEnded = count(words.slice(at.at(-1)! + 1), "plus", "joiner") > 0;
  if (isDoubled || isOpenEnded) return false;

  const hasCue = words.some(({ kind }) => kind === "sum");
  const isJoined = gaps.map((gap) => count(gap, "plus", "joiner") > 0);
  if (isJoined.every(Boolean)) return true;
  const hasPlus = gaps.some((gap) => count(gap, "plus") > 0);
  const isBare = gaps.some((gap) => count(gap, "plus", "joiner", "comma", "to") === 0);
  // "1 7 + 25" may be a slip of the finger for 17 + 25; "3, 4 and 5" is a list by its last word.
  if (isBare) return hasCue && !hasPlus;
  return hasCue || isJoined.at(-1) === true;
}
