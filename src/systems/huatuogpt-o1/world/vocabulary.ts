/**
 * The closed vocabulary of "Clinic", word by word; phrases that always stand together are one token.
 * A name begins with its space, so that it is one token wherever it stands.
 */
import { ChatTemplate, closedVocabulary, type Tokenizer } from "../../../language/tokenizers/index.ts";
import { conditions, entityNames, findings, relations } from "./names.ts";

export const BOS = "<s>";
export const EOS = "</s>";
export const PAD = "<pad>";
/** Stands between the question and the answer. */
export const ASSISTANT = "<answer>";

/** The pieces that sentences are made of; what stands between two of them is a name. */
export const words = {
  opening: "A person comes to the clinic with",
  and: " and",
  without: ", but without",
  which: " Which is the",
  ofCondition: " of the condition?",
  ofComplication: " of the complication of the condition?",
  options: " Choose one:",
  hmm: "Hmm,",
  thinkOf: " makes me think of",
  the: "\nThe",
  complication: " complication",
  of: " of",
  is: " is",
  isNot: " is not",
  conclude: "\nSo it is",
  check: "\nWait,",
  checkAbsent: " without",
  fits: " fits",
  against: " speaks against it",
  next: "\nNext for",
  after: " after",
  otherSide: "\nFrom another side,",
  waitThe: "\nBut the",
  answer: "The answer is",
  about: "\nAbout",
  shows: " shows",
  never: " never shows",
  told: "\nTold:",
  asked: "\nAsked:",
  filler: " so",
  opened: "\n",
} as const;

const marks = ["## Thinking\n\n", "\n\n## Final Response\n\n", ".", ",", ":"];

export const VOCABULARY: readonly string[] = [
  PAD,
  BOS,
  EOS,
  ASSISTANT,
  ...marks,
  ...new Set(Object.values(words)),
  ...[...relations, ...findings, ...conditions, ...entityNames].map((name) => ` ${name}`),
];

/** A user turn, then what the model writes. */
export const CHAT_TEMPLATE =
  "{% for message in messages %}{% if message['role'] == 'assistant' %}{{ message['content'] + eos_token }}" +
  `{% else %}{{ bos_token + message['content'] + '${ASSISTANT}' }}{% endif %}{% endfor %}`;

export const clinicTokenizer = (): Tokenizer =>
  closedVocabulary(VOCABULARY, { bos: BOS, eos: EOS, pad: PAD, specialTokens: [ASSISTANT] });

export const clinicTemplate = (): ChatTemplate =>
  new ChatTemplate(CHAT_TEMPLATE, { bos_token: BOS, eos_token: EOS }, "the template of Clinic");

/** Tokens that question and answer have together at most. */
export const CONTEXT_LENGTH = 256;
