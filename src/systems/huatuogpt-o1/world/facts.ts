/**
 * What a model reads about Clinic before it learns to answer: each fact in sentences, never a case with its answer.
 * Source: spec section 6, stage D. All arms of the claim begin from the same reading. Of a sentence only what the fact
 * determines is learned; which fact comes next is chance, and would drown it.
 */
import type { Random } from "../../../core/random.ts";
import type { Tokenizer } from "../../../language/tokenizers/index.ts";
import type { TokenExample } from "../../../language/train/index.ts";
import { type Clinic, type ConditionId, namesOf } from "./clinic.ts";
import { conditions, findings, relations } from "./names.ts";
import { askOf, fits, type Query, recallOf, say, tellOf } from "./sentences.ts";
import { ASSISTANT, BOS, EOS, words } from "./vocabulary.ts";

/** Sentences per text. */
const sentenceCount = 12;

/** Text by pieces, each given or to be known. */
type Sentence = readonly { text: string; isKnown: boolean }[];

/** One text of facts, drawn evenly over kinds and subjects. */
export function factExample(clinic: Clinic, rng: Random, tokenizer: Tokenizer): TokenExample {
  const sentences = Array.from({ length: sentenceCount }, () => factSentence(clinic, rng));
  return joinPieces(tokenizer, [{ text: BOS, isKnown: false }, ...sentences.flat(), { text: EOS, isKnown: false }]);
}

/**
 * A case that is read and said again, without being solved: whoever is to think about a case must be able to read it.
 * Findings and query are drawn without regard to any condition.
 */
export function caseExample(rng: Random, tokenizer: Tokenizer): TokenExample {
  const drawn = rng.shuffle(findings.map((_, id) => id)).slice(0, rng.int(4, 5));
  const [absent, ...present] = drawn as [number, ...number[]];
  const query: Query = { relation: rng.choice(relations), hops: rng.bool() ? 2 : 1 };
  const told = [
    ...present.map((stated) => tellOf({ stated, isPresent: true })),
    tellOf({ stated: absent, isPresent: false }),
  ];
  const ofWhat = query.hops === 2 ? `${words.of}${words.complication}` : "";
  return joinPieces(tokenizer, [
    { text: `${BOS}${askOf({ present, absent, query })}${ASSISTANT}`, isKnown: false },
    { text: `${words.told}${told.join(",")}.${words.asked} ${query.relation}${ofWhat}.${EOS}`, isKnown: true },
  ]);
}

function joinPieces(tokenizer: Tokenizer, pieces: Sentence): TokenExample {
  const tokens: number[] = [];
  const trained: boolean[] = [];
  for (const { text, isKnown } of pieces) {
    const ids = tokenizer.encode(text);
    tokens.push(...ids);
    trained.push(...ids.map(() => isKnown));
  }
  return { tokens, trained };
}

const shares = { relation: 0.3, complication: 0.1, list: 0.2, check: 0.35, never: 0.05 } as const;
const kinds = Object.keys(shares) as (keyof typeof shares)[];

function factSentence(clinic: Clinic, rng: Random): Sentence {
  const { id, complication, facts, typical, excluding } = clinic.conditions[rng.int(0, conditions.length - 1)]!;
  switch (kinds[rng.weighted(Object.values(shares))]!) {
    case "relation": {
      const relation = rng.choice(relations);
      return knownAtEnd(say.fact(relation, id, rng.choice(namesOf(relation, facts[relation]))), words.is);
    }
    case "complication":
      return knownAtEnd(say.complication(id, complication), words.is);
    case "list": {
      const lead = rng.choice(typical);
      const list = clinic.byFinding[lead]!;
      const place = list.indexOf(id);
      if (place > 0) return knownAtEnd(say.next(lead, list[place - 1]!, id), words.is);
      return knownAtEnd((rng.bool() ? say.firstThought : say.otherThought)(lead, id), words.thinkOf);
    }
    case "check":
      return checkSentence(clinic, id, rng);
    case "never":
      return knownAtEnd(
        `${words.about} ${conditions[id]}:${words.never}${excluding.map((finding) => ` ${findings[finding]}`).join("")}.`,
        words.never,
      );
  }
}

/** What follows the last `mark` is the fact. */
function knownAtEnd(sentence: string, mark: string): Sentence {
  const end = sentence.lastIndexOf(`${mark} `) + mark.length;
  return [
    { text: sentence.slice(0, end), isKnown: false },
    { text: sentence.slice(end), isKnown: true },
  ];
}

/** What a condition shows, then four findings, present or absent, each with its verdict: half of them are typical. */
function checkSentence(clinic: Clinic, id: ConditionId, rng: Random): Sentence {
  const { typical } = clinic.conditions[id]!;
  const parts = Array.from({ length: 4 }, (_, index) => {
    const isPresent = rng.bool(0.75);
    const stated = rng.bool() ? rng.choice(typical) : rng.int(0, findings.length - 1);
    return [
      { text: `${index > 0 ? "," : ""}${tellOf({ stated, isPresent })}`, isKnown: false },
      { text: fits(clinic, id, stated, isPresent) ? words.fits : words.against, isKnown: true },
    ];
  });
  const recalled = knownAtEnd(recallOf(clinic, id), words.shows);
  return [...recalled, ...parts.flat(), { text: ".", isKnown: true }];
}
