/** `polymath certaindex solve`: a data set of questions for the fewest tokens. */
import { z } from "zod";
import { writeJsonAtomic } from "../../../core/atomic.ts";
import { type CommandContext, defineCommand } from "../../../core/command.ts";
import { writeJsonLines } from "../../../core/jsonl.ts";
import { createBudget, type Ledger, openLedger, readPrices } from "../../../endpoint/index.ts";
import { openEndpoint } from "../../../language/endpoint-options.ts";
import { expectFingerprint } from "../policy/policy-file.ts";
import { uncalibratedWarning } from "../probe/index.ts";
import { createScheduler } from "../scheduler/scheduler.ts";
import { type ScheduledEndpoint, withScheduler } from "../scheduler/with-scheduler.ts";
import type { Policy } from "../schemas.ts";
import { openSolveJournal, type SolvedQuestion } from "./journal.ts";
import { SolveOptions } from "./options.ts";
import { describeSummary, type Paid, renderReport, type SolveReport } from "./report.ts";
import { isHere, placeOf, prepare, promptingFor, type SolveSetup } from "./setup.ts";
import { policyOffWarning, recordingsOf, solveAll } from "./solve.ts";
import { summarizeSolved } from "./summary.ts";

export const solveCommand = defineCommand({
  name: "certaindex solve",
  summary: "Solve a data set of questions for the fewest tokens, stopping each when its answer has settled",
  description:
    "Questions come from JSON lines, CSV or Parquet with columns problem or question, answer, and id. Without a file " +
    "and a model, the embedded model answers questions of its own world. Killed anywhere, `polymath resume` goes on " +
    "without paying twice. The run's folder holds report.html, results.jsonl, recordings.jsonl and trace.jsonl.",
  examples: [
    "polymath certaindex solve --count 200",
    "polymath certaindex solve math500.jsonl --endpoint http://127.0.0.1:8000/v1 --model Qwen2.5-7B-Instruct",
    "polymath certaindex solve gsm8k.jsonl --endpoint http://127.0.0.1:8000/v1 --policy policy.json --shadow 0.1",
    "polymath certaindex solve --count 400 --policy none --record",
  ],
  args: z
    .array(z.string())
    .max(1)
    .meta({ label: "data" })
    .describe("a file of questions; left out for the embedded model"),
  options: SolveOptions,
  journal: true,
  run: async ([file], options, context) => {
    const setup = await prepare(file, options);
    const ledger = await openLedger(context.run.path("ledger.jsonl"), {
      prices: options.prices === undefined ? {} : await readPrices(options.prices),
    });
    const place = placeOf(options);
    const accounted = await openEndpoint(place, {
      ledger,
      budget: createBudget(
        { ...(options.maxTokensTotal !== undefined && { tokens: options.maxTokensTotal }) },
        { before: ledger.totals },
      ),
      cache: { folder: options.cache ?? context.run.path("cache") },
      retries: { maxAttempts: options.attempts },
      concurrency: setup.concurrency,
    });
    const endpoint = withScheduler(accounted, createScheduler({ policy: options.order }), {
      maxInFlight: setup.concurrency,
      ...(!isHere(place) && { priority: false }), // to find out whether a server takes it would cost calls
    });
    try {
      return await solveWith(endpoint, ledger, setup, options, context);
    } finally {
      await endpoint.close();
      ledger.close();
    }
  },
  print: (result) => (result ? describeResult(result) : ""),
});

interface SolveOutcome extends SolveReport {
  /** The run's folder. */
  dir: string;
  /** Every question ran to its end: a policy can be calibrated on it. */
  isRecorded: boolean;
}

/** @returns null when interrupted: `polymath resume` goes on */
async function solveWith(
  endpoint: ScheduledEndpoint,
  ledger: Ledger,
  setup: SolveSetup,
  options: SolveOptions,
  { run, log, progress, signal }: CommandContext,
): Promise<SolveOutcome | null> {
  const { dataset, program, chosen, sampling, reward, settings, width, concurrency } = setup;
  const { policy } = chosen;
  const warnings = warningsOf(setup, options, endpoint.model);
  for (const warning of warnings) log.warn(warning);
  const prompting = await promptingFor(endpoint, setup, options);
  const journal = await openSolveJournal((name) => run.path(name), dataset.questions);
  const bar = progress({
    label: "solve",
    total: dataset.questions.length,
    unit: "questions",
    start: journal.solved.size,
  });
  const solved = await solveAll(
    {
      questions: dataset.questions,
      program,
      runtime: {
        ...{ endpoint, prompting, policy, sampling, seed: options.seed },
        skipsIdleSignals: true,
        attempts: 1, // the endpoint tries again
        namesProgram: true,
        observer: endpoint.observer,
        ...(reward && { reward }),
        ...(options.maxTokensPerQuestion !== undefined && { maxTokensPerProgram: options.maxTokensPerQuestion }),
      },
      programCount: Math.max(1, Math.ceil((2 * concurrency) / width)), // twice, so that no place is ever idle
      shadow: options.record ? 1 : options.shadow,
      ...allowedShare(policy, options),
      tracesQuestions: options.traceQuestions,
    },
    { journal, signal, progress: bar, log },
  ).finally(() => {
    journal.close();
    if (signal.aborted) bar.stop();
  });
  if (!solved) return null;
  if (solved.some(({ isPolicyOff }) => isPolicyOff)) warnings.push(policyOffWarning);
  const summary = summarizeSolved(solved, policy);
  const model = endpoint.model;
  const result: SolveReport = {
    name: dataset.name,
    program: program.name,
    model,
    policy,
    warnings,
    paid: paidOf(ledger),
    summary,
  };
  bar.stop(describeSummary(result));
  await writeJsonLines(run.path("results.jsonl"), solved.map(withoutSteps));
  // A chain that was not probed says nothing about policies that probe.
  const isUnprobed = program.name === "chain-of-thought" && policy.algorithm === "even" && !options.record;
  const details = { cap: policy.cap, model, settings };
  await writeJsonLines(
    run.path("recordings.jsonl"),
    isUnprobed ? [] : recordingsOf(solved, dataset.questions, details),
  );
  await writeJsonAtomic(run.path("policy.json"), policy);
  await writeJsonAtomic(run.path("summary.json"), result);
  const targets = dataset.questions.map(({ target }) => target);
  const report = renderReport(result, solved, targets);
  await run.finish({ ...report, provenance: { command: commandLine(run.info.args, options) } });
  return { ...result, dir: run.dir, isRecorded: options.record };
}

/** Recording is for looking, so nothing is turned off under it. */
function allowedShare({ calibration, algorithm }: Policy, { allowed, record }: SolveOptions): { allowed?: number } {
  const share = allowed ?? calibration?.disagreement ?? (calibration?.delta || undefined);
  return record || algorithm === "even" || share === undefined ? {} : { allowed: share };
}

/** What to type for the same run; what has its default is left out. */
function commandLine(args: readonly unknown[], options: SolveOptions): string {
  const quote = (value: unknown) => (/^[\w./:=@,+-]+$/.test(String(value)) ? String(value) : JSON.stringify(value));
  const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const initial: Record<string, unknown> = SolveOptions.parse({});
  const flags = Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined || value === initial[name]) return [];
    return value === true ? [`--${kebab(name)}`] : [`--${kebab(name)}`, quote(value)];
  });
  return ["polymath", solveCommand.name, ...args.map(quote), ...flags].join(" ");
}

const withoutSteps = ({ steps: _, ...rest }: SolvedQuestion) => rest;

const uncalibrated =
  "This policy is uncalibrated: nobody has measured what stopping costs in accuracy on questions like these. Record " +
  "some with --record and calibrate one: polymath certaindex calibrate.";

/** @throws DataError under `--strict` */
function warningsOf(
  { chosen: { policy, preset }, program, dataset, settings }: SolveSetup,
  { strict }: SolveOptions,
  model: string,
): string[] {
  if (policy.algorithm === "even") return []; // stops nothing
  if (!strict && preset) return [uncalibratedWarning(`effort ${preset}`)];
  if (!strict && !policy.calibration) return [uncalibrated];
  const warnings: string[] = [];
  const actual = { program: program.name, model, dataset: dataset.name, cap: policy.cap, settings };
  expectFingerprint(policy, actual, { strict, warn: (message) => warnings.push(message) });
  return warnings;
}

function paidOf({ totals, prices }: Ledger): Paid {
  const { paidCount, replayedCount, promptTokens, completionTokens, lostTokens, money, unpricedCount } = totals;
  const hasPrices = Object.keys(prices).length > 0 && unpricedCount < paidCount;
  return {
    calls: paidCount,
    replayedCalls: replayedCount,
    promptTokens,
    completionTokens,
    lostTokens,
    money: hasPrices ? money : null,
  };
}

function describeResult(result: SolveOutcome): string {
  const { summary, dir, isRecorded } = result;
  const reasons = Object.entries(summary.reasons).map(([reason, count]) => `${count} ${reason}`);
  const stops = summary.shadow?.falseStops;
  return [
    describeSummary(result),
    `Ended: ${reasons.join(", ")}.`,
    ...(stops
      ? [
          `False stops: ${(100 * stops.value).toFixed(1)} % (95 %: ${(100 * stops.low).toFixed(1)} to ${(100 * stops.high).toFixed(1)}).`,
        ]
      : []),
    `Report: ${dir}/report.html`,
    ...(isRecorded && summary.labelledCount > 0
      ? [`Calibrate: polymath certaindex calibrate ${dir} --out policy.json`]
      : []),
  ].join("\n");
}
