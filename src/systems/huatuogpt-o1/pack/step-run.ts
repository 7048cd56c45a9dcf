/**
 * A step of a build is a command of its own, run on a run inside the run: its files are in `steps/NAME/`, what it
 * publishes in the folder of the build. What a finished step returned is kept, and is not worked for again.
 */
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { writeJsonAtomic } from "../../../core/atomic.ts";
import type { Command, CommandContext } from "../../../core/command.ts";
import { PolymathError } from "../../../core/errors.ts";
import { readJson } from "../../../core/json.ts";
import { writeReport } from "../../../core/report.ts";
import type { Run } from "../../../core/run.ts";
import { redact } from "../../../core/secrets.ts";

export interface StepCall<Args extends z.ZodType, Options extends z.ZodObject, Result> {
  /** Names its folder. */
  name: string;
  command: Command<Args, Options, Result | null>;
  args: z.output<Args>;
  options: z.input<Options>;
  /** Names that are those of the build's own folder: what the step publishes, and the database of all pipelines. */
  shares?: readonly string[];
}

/**
 * The command's result, from this process or from an earlier one.
 * @returns null when interrupted @throws what the command throws, with `polymath resume` of the build in its hints
 */
export async function runStep<Args extends z.ZodType, Options extends z.ZodObject, Result>(
  { name, command, args, options, shares = [] }: StepCall<Args, Options, Result>,
  context: CommandContext,
): Promise<Result | null> {
  const { run } = context;
  const kept = run.path(join("steps", name, "result.json"));
  if (existsSync(kept)) return (await readJson(kept, z.looseObject({ result: z.custom<Result>() }))).result;
  const parsed = command.options!.parse(options);
  const inner = stepRun(run, { name, command: command.name, args: args as unknown[], options, shares });
  try {
    const result = await command.run(args, parsed, { ...context, run: inner });
    if (result === null || context.signal.aborted) return null;
    await writeJsonAtomic(kept, { command: command.name, args, options: redact(options), result });
    return result;
  } catch (error) {
    if (!(error instanceof PolymathError) || !error.hint?.includes(inner.id)) throw error;
    throw new PolymathError(error.code, error.message, {
      hint: error.hint.replaceAll(inner.id, run.id),
      cause: error,
    });
  }
}

interface Inner {
  name: string;
  command: string;
  args: readonly unknown[];
  options: Record<string, unknown>;
  shares: readonly string[];
}

function stepRun(run: Run, { name, command, args, options, shares }: Inner): Run {
  const dir = join(run.dir, "steps", name);
  const step: Run = {
    id: `${run.id}-${name}`,
    dir,
    seed: typeof options.seed === "number" ? options.seed : run.seed,
    info: { ...run.info, command, args: redact([...args]), options: redact(options) },
    resumed: run.resumed,
    event: (type, fields) => run.event(type, { part: name, ...fields }),
    metric: (metric, at, value) => run.metric(`${name}/${metric}`, at, value),
    path(file) {
      const path = run.path(shares.includes(file) ? file : join("steps", name, file));
      mkdirSync(dirname(path), { recursive: true });
      return path;
    },
    async finish(report) {
      if (report) await writeReport(step, report);
      step.event("step-finish");
    },
    // The build's own run says how it ended.
    async fail() {},
    interrupt() {},
  };
  return step;
}
