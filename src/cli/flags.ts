/**
 * A command's zod schemas as flags, and the words typed back as values.
 * Commander only splits words; the schema stays the judge, so a wrong value gets the same message as one in a file.
 */
import { Argument, Option, type Command as Program } from "commander";
import type { z } from "zod";
import type { Command } from "../core/command.ts";
import { UsageError } from "../core/errors.ts";
import { explainIssue } from "../core/schema.ts";

type Schema = z.core.$ZodType;

/** What the command line must know of a field; everything else is the schema's business. */
interface Field {
  type: string;
  choices: string[] | undefined;
  initial: unknown;
  optional: boolean;
  label: string | undefined;
  description: string;
}

/** Gives commander's program every argument and option of the command. */
export function declareFlags(program: Program, command: Command<any, any>): void {
  for (const argument of argumentsOf(command.args)) program.addArgument(argument);
  for (const [name, schema] of Object.entries<Schema>(command.options?.shape ?? {})) {
    program.addOption(toOption(name, inspect(schema)));
  }
}

/**
 * The words commander split, as the values that `run` takes.
 * @param words one entry per declared argument; a variadic one holds a list
 * @param flags by camelCase name
 * @throws UsageError that names the flag or argument
 */
export function readValues(command: Command<any, any>, words: readonly unknown[], flags: Record<string, unknown>) {
  const shape: Record<string, Schema> = command.options?.shape ?? {};
  const given: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(shape)) {
    const value = toValue(flags[name], inspect(schema));
    if (value !== undefined) given[name] = value;
  }
  const labels = argumentsOf(command.args).map((argument) => argument.name());
  const flat = words.flat().filter((word) => word !== undefined);
  return {
    args: check(command.args, flat, (index) => labels[Math.min(Number(index), labels.length - 1)]!) ?? [],
    options: check(command.options, given, (name) => `--${kebab(String(name))}`) ?? {},
  };
}

/** The command's options as they are where nothing is said, by camelCase name; those without a default are absent. */
export function defaultsOf(command: Command<any, any>): Record<string, unknown> {
  const fields = Object.entries<Schema>(command.options?.shape ?? {}).map(([name, schema]) => {
    const { type, initial } = inspect(schema);
    return [name, type === "boolean" ? (initial ?? false) : initial] as const;
  });
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

function check(schema: z.ZodType | undefined, given: unknown, nameOf: (key: PropertyKey) => string): unknown {
  if (!schema) return undefined;
  const result = schema.safeParse(given, { reportInput: true });
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const { message, hint } = explainIssue(schema, given, issue);
  const [key] = issue.path;
  // The schema says `maxTokens: ...` or `[0]: ...`; the person typed --max-tokens or <file>.
  throw new UsageError(key === undefined ? message : message.replace(/^[^\s:]+/, nameOf(key)), { hint });
}

function toOption(name: string, field: Field): Option {
  const flag = `--${kebab(name)}`;
  if (field.type === "boolean") {
    // `--no-serve` turns off what is on by default; commander stores it under `serve`.
    return new Option(field.initial === true ? `--no-${kebab(name)}` : flag, field.description);
  }
  const label = field.label ?? (field.type === "number" ? "number" : field.type === "array" ? "items..." : "text");
  const option = new Option(`${flag} <${label}>`, field.description);
  if (field.choices) option.choices(field.choices);
  if (!field.optional) option.makeOptionMandatory();
  // Shown in the help; the schema itself fills it in.
  if (field.initial !== undefined) option.description += ` (default: ${String(field.initial)})`;
  return option;
}

/** Flags arrive as text. A word that is no number stays text, for the schema to complain about. */
function toValue(value: unknown, { type, initial }: Field): unknown {
  if (type === "boolean") return value ?? initial ?? false;
  if (type !== "number" || typeof value !== "string" || value.trim() === "") return value;
  return Number.isNaN(Number(value)) ? value : Number(value);
}

function argumentsOf(schema: Schema | undefined): Argument[] {
  if (!schema) return [];
  const def = unwrap(schema)._zod.def as any;
  if (def.type === "array") {
    const [list, word] = [inspect(schema), inspect(def.element)];
    const description = list.description || word.description;
    return [toArgument({ ...word, label: list.label ?? word.label, description }, "words", true)];
  }
  const fixed = def.items.map((item: Schema, index: number) =>
    toArgument(inspect(item), `argument-${index + 1}`, false),
  );
  return def.rest ? [...fixed, toArgument({ ...inspect(def.rest), optional: true }, "more", true)] : fixed;
}

function toArgument({ label, optional, description }: Field, fallback: string, isVariadic: boolean): Argument {
  const name = `${label ?? fallback}${isVariadic ? "..." : ""}`;
  return new Argument(optional || isVariadic ? `[${name}]` : `<${name}>`, description);
}

/** Looks through optional, default and pipe to the schema of what is typed. */
function inspect(schema: Schema): Field {
  const field = { choices: undefined, initial: undefined, optional: false, label: undefined, description: "" } as Field;
  for (let inner: Schema | undefined = schema; inner; inner = innerOf(inner)) {
    const def = inner._zod.def as any;
    const meta = (inner as z.ZodType).meta?.() ?? {};
    field.description ||= meta.description ?? "";
    field.label ??= meta.label as string | undefined;
    if (def.type === "optional" || def.type === "default" || def.type === "prefault") field.optional = true;
    if (def.type === "default" || def.type === "prefault") field.initial ??= def.defaultValue;
    field.type = def.type;
    if (def.type === "enum") field.choices = Object.values(def.entries);
  }
  if (field.type === "boolean") field.optional = true; // absent is false
  return field;
}

function unwrap(schema: Schema): Schema {
  const inner = innerOf(schema);
  return inner ? unwrap(inner) : schema;
}

function innerOf(schema: Schema): Schema | undefined {
  const def = schema._zod.def as any;
  if (def.type !== "pipe") return def.innerType;
  return def.in._zod.def.type === "transform" ? def.out : def.in;
}

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
