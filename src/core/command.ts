/**
 * A command is data: name, schemas, what it does and how its result reads. `cli/` turns it into flags and help,
 * the studio and `resume` call the same `run`. A command reads, calls its system and prints; it has no logic of its own.
 */
import type { z } from "zod";
import type { Log } from "./log.ts";
import type { Progress, ProgressOptions } from "./progress.ts";
import type { Run } from "./run.ts";

export interface CommandContext {
  /** Progress and logs go to stderr; results are what `run` returns. */
  readonly log: Log;
  progress(options: ProgressOptions): Progress;
  /** Fires on Ctrl-C: finish the item at hand, save, return. */
  readonly signal: AbortSignal;
  /** Present when `journal` is true: the run folder, new or being resumed. */
  readonly run: Run;
  /** A person sits at the terminal and may be asked; false for `--json`, pipes and CI. */
  readonly interactive: boolean;
  /** Only the printed result may reach stdout: nothing is streamed there. */
  readonly json: boolean;
}

export interface Command<Args extends z.ZodType = z.ZodType, Options extends z.ZodObject = z.ZodObject, Result = any> {
  /** Words after `polymath`, e.g. "codeelo rate". */
  name: string;
  summary: string;
  /** Longer help, after the summary. */
  description?: string;
  /** Complete lines that work when pasted. */
  examples: string[];
  /** A tuple of strings, or an array when any number is taken; `.meta({ label })` names the placeholder. */
  args?: Args;
  /** Every field has `.describe()`; names are camelCase here and kebab-case flags outside. */
  options?: Options;
  /** Opens a run folder (runs/<time>-<command>-<id>) and makes the command resumable. */
  journal?: boolean;
  /** Ctrl-C is how it ends as a rule, with exit code 0: a server, for instance. */
  endsOnInterrupt?: boolean;
  run(args: z.output<Args>, options: z.output<Options>, context: CommandContext): Promise<Result> | Result;
  /** Text for people; `--json` prints the value itself. */
  print?(result: Result): string;
  /** Exit code by result, for claims (0 reproduced, 3 not, 4 inconclusive). */
  exitCode?(result: Result): number;
}

export function defineCommand<Args extends z.ZodType, Options extends z.ZodObject, Result>(
  command: Command<Args, Options, Result>,
): Command<Args, Options, Result> {
  return command;
}
