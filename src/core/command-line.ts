/** A run's arguments and options as somebody would type them. */
import { isDeepStrictEqual } from "node:util";
import type { RunInfo } from "./run-info.ts";

type Asked = Pick<RunInfo, "command" | "args" | "options" | "defaults">;

/** `polymath claim certaindex --seed 7`; what a default gives is left out where the run knows its defaults. */
export const commandLineOf = (info: Asked): string => `polymath ${info.command} ${wordsOf(info)}`.trimEnd();

/** The words after the command's name. */
export function wordsOf({ args, options, defaults = {} }: Omit<Asked, "command">): string {
  const said = Object.entries(options).filter(([name, value]) => !isDeepStrictEqual(value, defaults[name]));
  const flags = said.flatMap(([name, value]) => flagOf(name, value, defaults[name]));
  return [...args.flat().map(quote), ...flags].join(" ");
}

function flagOf(name: string, value: unknown, initial: unknown): string[] {
  const kebab = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const flag = `--${kebab}`;
  if (value === false && initial === true) return [`--no-${kebab}`];
  if (value === false || value === null || value === undefined) return [];
  if (value === true) return [flag];
  if (Array.isArray(value)) return value.length > 0 ? [flag, ...value.map(quote)] : [];
  return [flag, quote(value)];
}

function quote(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return /^[\w@%+=:,./~-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
