/** Text cells, as of a CSV file or a command line, turned into what a schema wants. */
import type { z } from "zod";
import { unwrapSchema } from "./schema.ts";

type Schema = z.core.$ZodType;

/**
 * Reads a cell as the number, truth value or JSON that `schema` asks for. What does not fit is returned as it is:
 * validation then says what was expected. An empty cell is a missing value, except where text is wanted.
 */
export function readCell(schema: Schema | undefined, text: string): unknown {
  const type = schema && (unwrapSchema(schema)._zod.def.type as string);
  if (type === undefined || type === "string") return text;
  if (type === "enum" || type === "literal") return readLiteral(schema!, text);
  const trimmed = text.trim();
  if (trimmed === "") return acceptsNull(schema!) ? null : undefined;
  if (type === "number") return Number.isNaN(Number(trimmed)) ? text : Number(trimmed);
  if (type === "boolean") return { true: true, "1": true, false: false, "0": false }[trimmed.toLowerCase()] ?? text;
  if (type === "date") return Number.isNaN(Date.parse(trimmed)) ? text : new Date(trimmed);
  if (type === "union") return readUnion(schema!, text);
  return parsed(trimmed) ?? text;
}

/** The inverse: text and numbers as they are, everything else as JSON; null and undefined are empty. */
export function writeCell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (value instanceof Date) return value.toISOString();
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** A literal need not be text: `z.literal(1)` takes the cell "1". */
function readLiteral(schema: Schema, text: string): unknown {
  const values = [...(unwrapSchema(schema)._zod.values ?? [])];
  const exact = values.find((value) => String(value) === text);
  return exact !== undefined ? exact : text === "" ? (acceptsNull(schema) ? null : undefined) : text;
}

/** The first option that takes the cell. */
function readUnion(schema: Schema, text: string): unknown {
  const { options } = unwrapSchema(schema)._zod.def as unknown as { options: z.ZodType[] };
  const fitting = options.find((option) => option.safeParse(readCell(option, text)).success);
  return fitting ? readCell(fitting, text) : text;
}

/** Whether a missing value is null for this schema, not an absent one. */
export function acceptsNull(schema: Schema): boolean {
  const accepts = (value: unknown) => (schema as z.ZodType).safeParse(value).success;
  return !accepts(undefined) && accepts(null);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
