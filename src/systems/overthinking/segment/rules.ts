/**
 * Cuts a natural reasoning into solutions without a model: a solution ends where an answer stands and what follows
 * opens a check or another way ("Wait", "Let me double-check", "Alternatively").
 * Source for what counts: papers/overthinking section 2.2 (a verification that reaches an answer is a solution of its
 * own, right or wrong; a bare closing statement joins the one before; a stretch without an answer joins the one after).
 */
import { extractAnswer, normalizeAnswer } from "../../../endpoint/answers/index.ts";
import { countWords } from "../measure/count-tokens.ts";
import { type Step, splitSteps } from "./steps.ts";

/** Solutions as pieces of a reasoning: they begin at 0 and end where the next begins. */
export type Segmentation = {
  pieces: { end: number; answer: string | null }[];
  flags: string[];
};

/** Openings of a new look at the problem; only at the beginning of a step, where they turn the thought. */
const cue = new RegExp(
  `^(?:(?:but|however|so|now|okay|ok|and|yes|well|hmm+|oh|then|still)[,.!… ]+)*(?:${[
    "wait",
    "hmm",
    "hold on",
    "actually",
    "alternatively",
    "another (?:way|approach|method|idea)",
    "(?:let me|let us|let's|i(?:'ll| will| should| can| could|'d like to| want to)|maybe i should|we can|we could) (?:just |also |quickly |now )?(?:double|verify|check|recheck|re-check|recalculate|re-calculate|recompute|re-?examine|confirm|make sure|think again|try (?:another|a different|again)|see if|test|redo|go (?:over|through)|look at|approach|consider another|plug)",
    "(?:just )?to (?:verify|confirm|double|be (?:sure|thorough|safe|certain)|check|make sure)",
    "(?:first, )?(?:double|re)-?checking",
    "checking",
    "verif",
    "as a (?:check|sanity check)",
    "on second thought",
    "let's think again",
    "i'm (?:still |also )?not (?:entirely |completely |quite |so )?(?:sure|confident|certain|convinced)",
    "(?:that|this) (?:seems|looks|sounds|doesn't)",
    "is (?:that|this) (?:right|correct)",
    "does (?:that|this) make sense",
    "what if",
    "we can also",
    "using (?:another|a different)",
    "in another way",
    "\\*\\*(?:verification|check|alternative)",
  ].join("|")})`,
  "iu",
);
const conclusion =
  /(?:^|[.!?,:]\s+|\n)\s*(?:so|therefore|thus|hence|then|in total|in conclusion|altogether|finally|this means|that means|which means|this gives|which gives|total|giving)\b[^\n]*$/gimu;
const equation = /=\s*[^=\n]*$/gmu;
const number = /-?\$?\d[\d,]*(?:\.\d+)?(?:\/\d+)?/gu;

/** A piece shorter than this after a cut only says again what is known. */
const bareWords = 15;
/** A conclusion stands at the end of its step. */
const searchedCharacters = 2000;

/** @param finalAnswer what the response ends in, if known: a conclusion that states it counts as an answer */
export function segmentByRules(reasoning: string, { finalAnswer }: { finalAnswer?: string | null } = {}): Segmentation {
  const { steps, fallback } = splitSteps(reasoning);
  const pieces = cutSteps(steps, finalAnswer ?? null);
  const flags = fallback ? ["sentence_fallback"] : [];
  if (pieces.every(({ answer }) => answer === null)) flags.push("no_answer_found");
  return { pieces, flags };
}

/** The cuts between steps. The last piece always ends with the last step. */
export function cutSteps(steps: readonly Step[], finalAnswer: string | null): Segmentation["pieces"] {
  const known = new Set(finalAnswer === null ? [] : [spelling(finalAnswer)]);
  const opens = steps.map(({ text }) => cue.test(text));
  const pieces: { end: number; answer: string | null; words: number }[] = [];
  let current: (typeof pieces)[number] | undefined;
  for (const [index, { end, text }] of steps.entries()) {
    if (opens[index] && current && current.answer !== null) {
      pieces.push(current);
      current = undefined;
    }
    current ??= { end, answer: null, words: 0 };
    const stated = statedAnswer(text, known, opens[index + 1] ?? false);
    if (stated !== null) known.add(spelling(stated));
    current.answer = stated ?? current.answer;
    current.end = end;
    current.words += countWords(text);
  }
  if (current) pieces.push(current);
  return pieces.reduce<Segmentation["pieces"]>((kept, { end, answer, words }) => {
    const last = kept.at(-1);
    // A stretch without an answer can only stand at the end; a bare restatement anywhere.
    if (last && (answer === null || words < bareWords)) last.end = end;
    else kept.push({ end, answer });
    return kept;
  }, []);
}

/**
 * What a step gives as the result: in so many words ("the answer is", a box), or as the number of its conclusion where
 * that is known to be an answer or the next step turns to look at it again.
 */
function statedAnswer(text: string, known: ReadonlySet<string>, isQuestioned: boolean): string | null {
  if (text.includes("\\boxed") || /answer/iu.test(text)) {
    const found = extractAnswer(text, { thinking: "all" });
    if (found && (found.how === "boxed" || found.how === "phrase" || found.how === "tag")) return found.text;
  }
  const end = text.slice(-searchedCharacters);
  const concluded = lastNumber(end, conclusion);
  if (concluded !== null && (isQuestioned || known.has(spelling(concluded)))) return concluded;
  const computed = lastNumber(end, equation);
  return computed !== null && known.has(spelling(computed)) ? computed : null;
}

/** Of the last sentence of the form. */
function lastNumber(text: string, form: RegExp): string | null {
  const [sentence = ""] = [...text.matchAll(form)].at(-1) ?? [];
  return [...sentence.matchAll(number)].at(-1)?.[0].replace(/^(-?)\$/u, "$1") ?? null;
}

/** One spelling for one answer; plain numbers, by far the most, need no more than their commas taken out. */
function spelling(answer: string): string {
  const plain = answer.replace(/(?<=\d),(?=\d{3}\b)/gu, "").replace(/^\$/u, "");
  return /^-?\d+$/u.test(plain) ? plain : normalizeAnswer(plain);
}
