/** The registry as a commander program: names, help and did-you-mean for all, flags for the one that was typed. */
import { Command as Program } from "commander";
import pc from "picocolors";
import type { Command } from "../core/command.ts";
import { version } from "../core/version.ts";
import { declareFlags, readValues } from "./flags.ts";
import { type Entry, findEntry, groups, registry } from "./registry.ts";

/** What was typed, ready to run. */
export interface Invocation {
  command: Command<any, any>;
  args: unknown;
  options: Record<string, unknown>;
  json: boolean;
}

/**
 * Reads the words after `polymath`.
 * @returns undefined when help or the version was wanted and printed
 * @throws CommanderError for words that are no command, UsageError for wrong values
 */
export async function parseWords(argv: readonly string[], entries = registry): Promise<Invocation | undefined> {
  // `polymath help ask` is `polymath ask --help`; nothing at all is a wish for help, too.
  const words = argv[0] === "help" || argv.length === 0 ? [...argv.slice(1), "--help"] : [...argv];
  const typed = findEntry(words, entries);
  const command = await typed?.load();
  let invocation: Invocation | undefined;
  const program = buildProgram(entries, (entry, subcommand) => {
    if (entry !== typed || !command) return;
    describe(subcommand, command);
    subcommand.action((...all: any[]) => {
      const flags = subcommand.opts();
      const values = readValues(command, all.slice(0, -2), flags);
      invocation = { command, args: values.args, options: values.options as any, json: flags.json === true };
    });
  });
  await program.parseAsync(words, { from: "user" });
  return invocation;
}

function buildProgram(entries: readonly Entry[], complete: (entry: Entry, subcommand: Program) => void): Program {
  const program = style(new Program("polymath"))
    .description(
      "Reasoning models on your own machine: make their data, train them small, run them, judge them honestly.",
    )
    .version(version, "-v, --version", "print the version")
    .helpCommand(false)
    .addHelpText("after", examplesText(["polymath tour", 'polymath ask "17+25+38"', "polymath ask --help"]));
  for (const entry of entries) {
    const words = entry.name.split(" ");
    const parent = words
      .slice(0, -1)
      .reduce((group, _, depth) => groupOf(group, words.slice(0, depth + 1), entry.group), program);
    const subcommand = style(parent.command(words.at(-1)!)).description(entry.summary);
    if (parent === program) subcommand.helpGroup(`${entry.group}:`);
    complete(entry, subcommand);
  }
  return program;
}

/** @param words of the group, from the first on */
function groupOf(parent: Program, words: readonly string[], group: string): Program {
  const name = words.at(-1)!;
  const known = parent.commands.find((command) => command.name() === name);
  if (known) return known;
  const made = style(parent.command(name))
    .description(groups[words.join(" ")] ?? "")
    .helpCommand(false);
  return words.length === 1 ? made.helpGroup(`${group}:`) : made;
}

function describe(subcommand: Program, command: Command<any, any>): void {
  const { summary, description } = command;
  subcommand.description(description ? `${summary}\n\n${description}` : summary);
  declareFlags(subcommand, command);
  subcommand.option("--json", "print the result as JSON");
  subcommand.addHelpText("after", examplesText(command.examples));
}

function examplesText(examples: readonly string[]): string {
  return `\n${pc.bold("Examples:")}\n${examples.map((line) => `  ${line}`).join("\n")}`;
}

/** Errors leave as exceptions, so that main alone decides how a message looks and which code is returned. */
function style(program: Program): Program {
  return program
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .configureHelp({ styleTitle: (title) => pc.bold(title), styleCommandText: pc.cyan, styleSubcommandText: pc.cyan })
    .helpOption("-h, --help", "show this help");
}
