/** YAML that people write: package `yaml` reads it, this names file, line and mend. */
import { parseDocument } from "yaml";
import { DataError } from "./errors.ts";
import { readTextBlocks } from "./text-file.ts";

export type YamlValue = string | number | boolean | null | YamlValue[] | { [key: string]: YamlValue };
export type YamlMap = Record<string, YamlValue>;

/** A YAML file whose top is a map. @throws DataError naming file and line, or the nearest name of a missing file */
export async function readYaml(file: string): Promise<YamlMap> {
  const blocks: Buffer[] = [];
  for await (const { bytes } of readTextBlocks(file)) blocks.push(bytes);
  return parseYaml(Buffer.concat(blocks).toString("utf8"), file);
}

/** @param file stands in messages @throws DataError naming file and line */
export function parseYaml(text: string, file: string): YamlMap {
  const document = parseDocument(text, { prettyErrors: true });
  // A tag that the reader does not know would change the value's meaning: no guess is made.
  const [fault] = [...document.errors, ...document.warnings];
  if (fault) {
    const place = fault.linePos ? ` line ${fault.linePos[0].line}, column ${fault.linePos[0].col}` : "";
    const words = fault.message.split(/ at line \d+/)[0]!;
    throw new DataError(`${file}${place}: ${words}`, { hint: mends[fault.code] ?? "Mend that line of the YAML." });
  }
  let value: YamlValue;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    // Aliases of aliases can stand for more values than memory holds.
    throw new DataError(`${file}: ${(cause as Error).message}`, { hint: "Write the values out.", cause });
  }
  if (value === null || isMap(value)) return value ?? {};
  throw new DataError(
    `${file}: expected a map of names and values, got ${Array.isArray(value) ? "a list" : "a value"}`,
    {
      hint: 'Begin with lines such as "name: value".',
    },
  );
}

const mends: Partial<Record<string, string>> = {
  DUPLICATE_KEY: "Keep one of the two.",
  TAB_AS_INDENT: "Indent with blanks.",
  TAG_RESOLVE_FAILED: "Leave the tag out: plain values are all that is read.",
  MULTIPLE_DOCS: "Leave out everything from the second --- on.",
  BLOCK_AS_IMPLICIT_KEY: "Names of one map stand in one column; quote a value that holds a colon.",
  MISSING_CHAR: 'A line is "name: value"; a quote or bracket that opens must close.',
  BAD_INDENT: "Names of one map stand in one column; a quote or bracket that opens must close.",
};

const isMap = (value: YamlValue | undefined): value is YamlMap =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The value as a map; an empty one where it is something else. */
export function asMap(value: YamlValue | undefined): YamlMap {
  return isMap(value) ? value : {};
}
