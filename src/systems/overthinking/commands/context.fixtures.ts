/** A command's context for tests: a run in a folder of its own, and nothing said. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CommandContext } from "../../../core/command.ts";
import { createLog } from "../../../core/log.ts";
import { createProgress } from "../../../core/progress.ts";
import { openRun, reopenRun } from "../../../core/run.ts";

const silent = { write: () => true };

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), "polymath-overthinking-"));

/** @param resume folder of a run to go on with */
export async function testContext({
  resume,
  signal,
}: {
  resume?: string;
  signal?: AbortSignal;
} = {}): Promise<CommandContext> {
  return {
    log: createLog({ stream: silent }),
    progress: (options) => createProgress({ ...options, stream: silent }),
    signal: signal ?? new AbortController().signal,
    run: resume === undefined ? await openRun({ command: "test", root: temporaryFolder() }) : await reopenRun(resume),
    interactive: false,
    json: true,
  };
}

/** What a command does with options given and the others at their defaults. */
export async function runCommand(
  command: { args?: any; options?: any; run(args: any, options: any, context: CommandContext): any },
  args: string[],
  options: Record<string, unknown> = {},
  context?: CommandContext,
): Promise<any> {
  return command.run(command.args.parse(args), command.options.parse(options), context ?? (await testContext()));
}
