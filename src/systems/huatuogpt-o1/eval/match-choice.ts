/**
 * Which option an answer settles on, by the published scorer's tiers (spec section 2.7). Each tier is tried on the text
 * after `## Final Response`; what it finds first and last in the text may differ, and the last counts.
 *
 *   stated    "answer is X"
 *   letter    an option's letter alone
 *   text      an option's text
 *   similar   the option whose text is most alike: a guess, which is why it is counted apart
 */
import { similarity } from "./similar.ts";

export const tiers = ["stated", "letter", "text", "similar"] as const;
export type Tier = (typeof tiers)[number];

export interface Choice {
  first: string;
  last: string;
  tier: Tier;
}

const letters = "ABCDEFGHIJKLMN";
const mark = "## Final Response\n\n";
const stated = /answer is\s*?([A-N])/g;
/** What Python's \W is for text. */
const nonWord = "[^\\p{L}\\p{N}_]";

/** @param options letter → text, in their order */
export function matchChoice(output: string, options: Readonly<Record<string, string>>): Choice {
  const text = output.slice(output.lastIndexOf(mark) === -1 ? 0 : output.lastIndexOf(mark) + mark.length);
  return (
    ends(
      [...text.matchAll(stated)].map(([, letter]) => letter!),
      "stated",
    ) ??
    ends(
      [...text.matchAll(lonePattern(Object.keys(options).length))].map(([, letter]) => letter!),
      "letter",
    ) ??
    byText(text.toLowerCase(), Object.entries(options)) ??
    mostSimilar(text.toLowerCase(), Object.entries(options))
  );
}

/** An option's letter between what is no letter; "A " is left out, as it may be the article. */
function lonePattern(optionCount: number): RegExp {
  const before = `(?:[\\u4e00-\\u9fff]|is |是|项|${nonWord}|为|^)`;
  const own = letters.slice(0, optionCount);
  return new RegExp(`${before}(?![aA] )([${own}])(?:${nonWord}|[\\u4e00-\\u9fff]|$)`, "gu");
}

function ends(found: readonly string[], tier: Tier): Choice | null {
  return found.length > 0 ? { first: found[0]!, last: found.at(-1)!, tier } : null;
}

/**
 * The option that is named last. `first` is what the published code takes for it: of the places where options are named
 * first, the last one.
 */
function byText(text: string, options: readonly (readonly [string, string])[]): Choice | null {
  const named = options.filter(([, option]) => text.includes(option.toLowerCase()));
  if (named.length === 0) return null;
  const latest = (place: (option: string) => number) =>
    named.reduce((top, one) => (place(one[1].toLowerCase()) > place(top[1].toLowerCase()) ? one : top))[0];
  return {
    first: latest((option) => text.indexOf(option)),
    last: latest((option) => text.lastIndexOf(option)),
    tier: "text",
  };
}

/** Of equals the last, as in the published code. */
function mostSimilar(text: string, options: readonly (readonly [string, string])[]): Choice {
  let [best, top] = ["", 0];
  for (const [letter, option] of options) {
    const score = similarity(option.toLowerCase(), text);
    if (score >= top) [best, top] = [letter, score];
  }
  return { first: best, last: best, tier: "similar" };
}
