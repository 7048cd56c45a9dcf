/**
 * The closed vocabulary of "Sums": what the model reads and writes, piece by piece.
 *
 * Numbers are written digit by digit, so one step is a few small facts (two digits and a carry) instead of one of
 * 50,000 sums. Circled numbers say which addend a step is about: without them a model has to count its own steps,
 * and equal addends look alike.
 */

export const PAD = "<pad>";
export const BOS = "<s>";
export const EOS = "</s>";
export const THINK = "<think>";
export const END_OF_THINKING = "</think>";
export const ANSWER = "<answer>";
export const END_OF_ANSWER = "</answer>";
export const SPECIAL_TOKENS = [PAD, BOS, EOS, THINK, END_OF_THINKING, ANSWER, END_OF_ANSWER] as const;

const CIRCLED = ["①", "②", "③", "④", "⑤", "⑥"] as const;
/** " ① " to " ⑥ ": a step about that addend. */
export const ORDINALS = CIRCLED.map((circled) => ` ${circled} `);
/** " ①+" to " ⑥+": add that addend. */
export const ADD_ORDINALS = CIRCLED.map((circled) => ` ${circled}+`);

/** A solution is at most the tenth; the marker both separates solutions and counts them. */
export const MOST_SOLUTIONS = 10;
export const ROUND_MARKERS = Array.from({ length: MOST_SOLUTIONS }, (_, index) => `\n${index + 1}) `);

export const PLUS = "+ ";
export const EQUALS = " = ";
export const TOTAL = ", total ";
export const ARROW = " → ";
export const UNITS = " units:";
/** Said of a solution after the first: an earlier one had the same answer, or none had. */
export const SAME = " (same)";
export const DIFFERS = " (differs)";

export const LABELS = {
  full: "add up:",
  check: "wait, check:",
  reverse: "from the end:",
  pairs: "in pairs:",
  tens: "tens:",
} as const;

/** Every token, specials first; the position is the id. */
export const VOCABULARY: readonly string[] = [
  ...SPECIAL_TOKENS,
  ..."0123456789",
  "+",
  "=",
  PLUS,
  EQUALS,
  ARROW,
  TOTAL,
  ...ORDINALS,
  ...ADD_ORDINALS,
  ...ROUND_MARKERS,
  ...Object.values(LABELS),
  UNITS,
  SAME,
  DIFFERS,
];

/** Jinja, for any Hugging Face runtime: the spaces of "17 + 25" go, "=" is added when it is missing. */
export const CHAT_TEMPLATE =
  "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}" +
  "{% set question = message['content'] | replace(' ', '') | replace('=', '') %}{{ question + '=' }}" +
  "{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token }}{% endif %}{% endfor %}";

/** A number as its digit tokens. */
export const digits = (value: number): string[] => [...String(value)];

// Longest first, so that "+ " is not read as "+"; the last alternative takes one unknown character.
const TOKEN_PATTERN = new RegExp(
  [...[...VOCABULARY].sort((a, b) => b.length - a.length).map(escapeForPattern), "[^]"].join("|"),
  "gu",
);

/** Cuts any text into vocabulary tokens; a character outside the vocabulary is a piece of its own. */
export const splitTokens = (text: string): string[] => text.match(TOKEN_PATTERN) ?? [];

function escapeForPattern(token: string): string {
  return token.replace(/[+()|?]/g, "\\$&");
}
