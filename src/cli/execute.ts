/**
 * Runs one command the way every command runs: a run folder where it wants one, Ctrl-C once to stop well and twice
 * to quit, the result on stdout, everything else on stderr.
 */
import pc from "picocolors";
import type { Command, CommandContext } from "../core/command.ts";
import { createLog } from "../core/log.ts";
import { createProgress } from "../core/progress.ts";
import { openRun, type Run } from "../core/run.ts";
import { defaultsOf } from "./flags.ts";
import type { Invocation } from "./program.ts";
import { journalProgress } from "./studio/journal-progress.ts";

/** Exit code of a program ended by Ctrl-C, as shells have it. */
const interruptedCode = 130;

/**
 * @param run a run being resumed; otherwise commands with a journal open a new one
 * @returns the exit code
 */
export async function execute({ command, args, options, json }: Invocation, reopened?: Run): Promise<number> {
  const run = reopened ?? (command.journal ? await open(command, args, options) : undefined);
  if (run) process.stderr.write(pc.dim(`run ${run.id} in ${shortPath(run.dir)}\n`));
  const { signal, release } = watchInterrupts(command.endsOnInterrupt ? "stopping" : "stopping after the step at hand");
  const context: CommandContext = {
    log: createLog(),
    progress: run ? journalProgress(run, signal) : createProgress,
    signal,
    run: run as Run, // commands without a journal never look at it
    json,
    interactive: !json && !process.env.CI && process.stdin.isTTY === true && process.stdout.isTTY === true,
  };
  try {
    const result = await command.run(args, options, context);
    if (signal.aborted && !command.endsOnInterrupt && run?.info.status !== "finished") return stop(run);
    const text = json || !command.print ? JSON.stringify(result, null, 2) : command.print(result);
    if (text) process.stdout.write(`${text}\n`);
    if (run?.info.status === "running") await run.finish();
    return command.exitCode?.(result) ?? 0;
  } catch (error) {
    if (signal.aborted) return stop(run);
    if (run?.info.status === "running") await run.fail(error);
    throw error;
  } finally {
    release();
  }
}

function open(command: Command<any, any>, args: unknown, options: Record<string, unknown>): Promise<Run> {
  const seed = typeof options.seed === "number" ? options.seed : undefined;
  return openRun({ command: command.name, args: args as unknown[], options, defaults: defaultsOf(command), seed });
}

function stop(run: Run | undefined): number {
  run?.interrupt();
  process.stderr.write(run ? `stopped; go on with: polymath resume ${run.id}\n` : "stopped\n");
  return interruptedCode;
}

function watchInterrupts(notice: string) {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(interruptedCode);
    process.stderr.write(`\n${notice}; Ctrl-C again quits at once\n`);
    controller.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return { signal: controller.signal, release: () => void process.off("SIGINT", onSignal).off("SIGTERM", onSignal) };
}

/** Relative to the working folder where that is shorter. */
export function shortPath(path: string): string {
  const here = `${process.cwd()}/`;
  return path.startsWith(here) ? path.slice(here.length) : path;
}
