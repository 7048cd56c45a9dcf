/** The texts in use: the defaults, and what a folder of the user's puts in their place. */
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../../core/atomic.ts";
import { ConfigError, DataError, UsageError } from "../../../core/errors.ts";
import { closest } from "../../../core/schema.ts";
import { defaultPrompts, type PromptName } from "./defaults.ts";

export type Prompts = Readonly<Record<PromptName, string>>;

export const promptNames = Object.keys(defaultPrompts) as PromptName[];

const placeholdersOf = (text: string) => new Set([...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name!));

/** @throws ConfigError for an unknown name, or a text that leaves out what its default fills in or asks for more */
export function withOverrides(overrides: Readonly<Record<string, string>>, origin = "prompts"): Prompts {
  for (const [name, text] of Object.entries(overrides)) {
    if (!Object.hasOwn(defaultPrompts, name)) {
      const meant = closest(name, promptNames);
      throw new ConfigError(`${origin}: there is no prompt "${name}"`, {
        hint: meant ? `Did you mean "${meant}"?` : `There are: ${promptNames.join(", ")}`,
      });
    }
    checkPlaceholders(text, defaultPrompts[name as PromptName], `${origin}: ${name}`);
  }
  return { ...defaultPrompts, ...overrides };
}

/** @throws ConfigError unless `text` fills in the same names as `model` */
export function checkPlaceholders(text: string, model: string, place: string): void {
  const [given, wanted] = [placeholdersOf(text), placeholdersOf(model)];
  const missing = [...wanted].find((placeholder) => !given.has(placeholder));
  const strange = [...given].find((placeholder) => !wanted.has(placeholder));
  const known = `It is filled with ${[...wanted].map((placeholder) => `{{${placeholder}}}`).join(", ")}.`;
  if (missing) throw new ConfigError(`${place}: {{${missing}}} is missing`, { hint: known });
  if (strange) throw new ConfigError(`${place}: nothing fills {{${strange}}}`, { hint: known });
}

/** Fills the placeholders; what is filled in is not looked at again, so that data cannot pose as a placeholder. */
export function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => values[name] ?? whole);
}

/** The texts of a folder of `NAME.md` files. @throws DataError, ConfigError naming the file */
export async function readPromptFolder(folder: string): Promise<Record<string, string>> {
  const files = await readdir(folder).catch((cause) => {
    throw new DataError(`${folder}: cannot be read: ${cause.message}`, {
      hint: "`polymath huatuo prompts DIR` writes a folder of prompts.",
      cause,
    });
  });
  const names = files.filter((file) => file.endsWith(".md") && file !== "README.md");
  if (names.length === 0) {
    throw new DataError(`${folder}: has no prompt (NAME.md)`, { hint: `Names are ${promptNames.join(", ")}.` });
  }
  const texts = await Promise.all(names.map((file) => readFile(join(folder, file), "utf8")));
  const overrides = Object.fromEntries(names.map((file, index) => [file.slice(0, -3), texts[index]!.trimEnd()]));
  withOverrides(overrides, folder);
  return overrides;
}

/** Writes the default texts, to be edited. @throws UsageError where a file is there already */
export async function writePromptFolder(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const there = new Set(await readdir(folder));
  const taken = promptNames.find((name) => there.has(`${name}.md`));
  if (taken) throw new UsageError(`${join(folder, taken)}.md is there already`, { hint: "Choose an empty folder." });
  const files = promptNames.map((name) => join(folder, `${name}.md`));
  await Promise.all(files.map((file, index) => writeFileAtomic(file, `${defaultPrompts[promptNames[index]!]}\n`)));
  return files;
}
