/**
 * The closed vocabulary of the coder: words of formal statements, and pieces of Python.
 * A statement reads from the outermost operation inwards, the program that solves it goes the other way.
 */

export const PAD = "<pad>";
export const BOS = "<s>";
export const EOS = "</s>";
/** Between the operations of a statement. */
export const OF = " of ";
/** The list of every problem. */
export const LIST = "a";
/** Ends the statement. */
export const COLON = ":";
export const LINE = "\n";
/** A line inside a loop. */
export const INNER = "\n ";

/** Words of statements that take a digit end in a blank. */
const statementWords = [
  ...["even", "odd", "above ", "below ", "not ", "multiple "],
  ...["plus ", "minus ", "times ", "square", "negated", "size", "rest "],
  ...["sorted", "distinct", "reversed", "alternate", "prefix", "peaks", "steps"],
  ...["sum", "max", "min", "count", "spread", "first", "last", "number ", "sum-rest "],
];

const pythonPieces = [
  ...["a=", "[", "]", "x", " for x in a", " if ", "%", "==", "!=", ">", "<", "+", "-", "*", "abs("],
  ...["(", ")", "print(", "sum(", "len(", "max(", "min(", ",default=0", "sorted(", "set(", "[::-1]", "[::2]"],
  ...["[0]", "[-1]", "a.count(", "b=[]", "s=0", "s", "s+=x", "for x in a:", "b.append(", "b+[x]", "a=b"],
  "y-x for x,y in zip(a,a[1:])",
];

/** Every token, specials first; the position is the id. */
export const VOCABULARY: readonly string[] = [
  ...[PAD, BOS, EOS, OF, LIST, COLON, LINE, INNER],
  ..."0123456789",
  ...statementWords,
  ...pythonPieces,
];

/** Jinja, for any Hugging Face runtime: the user's message is a statement. */
export const CHAT_TEMPLATE =
  "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}" +
  "{{ message['content'] | trim | replace(':', '') }}:{% elif message['role'] == 'assistant' %}" +
  "{{ message['content'] + eos_token }}{% endif %}{% endfor %}";
