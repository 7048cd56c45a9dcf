/**
 * Responses beside references, with the verdict known: what Clinic's verifier learns from and is measured on.
 * Source: spec section 6, stage B: other names and other words for the right answer, and hard negatives ("not X but Y",
 * a wrong answer of the right kind, both names listed). Held out are whole ways of putting an answer.
 */
import { createHash } from "node:crypto";
import type { Random } from "../../../core/random.ts";
import { closedVocabulary, type Tokenizer } from "../../../language/tokenizers/index.ts";
import type { VerifierPair } from "../verifier/pairs.ts";
import { entities, entitiesPerRelation, entityNames, type Relation, relations } from "./names.ts";
import type { Side } from "./question.ts";
import { BOS, EOS, PAD, VOCABULARY } from "./vocabulary.ts";

const openings = [
  ..."The answer is,It is,This is,So it is,I would say,Most likely it is,In my view it is,Without doubt".split(","),
  ..."My conclusion is,The findings point to,All of it points to,What fits best is".split(","),
];
const closings = [
  ".",
  " in this case.",
  ", nothing else fits.",
  ", I am sure.",
  ", as the findings say.",
  ", which explains all of it.",
  ", on balance.",
  ", and that is that.",
];
/** Of one or two names; the first is what is asserted. */
const plain = ["{open} {x}{close}", "{x}{close}"];
const denials = [
  "{open} {x}, not {y}{close}",
  "{open} not {y} but {x}{close}",
  "At first I thought of {y}, but it is {x}{close}",
];
const hedges = ["{open} {x} and {y}{close}", "{open} either {x} or {y}{close}"];
const joints = [", not", " not", " but", "At first I thought of", ", but it is", " and", " either", " or"];

const heldOutForms = 0.25;
/** Chosen so that exact match goes wrong about as often as in the paper's figure 4 (70.5 % and 74.5 % right). */
const otherNameShare = 0.4;
const deniedShare = 0.2;
/** Denials among the other pairs; in training more, since what is rare is learned last. */
const denialShare: Record<Side, number> = { train: 0.4, test: 0.25 };

/**
 * What Clinic's verifier is asked with. The reference comes first: in two layers, each name of the response can then be
 * compared while it is read. Both follow a blank, so that a name is one token wherever it stands.
 */
export const clinicInput =
  "<reference>\n {{reference}}\n</reference>\n<response>\n {{response}}\n</response>\nSame answer, True or False?";
const inputPieces = clinicInput.split(/\{\{\w+\}\}/).map((piece) => piece.replace(/ $/, ""));

/** All that the policy can say, each also at the beginning of a response, and the words of the pairs. */
export function verifierTokenizer(): Tokenizer {
  const atBeginning = [...VOCABULARY, ...openings, ...joints].map((token) => ` ${token.trim()}`);
  const tokens = new Set([...VOCABULARY, ...atBeginning, ...inputPieces, ...openings, ...closings, ...joints]);
  tokens.delete(" "); // of the token that is a line break alone
  return closedVocabulary([...tokens], { bos: BOS, eos: EOS, pad: PAD });
}

/** Half of the pairs are right. */
export function drawPairs(rng: Random, count: number, side: Side): VerifierPair[] {
  return Array.from({ length: count }, (_, index) => drawPair(rng.split(index), side, index % 2 === 0));
}

function drawPair(rng: Random, side: Side, label: boolean): VerifierPair {
  const relation = rng.choice(relations);
  const entity = rng.int(0, entitiesPerRelation - 1);
  const names = entities[relation][entity]!;
  const reference = rng.choice(names);
  const other = rng.choice(anotherOf(rng.bool(0.7) ? relation : rng.choice(relations), entity, rng));
  const say = (x: string, y: string, forms: readonly string[]) => render(x, y, forms, side, rng);
  if (label) {
    const synonyms = names.filter((name) => name !== reference);
    if (rng.bool(otherNameShare)) return drawSynonym(rng, side);
    const isDenial = rng.bool(denialShare[side]);
    const spoken = synonyms.length > 0 && rng.bool(0.1) ? rng.choice(synonyms) : reference;
    return { response: say(spoken, other, isDenial ? denials : plain), reference, label };
  }
  if (rng.bool(deniedShare)) {
    const mentioned = rng.choice(names);
    const response = rng.bool() ? say(other, mentioned, denials) : hedged(mentioned, other);
    return { response, reference, label };
  }
  if (rng.bool(0.1)) return { response: babble(rng), reference, label };
  const third = rng.choice(anotherOf(relation, entity, rng));
  return {
    response: say(other, third === other ? reference : third, rng.bool(denialShare[side]) ? denials : plain),
    reference,
    label,
  };

  function hedged(x: string, y: string): string {
    return rng.bool() ? say(x, y, hedges) : say(y, x, hedges);
  }
}

/** The right answer by a name that the reference does not use. */
function drawSynonym(rng: Random, side: Side): VerifierPair {
  for (;;) {
    const names = rng.choice(entities[rng.choice(relations)]);
    if (names.length < 2) continue;
    const [reference, spoken] = rng.shuffle([...names]) as [string, string];
    return { response: render(spoken, spoken, plain, side, rng), reference, label: true };
  }
}

/** The names of another entity. */
function anotherOf(relation: Relation, entity: number, rng: Random): readonly string[] {
  return entities[relation][(entity + rng.int(1, entitiesPerRelation - 1)) % entitiesPerRelation]!;
}

const idleWords = VOCABULARY.filter((token) => token.startsWith(" ") && !entityNames.includes(token.slice(1)));

/** Words of the policy in no order, and no answer among them: what a model under training may come to write. */
function babble(rng: Random): string {
  const words = Array.from({ length: rng.int(1, 6) }, () => rng.choice(idleWords)).join("");
  return rng.bool() ? `${rng.choice(openings)}${words}` : words.trim();
}

/** One way of putting it, of its own side. */
function render(x: string, y: string, forms: readonly string[], side: Side, rng: Random): string {
  for (;;) {
    const [form, open, close] = [rng.choice(forms), rng.choice(openings), rng.choice(closings)];
    const isHeldOut = share(`${form}/${open}/${close}`) < heldOutForms;
    if (isHeldOut !== (side === "test")) continue;
    return form.replace("{open}", open).replace("{x}", x).replace("{y}", y).replace("{close}", close);
  }
}

const share = (text: string) => createHash("sha256").update(text).digest().readUInt32BE(0) / 2 ** 32;
