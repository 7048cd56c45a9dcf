/** Numbers in words, as far as they are certain: "two", "twenty-one", "three hundred and five", "1.8 billion". */
import { multiply, parseNumber, type Rational, rational } from "./rational.ts";

const small = Object.fromEntries(
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
    .split(" ")
    .map((word, value) => [word, value]),
);
const tens = Object.fromEntries(
  "twenty thirty forty fifty sixty seventy eighty ninety".split(" ").map((word, index) => [word, 20 + 10 * index]),
);
const scales: Record<string, number> = { thousand: 1e3, million: 1e6, billion: 1e9, trillion: 1e12 };

/** Null unless every word belongs to one number; "nineteen five" and "two or three" are none. */
export function parseNumberWords(text: string): Rational | null {
  const scaled = /^(.*\d\.?) (thousand|million|billion|trillion)$/i.exec(text);
  if (scaled) {
    const value = parseNumber(scaled[1]!);
    return value && multiply(value, rational(BigInt(scales[scaled[2]!.toLowerCase()]!)));
  }
  if (text.length > 100 || !/^[a-z -]+$/i.test(text)) return null;
  const negative = /^(?:minus|negative) /i.exec(text);
  const value = wholeNumber(text.slice(negative?.[0].length ?? 0).toLowerCase());
  return value === null ? null : rational(BigInt(negative ? -value : value));
}

function wholeNumber(text: string): number | null {
  let total = 0;
  let group = 0;
  let last = Number.POSITIVE_INFINITY; // each word must be smaller than the one before it
  let lastScale = Number.POSITIVE_INFINITY;
  for (const word of text.split(/[ -]+/)) {
    if (word === "and") {
      if (last !== 100) return null;
      continue;
    }
    if (word === "hundred") {
      if (group < 1 || group > 9) return null;
      group *= 100;
      last = 100;
    } else if (scales[word]) {
      if (group === 0 || scales[word] >= lastScale) return null;
      total += group * scales[word];
      lastScale = scales[word];
      group = 0;
      last = Number.POSITIVE_INFINITY;
    } else if (tens[word] !== undefined) {
      if (last <= 90) return null;
      group += tens[word];
      last = 10;
    } else if (small[word] !== undefined) {
      if (last < 10 || (last === 10 && (small[word] > 9 || small[word] === 0))) return null;
      group += small[word];
      last = 1;
    } else return null;
  }
  return total + group;
}
