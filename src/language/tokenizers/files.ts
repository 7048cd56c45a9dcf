/** The files a tokenizer consists of, as texts by name: kept as read, so saving what was loaded changes no byte. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../core/atomic.ts";
import { DataError } from "../../core/errors.ts";

/** `tokenizer.json` is always among them. */
export type TokenizerFiles = ReadonlyMap<string, string>;

export async function saveFiles(folder: string, files: TokenizerFiles): Promise<void> {
  for (const [name, text] of files) await writeFileAtomic(join(folder, name), text);
}

export function formatJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** @param text undefined stands for a file that is not there, and gives an empty object */
export function parseObject(text: string | undefined, place: string): Record<string, any> {
  if (text === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DataError(`${place}: invalid JSON: ${(cause as Error).message}`, {
      hint: "The file is cut short or damaged; fetch it again.",
      cause,
    });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, any>;
  throw new DataError(`${place}: expected an object`, { hint: "The file is damaged; fetch it again." });
}

/** @returns undefined where there is no such file */
export async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return undefined;
    throw new DataError(`${file}: ${cause.message}`, { hint: "Check the path and its permissions.", cause });
  });
}

/** Configs write a token as text or as an object with its content. */
export function tokenText(token: unknown): string | undefined {
  if (typeof token === "string") return token;
  const content = (token as { content?: unknown } | null | undefined)?.content;
  return typeof content === "string" ? content : undefined;
}
