/**
 * A data set of questions, each by a program under a policy, many at a time. Killed anywhere and started again on the
 * same journal it ends with the same answers and figures: what is done is not done again, and what was under way draws
 * the same, for seeds go by question and call.
 */
import type { Log } from "../../../core/log.ts";
import type { Progress } from "../../../core/progress.ts";
import { Random } from "../../../core/random.ts";
import { createShadow, type Shadow } from "../policy/shadow.ts";
import { sameAnswer } from "../policy/summary.ts";
import {
  createProgramRuntime,
  type Program,
  type Question,
  type RuntimeOptions,
  toRecording,
} from "../programs/index.ts";
import type { Recording } from "../schemas.ts";
import { SolvedQuestion, type SolveJournal } from "./journal.ts";
import { estimateSaved } from "./summary.ts";

/** Questions that fail one after another before the run is given up: the server is gone, and may be back tomorrow. */
const mostFailures = 10;

export interface SolveTask {
  questions: readonly Question[];
  program: Program<any>;
  runtime: Omit<RuntimeOptions, "trace" | "now">;
  /** Programs under way at a time. */
  programCount: number;
  /** Share of the programs that go on to the cap after their stop, to see what stopping costs; 1 records all. */
  shadow: number;
  /**
   * Share of stops whose answer the full run may change. When shadows see more than that, the policy is turned off and
   * the rest of the questions have the full budget. Default: nothing turns it off.
   */
  allowed?: number;
  /** Write the questions' texts into the trace. Default false. */
  tracesQuestions?: boolean;
}

export interface SolveContext {
  journal: SolveJournal;
  signal: AbortSignal;
  progress: Progress;
  log: Pick<Log, "warn">;
}

/**
 * @returns the solved questions in the order of the data set; null when `signal` stopped it before its end
 * @throws what would stop every question: a wrong key, no such model, something the endpoint cannot do; and what the
 *   last of ten questions failed with that failed one after another
 */
export async function solveAll(task: SolveTask, context: SolveContext): Promise<SolvedQuestion[] | null> {
  const { questions, program, programCount, shadow } = task;
  const { journal, progress, log } = context;
  const done = new Map(journal.solved);
  const began = performance.now();
  const runtime = createProgramRuntime({
    ...task.runtime,
    trace: journal.trace,
    now: () => journal.elapsed + (performance.now() - began) / 1000,
  });
  const alarm = openAlarm(task, [...done.values()]);
  const failures: SolvedQuestion[] = [];
  const failing = new AbortController();
  const signal = AbortSignal.any([context.signal, failing.signal]);
  const show = () => progress.update(done.size, liveFigures([...done.values()], task.runtime.policy.cap));

  async function solveOne(index: number): Promise<void> {
    const question = questions[index]!;
    const isShadowed = isInShadow(task.runtime.seed ?? 0, question.id, shadow);
    const isPolicyOff = alarm?.isOff === true;
    const run = await runtime.run(program, question, {
      signal,
      ...(alarm && { policy: alarm.inForce() }),
      isShadowed,
      tracesQuestion: task.tracesQuestions ?? false,
    });
    // Parsed, so that it is the same as when it is read again.
    const solved = SolvedQuestion.parse({ index, isShadowed, ...run, ...(isPolicyOff && { isPolicyOff }) });
    done.set(index, solved);
    failures.push(solved); // kept until something works again: a run that is given up tries them anew
    if (run.reason !== "failed" || run.answer !== null) for (const one of failures.splice(0)) journal.add(one);
    if (failures.length >= mostFailures) throw run.cause;
    if (alarm && tellShadow(alarm, solved) && !isPolicyOff) log.warn(policyOffWarning, { after: question.id });
    if (run.reason === "failed") log.warn("question-fail", { question: question.id, error: run.error });
    show();
  }

  show();
  const open = questions.map((_, index) => index).filter((index) => !done.has(index));
  const worker = async () => {
    for (let index = open.shift(); index !== undefined && !signal.aborted; index = open.shift()) await solveOne(index);
  };
  // The first fault ends all, and is what is thrown; the others only report that they were ended.
  await Promise.all(
    Array.from({ length: Math.min(programCount, open.length) }, () =>
      worker().catch((error) => {
        if (!signal.aborted) failing.abort(error);
      }),
    ),
  );
  if (failing.signal.aborted) throw failing.signal.reason;
  if (done.size < questions.length) return null;
  for (const one of failures) journal.add(one);
  return questions.map((_, index) => done.get(index)!);
}

/** Said once in the log and in the report. */
export const policyOffWarning =
  "The policy was turned off: full runs of shadowed questions changed more answers than it is allowed to. The questions " +
  "after that had the full budget. Calibrate it anew on questions like these.";

/** As far as earlier processes had come. */
function openAlarm({ allowed, runtime, shadow }: SolveTask, solved: readonly SolvedQuestion[]): Shadow | undefined {
  if (allowed === undefined || shadow === 0) return undefined;
  const alarm = createShadow(runtime.policy, { share: shadow, allowed });
  for (const one of solved) tellShadow(alarm, one);
  return alarm;
}

/** @returns whether the policy is off; only programs that were stopped and went on have something to tell */
function tellShadow(alarm: Shadow, { id, answer, full, isPolicyStop }: SolvedQuestion): boolean {
  return full && isPolicyStop ? alarm.record(id, !sameAnswer(answer, full.answer)) : alarm.isOff;
}

/** Whether a program goes on after its stop: by its question alone, so that a resumed run chooses the same. */
export function isInShadow(seed: number | string, id: string, share: number): boolean {
  return new Random(seed).split("shadow").split(id).next() < share;
}

/** What every program did; those whose policy stopped them are marked as truncated. */
export function recordingsOf(
  solved: readonly SolvedQuestion[],
  questions: readonly Question[],
  details: { cap: number; model: string; settings: Record<string, unknown> },
): Recording[] {
  return solved.flatMap((one) => toRecording(one, { ...details, question: questions[one.index]! }) ?? []);
}

function liveFigures(solved: readonly SolvedQuestion[], cap: number): Record<string, string> {
  const labelled = solved.filter(({ correct }) => correct !== null);
  const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
  const right = labelled.filter(({ correct }) => correct).length;
  const saved = estimateSaved(solved, cap);
  return {
    tokens: String(solved.reduce((sum, { tokens, probeTokens }) => sum + tokens + probeTokens, 0)),
    ...(labelled.length > 0 && { accuracy: percent(right / labelled.length) }),
    ...(saved !== null && { saved: percent(saved) }),
  };
}
