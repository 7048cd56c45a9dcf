/** `polymath`: words in, exit code out. 0 ok, 1 fault, 2 bad usage or input; claims add 3 and 4. */
import { CommanderError } from "commander";
import pc from "picocolors";
import { PolymathError, UsageError } from "../core/errors.ts";
import { execute } from "./execute.ts";
import { type Invocation, parseWords } from "./program.ts";
import { findEntry } from "./registry.ts";
import { resumeCommand } from "./resume.ts";

/** Runs the command and returns its exit code; errors become a message and a hint on stderr. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const invocation = await parseWords(argv);
    return invocation ? await start(invocation) : 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0; // --help, --version
    process.stderr.write(`${describeError(error)}\n`);
    return error instanceof PolymathError ? error.exitCode : error instanceof CommanderError ? 2 : 1;
  }
}

/** As `main`, then ends the process once stdout is flushed: an engine's idle workers must not keep it alive. */
export async function runProcess(argv: readonly string[]): Promise<void> {
  // `polymath runs | head` closes the pipe early; that is no fault.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
  const code = await main(argv);
  process.stdout.write("", () => process.stderr.write("", () => process.exit(code)));
}

async function start(invocation: Invocation): Promise<number> {
  if (invocation.command !== resumeCommand) return execute(invocation);
  const run = await resumeCommand.run(invocation.args as [string], {}, undefined as never);
  const { command: name, args, options } = run.info;
  try {
    const command = await findEntry(name.split(" "))?.load();
    if (!command) throw new UsageError(`This version has no \`polymath ${name}\`, which run ${run.id} belongs to`);
    return await execute({ command, args, options, json: invocation.json }, run);
  } finally {
    run.interrupt(); // does nothing to a run that has ended
  }
}

function describeError(error: unknown): string {
  const mark = pc.red("error:");
  if (process.env.POLYMATH_DEBUG && error instanceof Error) return `${mark} ${error.stack}`;
  if (error instanceof PolymathError) return `${mark} ${error.message}${error.hint ? `\n  ${error.hint}` : ""}`;
  if (error instanceof CommanderError) return describeUsage(error, mark);
  const message = error instanceof Error ? error.message : String(error);
  return `${mark} ${message}\n  This looks like a fault in Polymath. POLYMATH_DEBUG=1 shows where it happened.`;
}

/** Commander writes `error: unknown option '--stpes'\n(Did you mean --steps?)`, or whole help for a group alone. */
function describeUsage({ code, message }: CommanderError, mark: string): string {
  if (code === "commander.help") return "";
  const [fault = "", advice = "`--help` after any command shows what it takes."] = message
    .replace(/^error: /, "")
    .split("\n")
    .map((line) => line.replace(/^\((.*)\)$/, "$1"));
  return `${mark} ${fault}\n  ${advice}`;
}
