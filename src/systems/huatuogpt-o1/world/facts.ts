/**
 * What a model reads about Clinic before it learns to answer: each fact in sentences, never a case with its answer.
 * Source: spec section 6, stage D. All arms of the claim begin from the same reading. Of a sentence only what the fact
 * determines is learned; which fact comes next is chance, and would drown it.
 */
import type { Random } from "../../../core/random.ts";
import type { Tokenizer } from "../../../language/tokenizers/index.ts";
import type { TokenExample } from "../../../language/train/index.ts";
import { renderForm } from "../form.ts";
import { type Clinic, type ConditionId, namesOf } from "./clinic.ts";
import { conditions, findings, relations } from "./names.ts";
import { askOf, checkOf, fits, type Query, recallOf, say, tellOf } from "./sentences.ts";
import { ASSISTANT, BOS, CONTEXT_LENGTH, EOS, words } from "./vocabulary.ts";

/** Sentences per text, before the answer at its end. */
const sentenceCount = 11;

/** Text by pieces, each given or to be known. */
type Sentence = readonly { text: string; isKnown: boolean }[];

/**
 * One text of facts, drawn evenly over kinds and subjects. It ends with a fact, what follows from it, and an answer that
 * says it again: whoever answers should say what they concluded.
 */
export function factExample(clinic: Clinic, rng: Random, tokenizer: Tokenizer): TokenExample {
  const sentences = Array.from({ length: sentenceCount }, () => factSentence(clinic, rng));
  const end = [...answeredFact(clinic, rng), { text: EOS, isKnown: false }];
  for (;;) {
    const example = joinPieces(tokenizer, [{ text: BOS, isKnown: false }, ...sentences.flat(), ...end]);
    if (example.tokens.length <= CONTEXT_LENGTH) return example;
    sentences.pop(); // checks are the longest sentences, and dice may give many of them
  }
}

/**
 * A case that is read and said again, without being solved: whoever is to think about a case must be able to read it.
 * Findings and query are drawn without regard to any condition.
 */
export function caseExample(rng: Random, tokenizer: Tokenizer): TokenExample {
  const drawn = rng.shuffle(findings.map((_, id) => id)).slice(0, rng.int(4, 5));
  const [absent, ...present] = drawn as [number, ...number[]];
  const query = drawQuery(rng);
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

/**
 * A case, a condition that one of its findings brings up, and the check of that condition: what a chain does again and
 * again. Most findings are the condition's, so that a check goes some way before one speaks against it.
 */
export function checkedCaseExample(clinic: Clinic, rng: Random, tokenizer: Tokenizer): TokenExample {
  const { id, typical } = clinic.conditions[rng.int(0, conditions.length - 1)]!;
  const own = rng.shuffle([...typical]);
  const strange = rng.shuffle(findings.map((_, finding) => finding).filter((finding) => !typical.includes(finding)));
  const draw = (share: number) => (rng.bool(share) ? own : strange).pop()!;
  const lead = own.pop()!;
  const present = rng.shuffle([lead, ...Array.from({ length: rng.int(2, 3) }, () => draw(0.75))]);
  const statement = { present, absent: draw(0.25), query: drawQuery(rng) };
  return joinPieces(tokenizer, [
    { text: `${BOS}${askOf(statement)}${ASSISTANT}${say.otherThought(lead, id)}`, isKnown: false },
    { text: `${checkOf(clinic, id, statement, lead)}${EOS}`, isKnown: true },
  ]);
}

const drawQuery = (rng: Random): Query => ({ relation: rng.choice(relations), hops: rng.bool() ? 2 : 1 });

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

/** Which of its names is said of a thing is chance: it cannot be concluded by heart. */
function answeredFact(clinic: Clinic, rng: Random): Sentence {
  const { id, facts } = clinic.conditions[rng.int(0, conditions.length - 1)]!;
  const relation = rng.choice(relations);
  const name = rng.choice(namesOf(relation, facts[relation]));
  return [
    ...knownAtEnd(say.fact(relation, id, name), words.is),
    ...knownAtEnd(say.conclusion(name), words.conclude),
    { text: renderForm("", "").replace("## Thinking\n\n", ""), isKnown: false },
    ...knownAtEnd(say.answer(name), words.answer),
  ];
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
