/** Runs `certaindex solve` as the command line does, in a run folder of the test's own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { CommandContext } from "../../../core/command.ts";
import { createProgress } from "../../../core/progress.ts";
import { openRun, type Run } from "../../../core/run.ts";
import { solveCommand } from "./command.ts";
import { SolveOptions } from "./options.ts";

export interface CommandOutcome {
  result: NonNullable<Awaited<ReturnType<typeof solveCommand.run>>>;
  warnings: string[];
  /** What progress wrote. */
  shown: string;
  run: Run;
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "certaindex-solve-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** @returns null results only when `signal` stopped it */
export async function solveHere(
  args: string[],
  options: Partial<SolveOptions>,
  { run, signal = new AbortController().signal }: { run?: Run; signal?: AbortSignal } = {},
): Promise<CommandOutcome> {
  const parsed = SolveOptions.parse(options);
  const opened = run ?? (await openRun({ command: solveCommand.name, args, options, root: temporaryFolder() }));
  const warnings: string[] = [];
  let shown = "";
  const stream = { write: (text: string) => (shown += text) };
  const context: CommandContext = {
    log: { info: () => {}, debug: () => {}, warn: (event) => void warnings.push(event) },
    progress: (given) => createProgress({ ...given, stream }),
    signal,
    run: opened,
    interactive: false,
    json: true,
  };
  try {
    const result = await solveCommand.run(args, parsed, context);
    return { result: result!, warnings, shown, run: opened };
  } catch (error) {
    opened.interrupt();
    throw error;
  }
}
