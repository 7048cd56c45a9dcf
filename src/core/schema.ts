/**
 * Schema issues in people's words, for files and for the command line alike:
 * `reward: expected a number from 0 to 1, got "0.8" (text)`, and a hint that says how to mend it.
 */
import { z } from "zod";

/** What is wrong with a value, ready for an error's message and hint. */
export interface Problem {
  message: string;
  hint: string | undefined;
}

type Schema = z.core.$ZodType;
type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Checks a value; the first problem comes in words, with the number of further ones. Schemas must be synchronous. */
export function validate<S extends z.ZodType>(
  schema: S,
  value: unknown,
): { value: z.output<S> } | { problem: Problem } {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return { value: result.data };
  const [first, ...more] = result.error.issues;
  const problem = explainIssue(schema, value, first!);
  if (more.length === 0) return { problem };
  const rest = more.length === 1 ? "one more problem" : `${more.length} more problems`;
  return { problem: { ...problem, message: `${problem.message} (and ${rest})` } };
}

/** Puts one zod issue, found in `input` by `schema`, into words. */
export function explainIssue(schema: Schema, input: unknown, issue: Issue): Problem {
  const branch = closestBranch(issue);
  if (branch) return explainIssue(schema, input, branch);
  const name = describePath(issue.path);
  const at = name ? `${name}: ` : "";
  const found = valueAt(input, issue.path);
  if (issue.code === "unrecognized_keys") return explainUnknownKeys(schema, issue, at);
  if (issue.code === "custom" || isOwnMessage(issue)) return { message: `${at}${issue.message}`, hint: undefined };
  const leaf = schemaAt(schema, issue.path);
  const expected = leaf ? describeSchema(leaf) : issue.message;
  if (found === undefined && issue.path.length > 0) {
    return { message: `${at}missing, expected ${expected}`, hint: hintForMissing(schema, input, issue.path) };
  }
  return { message: `${at}expected ${expected}, got ${describeValue(found)}`, hint: leaf && hintForValue(leaf, found) };
}

/** `choices[2].text`. */
export function describePath(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text ? `${text}.${String(key)}` : String(key);
  }, "");
}

/** `"0.8" (text)`, `a list of 3`, `an object with id, text`; long ones are cut. */
export function describeValue(value: unknown): string {
  if (typeof value === "string")
    return value.length > 60
      ? `${JSON.stringify(`${value.slice(0, 57)}...`)} (text of ${value.length} characters)`
      : `${JSON.stringify(value)} (text)`;
  if (value === undefined) return "nothing";
  if (value === null || typeof value !== "object") return String(value);
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  if (value instanceof Date) return `the date ${Number.isNaN(value.getTime()) ? "?" : value.toISOString()}`;
  const keys = Object.keys(value);
  if (keys.length === 0) return "an empty object";
  return `an object with ${keys.slice(0, 4).join(", ")}${keys.length > 4 ? ", ..." : ""}`;
}

/** What a schema accepts: `a number from 0 to 1`, `one of "mid", "worst"`, `a list of text`. */
export function describeSchema(schema: Schema): string {
  const inner = unwrapSchema(schema);
  const def = inner._zod.def as any;
  const limits = limitsOf(inner);
  switch (def.type) {
    case "number":
    case "bigint":
      return `${isInteger(inner) || def.type === "bigint" ? "a whole number" : "a number"}${describeRange(limits)}`;
    case "string":
      return describeText(limits);
    case "boolean":
      return "true or false";
    case "null":
      return "null";
    case "enum":
    case "literal": {
      const values = [...(inner._zod.values ?? [])].map((value) => JSON.stringify(value));
      return values.length === 1 ? values[0]! : `one of ${values.join(", ")}`;
    }
    case "array":
      return `${describeCount("a list", limits)} of ${describeSchema(def.element).replace(/^an? /, "")}`;
    case "tuple":
      return `a list of ${def.items.length}`;
    case "object": {
      const keys = Object.keys(def.shape);
      return keys.length ? `an object with ${keys.join(", ")}` : "an object";
    }
    case "record":
      return "an object";
    case "union":
      return def.options.map(describeSchema).join(" or ");
    case "date":
      return "a date";
    default:
      return `a value of type ${def.type}`;
  }
}

/** The candidate nearest to a word, if it is near enough to be a slip of the finger. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (!best || distance < best.distance) best = { candidate, distance };
  }
  return best && best.distance <= Math.max(1, word.length / 3) ? best.candidate : undefined;
}

/** Where no branch of a union fits, the one that came furthest tells most; text against number and so on does not. */
function closestBranch(issue: Issue): Issue | undefined {
  if (issue.code !== "invalid_union") return undefined;
  const branches = issue.errors.filter((issues) => issues.length > 0 && issues.every(({ path }) => path.length > 0));
  const [best] = branches.sort((a, b) => a.length - b.length);
  return best && ({ ...best[0]!, path: [...issue.path, ...best[0]!.path] } as Issue);
}

function explainUnknownKeys(schema: Schema, issue: z.core.$ZodIssueUnrecognizedKeys, at: string): Problem {
  const [key] = issue.keys as [string];
  const known = keysOf(schemaAt(schema, issue.path));
  const meant = closest(key, known);
  const hint = meant ? `Did you mean "${meant}"?` : `Remove it; known fields are ${known.join(", ")}.`;
  return {
    message: `${at}unknown ${issue.keys.length > 1 ? "fields" : "field"} ${issue.keys.map((k) => `"${k}"`).join(", ")}`,
    hint,
  };
}

function hintForMissing(schema: Schema, input: unknown, path: Path): string {
  const name = String(path.at(-1));
  const parent = valueAt(input, path.slice(0, -1));
  const known = keysOf(schemaAt(schema, path.slice(0, -1)));
  const strangers = Object.keys(parent ?? {}).filter((key) => !known.includes(key));
  const meant = closest(name, strangers);
  if (meant) return `The field "${meant}" looks like it: rename it to "${name}".`;
  return strangers.length
    ? `Add the field "${name}" or rename the one that holds it (found: ${strangers.slice(0, 6).join(", ")}).`
    : `Add the field "${name}".`;
}

function hintForValue(schema: Schema, found: unknown): string | undefined {
  const inner = unwrapSchema(schema);
  const type = inner._zod.def.type as string;
  if (typeof found === "string" && found.trim() !== "") {
    if (type === "number" && Number.isFinite(Number(found))) return "Write it without quotes.";
    if (type === "boolean" && /^(true|false)$/i.test(found)) return "Write it without quotes.";
    const meant = type === "enum" ? closest(found, [...inner._zod.values!].map(String)) : undefined;
    if (meant) return `Did you mean "${meant}"?`;
  }
  if (type === "string" && (typeof found === "number" || typeof found === "boolean")) return "Write it in quotes.";
  if (type === "array" && found !== null && !Array.isArray(found)) return "Put it in square brackets.";
  const description =
    z.globalRegistry.get(schema as any)?.description ?? z.globalRegistry.get(inner as any)?.description;
  return description && `It is ${description}.`;
}

/** A message the schema's author wrote is better than ours; zod's standard sentences are not. */
function isOwnMessage(issue: Issue): boolean {
  const standard = z.locales.en().localeError(issue as any);
  return issue.message !== (typeof standard === "string" ? standard : standard?.message);
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<any>((inner, key) => inner?.[key], value);
}

export function schemaAt(schema: Schema, path: Path): Schema | undefined {
  const inner = unwrapSchema(schema);
  if (path.length === 0) return schema;
  const [key, ...rest] = path as [PropertyKey, ...PropertyKey[]];
  const def = inner._zod.def as any;
  const into = (next: Schema | undefined) => next && schemaAt(next, rest);
  if (def.type === "object") return into(Object.hasOwn(def.shape, key) ? def.shape[key] : def.catchall);
  if (def.type === "array") return into(def.element);
  if (def.type === "tuple") return into(def.items[key as number] ?? def.rest);
  if (def.type === "record") return into(def.valueType);
  if (def.type === "intersection") return schemaAt(def.left, path) ?? schemaAt(def.right, path);
  if (def.type === "union") return def.options.map((option: Schema) => schemaAt(option, path)).find(Boolean);
  return undefined;
}

/** Through optional, default, pipe, lazy and the like, to the schema that meets the input. */
export function unwrapSchema(schema: Schema): Schema {
  const def = schema._zod.def as any;
  if (def.type === "pipe") return unwrapSchema(def.in._zod.def.type === "transform" ? def.out : def.in);
  if (def.type === "lazy") return unwrapSchema(def.getter());
  return def.innerType ? unwrapSchema(def.innerType) : schema;
}

function keysOf(schema: Schema | undefined): string[] {
  return schema ? Object.keys((unwrapSchema(schema)._zod.def as any).shape ?? {}) : [];
}

/** Whether a number schema takes whole numbers only. */
export function isInteger(schema: Schema): boolean {
  return limitsOf(schema).formats.some((format) => /int/.test(format));
}

interface Limits {
  /** Of a number's value, a text's characters or a list's items. */
  low?: { value: number | bigint; inclusive: boolean };
  high?: { value: number | bigint; inclusive: boolean };
  /** `safeint`, `url`, `regex`, ... */
  formats: string[];
  pattern?: RegExp;
}

/** What a schema and its checks (`.min(0).max(1)`) demand. */
function limitsOf(schema: Schema): Limits {
  const { checks = [], format } = schema._zod.def as unknown as { checks?: z.core.$ZodCheck[]; format?: string };
  const limits: Limits = { formats: format ? [format] : [] };
  for (const check of checks) {
    const def = check._zod.def as any;
    const { value = def.minimum ?? def.maximum ?? def.length, inclusive = true } = def;
    if (/^greater_than|^min_|_equals$/.test(def.check)) limits.low = { value, inclusive };
    if (/^less_than|^max_|_equals$/.test(def.check)) limits.high = { value, inclusive };
    if (def.format) limits.formats.push(def.format);
    if (def.pattern) limits.pattern = def.pattern;
  }
  return limits;
}

function describeRange({ low, high }: Limits): string {
  if (low?.inclusive && high?.inclusive) return ` from ${low.value} to ${high.value}`;
  const parts: string[] = [];
  if (low) parts.push(`${low.inclusive ? "of at least" : "above"} ${low.value}`);
  if (high) parts.push(`${high.inclusive ? (low ? "at most" : "of at most") : "below"} ${high.value}`);
  return parts.length ? ` ${parts.join(" and ")}` : "";
}

function describeText({ low, high, formats, pattern }: Limits): string {
  const format = formats.find((name) => name !== "regex");
  if (format) return `text in the form of ${/^[aeio]/i.test(format) ? "an" : "a"} ${format}`;
  if (pattern) return `text that matches ${pattern}`;
  if (low?.value === 1 && !high) return "text that is not empty";
  return `text${describeSize(low, high, "characters")}`;
}

function describeCount(noun: string, { low, high }: Limits): string {
  if (low?.value === 1 && !high) return `${noun} (not empty)`;
  return `${noun}${describeSize(low, high, "items")}`;
}

function describeSize(low: Limits["low"], high: Limits["high"], unit: string): string {
  if (low && high) return ` of ${low.value === high.value ? low.value : `${low.value} to ${high.value}`} ${unit}`;
  if (low) return ` of at least ${low.value} ${unit}`;
  return high ? ` of at most ${high.value} ${unit}` : "";
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one word into the other (Damerau 1964). */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const [above, row] = [rows[i - 1]!, [i]];
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? rows[i - 2]![j - 2]! + 1 : Infinity;
      row.push(Math.min(replaced, swapped, above[j]! + 1, row[j - 1]! + 1));
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
