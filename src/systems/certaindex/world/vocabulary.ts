/**
 * The closed vocabulary of "digit chains": what the model reads and writes, piece by piece.
 * Source: papers/certaindex section 6. Differs from it: an operator token carries its place in the chain ("③+"), so that
 * "which step is next" is looked up and not counted; the vocabulary has 84 tokens for that and not 24.
 */

export const PAD = "<pad>";
export const BOS = "<s>";
export const EOS = "</s>";
/** Mode tokens, which end the prompt: straight to the answer, or with re-checks. */
export const FAST = "<fast>";
export const THINK = "<think>";
export const END_OF_THINKING = "</think>";
/** Opens the answer. Put behind an unfinished trace it is a probe, answered by the current partial state. */
export const BOXED = "\\boxed{";
export const CLOSE = "}";
/** Put behind a trace, it is answered by `RIGHT` or `WRONG`: are all states until here true? */
export const CHECK = "<check>";
export const RIGHT = "ok";
export const WRONG = "off";
/** Opens a re-check: the chain again, from its start. */
export const WAIT = "wait ";
/** Ends the question. In a step, stands before the new state; in a re-check before the last state only. */
export const EQUALS = "=";
/** Stands before the other states of a re-check: what a probe wants is always the latest state behind `=`. */
export const ARROW = "→";

export const OPERATORS = ["+", "-", "*", "?", "!"] as const;
export type Operator = (typeof OPERATORS)[number];

export const MOST_STEPS = 12;
const CIRCLED = [..."①②③④⑤⑥⑦⑧⑨⑩⑪⑫"];

/** "③+" for the operator of step 3. @param step from 1 */
export const operatorToken = (step: number, operator: Operator): string => `${CIRCLED[step - 1]}${operator}`;

/** Every token, specials first; the position is the id. */
export const VOCABULARY: readonly string[] = [
  PAD,
  BOS,
  EOS,
  FAST,
  THINK,
  END_OF_THINKING,
  BOXED,
  CLOSE,
  CHECK,
  RIGHT,
  WRONG,
  WAIT,
  EQUALS,
  ARROW,
  ..."0123456789",
  ...CIRCLED.flatMap((circled) => OPERATORS.map((operator) => circled + operator)),
];

/**
 * Jinja, for any Hugging Face runtime: "3+4*7" becomes `<s>3①+4②*7=<think>`, and "fast 3+4*7" the same with `<fast>`.
 * Numbered operators are taken as they are.
 */
export const CHAT_TEMPLATE =
  "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}" +
  "{% set chain = message['content'] | replace('fast', '') | replace('think', '') | replace(' ', '') | replace('=', '') %}" +
  "{% set count = namespace(n=0) %}{% for at in range(chain | length) %}{% set c = chain[at:at+1] %}" +
  `{% if c in '${OPERATORS.join("")}' %}{{ '${CIRCLED.join("")}'[count.n:count.n+1] + c }}{% set count.n = count.n + 1 %}` +
  `{% elif c not in '${CIRCLED.join("")}' %}{{ c }}{% endif %}{% endfor %}` +
  `{{ '${EQUALS}' }}{% if 'fast' in message['content'] %}{{ '${FAST}' }}{% else %}{{ '${THINK}' }}{% endif %}` +
  "{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token }}{% endif %}{% endfor %}";

// Words, then numbered operators; the last alternative takes one character, also an unknown one.
const WORDS = VOCABULARY.filter((token) => token.length > 1 && !CIRCLED.some((circled) => token.startsWith(circled)));
const TOKEN_PATTERN = new RegExp(`${WORDS.map(escapeForPattern).join("|")}|[①-⑫][-+*?!]|[^]`, "gu");

/** Cuts any text into vocabulary tokens; a character outside the vocabulary is a piece of its own. */
export const splitTokens = (text: string): string[] => text.match(TOKEN_PATTERN) ?? [];

function escapeForPattern(token: string): string {
  return token.replace(/[\\{}]/g, "\\$&");
}
