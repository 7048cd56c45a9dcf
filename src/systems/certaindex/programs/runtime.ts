/**
 * Drives programs under a policy: grants, calls, budgets, retries, seeds and the trace are here, so that a program is
 * its two functions and nothing else.
 *
 * A shadowed program is not ended when the policy stops it: it goes on to the cap, so that one learns what the full
 * run would have said. Its answer and its figures are those of the stop; a run of shadowed programs is a recording.
 */
import { ConfigError } from "../../../core/errors.ts";
import { BudgetError } from "../../../endpoint/budget.ts";
import type { Endpoint } from "../../../endpoint/endpoint.ts";
import { type AnswerEquality, type AnswerGroups, groupByEquality } from "../cluster.ts";
import { decide } from "../policy/decide.ts";
import type { Policy, Step, StopReason, TraceEvent } from "../schemas.ts";
import { type Caller, createCaller, isFatal, type Sampling } from "./caller.ts";
import { createEqual } from "./equal.ts";
import { checkSignals, type JudgeOptions, judgeAnswer, type Outcome, outcomeAt } from "./outcome.ts";
import {
  addCost,
  type Cost,
  type GenerateCall,
  noCost,
  type Path,
  type Program,
  type ProgramContext,
  type Prompting,
  type Question,
} from "./program.ts";
import type { RewardModel } from "./reward.ts";
import { seedOf } from "./seeds.ts";
import { createProgramTrace, type ProgramTrace } from "./trace.ts";

export interface RuntimeOptions extends JudgeOptions {
  endpoint: Endpoint;
  prompting: Prompting;
  policy: Policy;
  sampling: Sampling;
  /** Of the run; programs derive theirs from it and the id of their question. Default 0. */
  seed?: number | string;
  /** For programs that ask for rewards. */
  reward?: RewardModel;
  /** Whether two answers are one, for votes and probes. Default: endpoint/answers. */
  equal?: AnswerEquality;
  /** Groups answers for votes, e.g. `groupBySimilarity`. Default: `groupByEquality` by `equal`. */
  group?: (answers: readonly (string | null)[]) => Promise<AnswerGroups>;
  /** Generated tokens per program at most, probes included; what it has then is its answer. */
  maxTokensPerProgram?: number;
  /** A path that this budget cut: kept with the answer that it has, or counted without one (default). */
  cutPaths?: "keep" | "discard";
  /** Requests per call at most, beyond what the endpoint's own layers try; default 2. */
  attempts?: number;
  /**
   * Under a policy that gives all the same budget, tell programs that nobody looks at their signals. Default false: what
   * they do can then be replayed under other policies.
   */
  skipsIdleSignals?: boolean;
  trace?: (event: TraceEvent) => void;
  /** Seconds since the trace began; default: since the runtime was made. */
  now?: () => number;
  /** Calls name their program in `extra.program`, for schedulers and our engine. Default: for endpoints of ours. */
  namesProgram?: boolean;
  /** Told how far programs are, e.g. a scheduler that orders by what is left. */
  observer?: ProgramObserver;
}

export interface ProgramObserver {
  arrived?(program: string): void;
  /** It was granted so many units more. */
  updated?(program: string, state: { remainingUnits: number }): void;
  ended?(program: string): void;
}

export interface RunProgramOptions {
  signal?: AbortSignal;
  /** Instead of the runtime's. */
  policy?: Policy;
  /** Go on to the cap after the policy's stop. Default false. */
  isShadowed?: boolean;
  /** Seconds after arrival, for the trace. */
  deadline?: number;
  tenant?: string;
  /** Write the question's text into the trace. Default false. */
  tracesQuestion?: boolean;
}

export interface ProgramRun extends Outcome {
  /** Of the question. */
  id: string;
  program: string;
  reason: StopReason;
  /** Some calls failed for good, and the rest answered. */
  isDegraded: boolean;
  /** What it failed with, in words and as it was thrown. */
  error?: string;
  cause?: unknown;
  /** All steps, those after the stop of a shadowed program too. */
  steps: Step[];
  /** It came to the cap or to its own end: the steps tell what every policy would have done. */
  isComplete: boolean;
  /** The policy ended it, and no fault or budget: the steps tell what this policy does. */
  isPolicyStop: boolean;
  /** How a shadowed program ended that the policy had stopped before. */
  full?: Outcome;
}

export interface ProgramRuntime {
  /**
   * @throws the signal's reason when aborted, and errors that every other program would meet as well: a wrong key, no
   *   such model, something the endpoint cannot do
   */
  run<State>(program: Program<State>, question: Question, options?: RunProgramOptions): Promise<ProgramRun>;
}

export function createProgramRuntime(options: RuntimeOptions): ProgramRuntime {
  const began = performance.now();
  const { now = () => (performance.now() - began) / 1000, trace: write = () => {} } = options;
  return {
    async run(program, question, runOptions = {}) {
      const trace = createProgramTrace({ program: question.id, now, write });
      const { deadline, tenant, tracesQuestion } = runOptions;
      trace.arrive({ deadline, tenant, question: tracesQuestion ? question.text : undefined });
      options.observer?.arrived?.(question.id);
      try {
        return await drive(program, question, { ...options, ...runOptions, trace });
      } finally {
        options.observer?.ended?.(question.id);
      }
    },
  };
}

type DriveOptions = Omit<RuntimeOptions, "trace"> & RunProgramOptions & { trace: ProgramTrace };

async function drive<State>(program: Program<State>, question: Question, options: DriveOptions): Promise<ProgramRun> {
  const { policy, trace, isShadowed = false, signal = new AbortController().signal } = options;
  const seed = seedOf(options.seed ?? 0, question.id);
  const caller = createCaller({
    ...options,
    question,
    seed,
    signal,
    attempts: options.attempts ?? 2,
    namesProgram: options.namesProgram ?? /^(local|embedded):/.test(options.endpoint.url),
  });
  const steps: Step[] = [];
  let spent: Cost = noCost;
  let stop: { reason: StopReason; stepCount: number; failedCount: number } | undefined;
  let failure: unknown;
  let failedCount = 0;
  let isOutOfBudget = false;
  let wasRefused = false;
  let isPolicyStop = false;
  let hasEndedItself = false;

  const end = (reason: StopReason) => {
    if (stop) return;
    stop = { reason, stepCount: steps.length, failedCount };
    trace.stop(reason, steps.length);
  };
  const budgetLeft = () => (options.maxTokensPerProgram ?? Number.POSITIVE_INFINITY) - caller.generatedTokens;
  const equal = createEqual(options.equal);

  /** What the policy grants, and after its stop what the shadow needs to reach the cap. */
  function nextGrant(): number {
    const left = isOutOfBudget || budgetLeft() < 1 ? 0 : policy.cap - steps.length;
    if (stop) return isShadowed ? left : 0;
    const decision = decide(policy, steps);
    if ("grant" in decision && left > 0) return Math.min(decision.grant, left);
    isPolicyStop = "stop" in decision;
    end("stop" in decision ? decision.stop : "budget");
    return isShadowed ? left : 0;
  }

  const context: ProgramContext<State> = {
    question,
    seed,
    signal,
    steps,
    cap: policy.cap,
    usesSignals: !options.skipsIdleSignals || isShadowed || policy.algorithm !== "even",
    equal,
    group: options.group ?? ((answers) => groupByEquality(answers, equal)),
    async grant() {
      signal.throwIfAborted();
      const units = nextGrant();
      wasRefused = units === 0;
      if (units > 0) {
        trace.grant(units);
        options.observer?.updated?.(question.id, { remainingUnits: units });
      }
      return units;
    },
    async sample(count, call = {}) {
      const first = steps.length;
      const calls = Array.from({ length: count }, (_, index) => ({ ...call, label: `branch ${first + index}` }));
      return context.generateAll(calls);
    },
    async generateAll(calls) {
      const limit = Math.floor(budgetLeft() / calls.length);
      const results = await Promise.allSettled(calls.map((call) => generate(caller, call, limit, options)));
      const paths = results.map((result) => {
        if (result.status === "fulfilled") return result.value;
        note(result.reason);
        return null;
      });
      if (calls.length > 0 && steps.length === 0 && paths.every((path) => path === null)) throw failure;
      return paths;
    },
    async generate(call) {
      try {
        return await generate(caller, call, budgetLeft(), options);
      } catch (error) {
        note(error);
        throw error;
      }
    },
    async reward(paths) {
      if (!options.reward) {
        throw new ConfigError(`${program.name} judges its paths, and there is no reward model`, {
          hint: "Give one: a verdict token of the model, or a function of your own.",
        });
      }
      return options.reward(context, paths);
    },
    async report(state, { spent: parts, answer, votes, probed }) {
      if (isOutOfBudget && !parts.some((part) => part)) return; // nobody paid for it, so it was not spent
      spent = parts.reduce<Cost>((sum, part) => (part ? addCost(sum, part.cost) : sum), spent);
      const step: Step = {
        knob: steps.length + 1,
        ...spent,
        signals: checkSignals(program.name, await program.updateCertaindex(state)),
        ...(votes && { votes: [...votes] }),
        answer,
        ...(probed !== undefined && { probed }),
        correct: judgeAnswer(answer, question, options),
      };
      steps.push(step);
      trace.step(step);
    },
  };

  /** Remembers what failed. @throws what ends the whole run, and the signal's reason */
  function note(error: unknown): void {
    signal.throwIfAborted();
    if (isFatal(error)) throw error;
    failure = error;
    if (error instanceof BudgetError) isOutOfBudget = true;
    else failedCount++;
  }

  try {
    await program.execute(context);
    signal.throwIfAborted();
    hasEndedItself = !wasRefused;
    end(steps.length < policy.cap ? "natural" : "cap");
  } catch (error) {
    if (signal.aborted || isFatal(error)) {
      end(signal.aborted ? "aborted" : "failed");
      throw signal.aborted ? signal.reason : error;
    }
    end(error instanceof BudgetError ? "budget" : "failed");
  }
  return finish();

  function finish(): ProgramRun {
    const { reason, stepCount, failedCount } = stop!; // failures of the shadow are none of the answer
    const outcome = outcomeAt(steps, stepCount, question, options);
    const isDegraded = failedCount > 0 && outcome.answer !== null;
    trace.finish({ answer: outcome.answer, correct: outcome.correct, degraded: isDegraded });
    const isComplete = hasEndedItself || steps.length >= policy.cap;
    const isFaulty = failedCount > 0 || reason === "failed" || reason === "budget";
    return {
      id: question.id,
      program: program.name,
      ...outcome,
      reason,
      isDegraded,
      ...(isFaulty && failure instanceof Error && { error: failure.message, cause: failure }),
      steps,
      isComplete,
      isPolicyStop,
      ...(isComplete && stepCount < steps.length && { full: outcomeAt(steps, steps.length, question, options) }),
    };
  }
}

/** One call within the budget of its program. */
async function generate(caller: Caller, call: GenerateCall, limit: number, options: DriveOptions): Promise<Path> {
  const path = await caller.call(call, limit);
  const isCut = path.finishReason === "length" && limit < (call.maxTokens ?? options.sampling.maxTokens);
  return isCut && options.cutPaths !== "keep" ? { ...path, answer: null } : path;
}
