/** A run's arguments and options as somebody would type them. */
import type { RunInfo } from "./run-info.ts";

type Asked = Pick<RunInfo, "command" | "args" | "options">;

/** `polymath claim certaindex --seed 7`; what a default gives is written, too: run.json does not tell them apart. */
export const commandLineOf = (info: Asked): string => `polymath ${info.command} ${wordsOf(info)}`.trimEnd();

/** The words after the command's name. */
export function wordsOf({ args, options }: Pick<Asked, "args" | "options">): string {
  const flags = Object.entries(options).flatMap(([name, value]) => flagOf(name, value));
  return [...args.flat().map(quote), ...flags].join(" ");
}

function flagOf(name: string, value: unknown): string[] {
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  if (value === false || value === null || value === undefined) return [];
  if (value === true) return [flag];
  if (Array.isArray(value)) return value.length > 0 ? [flag, ...value.map(quote)] : [];
  return [flag, quote(value)];
}

function quote(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return /^[\w@%+=:,./~-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
