/** One update after the other: rollouts, rewards, judgement, steps; and what there is to say and to save in between. */
import { linearDecay, type Schedule } from "../../../compute/schedules.ts";
import type { Outside, Tensor } from "../../../compute/tensor.ts";
import { DivergedError } from "../../../compute/train.ts";
import type { Checkpoints } from "../../../compute/training/checkpoint.ts";
import type { OutsideState, StepProgram } from "../../../compute/training/step-program.ts";
import { readReport, type StepReport } from "../../../compute/training/step-report.ts";
import { namedLeaves } from "../../../compute/tree.ts";
import { ConfigError } from "../../../core/errors.ts";
import { Random } from "../../../core/random.ts";
import { mean } from "../../../core/statistics/index.ts";
import { rowSampler } from "../batches.ts";
import { type Fault, notANumber } from "./alarms.ts";
import { type Experience, experienceBatches, makeExperience } from "./experience.ts";
import type { PolicyParams } from "./losses.ts";
import type { RolloutMeter } from "./measure-rollouts.ts";
import { type PackedRollouts, packRollouts } from "./packed-rollouts.ts";
import type { PhaseSeconds, PolicyGuard } from "./policy-guard.ts";
import { exampleOf, type Rollout, sampleRollouts } from "./rollouts.ts";
import type { PolicySettings } from "./settings.ts";
import type { PolicyOptions } from "./train-policy.ts";
import { reportRollouts, type UpdateReport } from "./update-report.ts";

export interface UpdaterParts {
  /** To begin with. */
  state: OutsideState;
  /** Updates of earlier processes. */
  done: number;
  guard: PolicyGuard;
  meter: RolloutMeter;
  program: StepProgram;
  checkpoints: Checkpoints | null;
}

export interface PolicyUpdater {
  readonly state: OutsideState;
  /** Updates done. */
  readonly done: number;
  /** Does one update; none when the guard raises an alarm or the signal comes before its steps. */
  update(): Promise<void>;
  save(): Promise<void>;
}

/** What an update has to say beside its speed. */
type Told = Omit<UpdateReport, "lr" | "seconds" | "tokenCount" | "tokensPerSecond">;

/** What came of sampling and scoring. */
interface Sampled<Item> {
  rollouts: Rollout<Item>[];
  rewards: readonly number[];
}

export function createPolicyUpdater<Item>(
  options: PolicyOptions<Item> & { clipNorm: number },
  { guard, meter, program, checkpoints, ...begin }: UpdaterParts,
): PolicyUpdater {
  const { config, tokenizer, prompts, settings, seed, clipNorm, signal } = options;
  const { updates, maxTokens, epochs, minibatches } = settings;
  const mostLength = Math.max(...prompts.map(({ tokens }) => tokens.length)) + maxTokens - 1;
  const schedule = (options.schedule ?? usualSchedule(settings))(updates);
  const drawPrompts = rowSampler(prompts, settings.prompts, seed);
  let { state, done } = begin;
  let loss: number | null = null;
  const policy = () => (state.params as Outside<PolicyParams>).policy;

  /** @returns null when the signal came */
  async function sample(clock: PhaseClock): Promise<Sampled<Item> | null> {
    const asked = { config, params: policy(), tokenizer, prompts: drawPrompts(done), maxRows: options.maxRows, signal };
    const rollouts = await clock.time("generation", () =>
      sampleRollouts({ ...settings, ...asked, seed: `${seed}/rollouts/${done}` }),
    );
    if (!rollouts) return null;
    const context = { update: done + 1, ...(signal && { signal }) };
    const rewards = await clock
      .time("scoring", async () => options.reward(rollouts, context))
      .catch(async (error) => {
        await save(); // a server that is gone or a budget that is spent costs no update
        throw error;
      });
    if (signal?.aborted) return null; // verdicts that were cut off say nothing
    if (rewards.length !== rollouts.length)
      throw new ConfigError(`reward: expected ${rollouts.length} numbers, got ${rewards.length}`);
    return { rollouts, rewards };
  }

  /** All steps of an update, or how their numbers broke. */
  async function learn(experience: Experience, packed: PackedRollouts): Promise<StepReport[] | { fault: Fault }> {
    const reports: StepReport[] = [];
    const rng = new Random(seed).split("minibatches").split(done);
    const lr = schedule(done);
    const knobs = { clipNorm, checkpoint: checkpoints?.latest ?? null };
    try {
      for (const parts of experienceBatches(experience, settings, { mostLength, packed, rng })) {
        const step = done * epochs * minibatches + reports.length + 1;
        const output = await program.run(state, parts, step, lr);
        state = output.state;
        reports.push(await readReport({ output, step, lr, perSecond: 0 }, knobs));
      }
    } catch (error) {
      if (error instanceof DivergedError) return { fault: notANumber(error.message) };
      throw error;
    }
    if (await areNumbers(state.params)) return reports;
    return { fault: notANumber(`the parameters hold NaN or infinity after update ${done + 1}`) };
  }

  async function save(): Promise<void> {
    await guard.save();
    const seconds = Object.values(guard.seconds).reduce((sum, own) => sum + own, 0);
    if (done > 0) await checkpoints?.save(state, { step: done, loss, seconds });
  }

  function tell(clock: PhaseClock, rollouts: readonly Rollout<Item>[], report: Told): void {
    const tokenCount = rollouts.reduce((sum, { tokens }) => sum + tokens.length, 0);
    const { generation, scoring, update } = clock.spent;
    const whole = tokenCount / (generation + scoring + update);
    const tokensPerSecond = { rollout: tokenCount / generation, whole };
    options.onUpdate?.({
      ...report,
      lr: schedule(report.update - 1),
      seconds: clock.spent,
      tokenCount,
      tokensPerSecond,
    });
    const { reward, kl, entropy, evaluation } = report;
    const shown = { reward: reward.mean, kl, entropy, "tokens/s": Math.round(whole), ...evaluation };
    options.progress?.update(report.update, shown);
  }

  async function update(): Promise<void> {
    const clock = createPhaseClock(guard.seconds);
    const sampled = await sample(clock);
    if (!sampled) return;
    const { rollouts, rewards } = sampled;
    const examples = rollouts.map(exampleOf);
    const packed = packRollouts(examples, mostLength);
    const measures = await clock.time("update", () => meter.measure(state.params as Outside<PolicyParams>, packed));
    const vitals = reportRollouts(rollouts, rewards, measures, settings);
    const seen = { update: done + 1, rollouts, rewards, ...(signal && { signal }) };
    const watched = await clock.time("scoring", async () => options.watch?.(seen));
    if (signal?.aborted) return;
    guard.judge(done, { ...vitals, rewards }, watched ?? null);
    if (guard.alarm) {
      const nothing = { loss: null, metrics: {}, gradNorm: null };
      tell(clock, rollouts, { ...vitals, update: done + 1, ...nothing, alarm: guard.alarm });
      return guard.save();
    }
    await guard.keep(done, policy());
    const penalty = settings.missingEosPenalty ?? 0;
    const paid = rewards.map((reward, index) => (rollouts[index]!.ended ? reward : reward - penalty));
    const steps = await clock.time("update", () => learn(makeExperience(examples, paid, measures, settings), packed));
    if ("fault" in steps) {
      guard.raise(done, steps.fault);
      return guard.save();
    }
    done++;
    loss = mean(steps.map((step) => step.loss));
    const isDue = done === updates || (!signal?.aborted && done % (options.evaluateEvery ?? 20) === 0);
    const evaluation = isDue ? await options.evaluate?.(policy(), done) : undefined;
    const learned = { loss, metrics: meanMetrics(steps), gradNorm: Math.max(...steps.map(({ gradNorm }) => gradNorm)) };
    tell(clock, rollouts, { ...vitals, update: done, ...learned, ...(evaluation && { evaluation }) });
    if (done % (options.checkpointEvery ?? 20) === 0) await save();
  }

  return {
    get state() {
      return state;
    },
    get done() {
      return done;
    },
    update,
    save,
  };
}

interface PhaseClock {
  /** Of this update. */
  readonly spent: PhaseSeconds;
  time<T>(phase: keyof PhaseSeconds, work: () => Promise<T>): Promise<T>;
}

/** @param total of all updates; added to */
function createPhaseClock(total: PhaseSeconds): PhaseClock {
  const spent = { generation: 0, scoring: 0, update: 0 };
  return {
    spent,
    async time(phase, work) {
      const begun = performance.now();
      try {
        return await work();
      } finally {
        const seconds = (performance.now() - begun) / 1000;
        spent[phase] += seconds;
        total[phase] += seconds;
      }
    },
  };
}

async function areNumbers(params: object): Promise<boolean> {
  for (const leaf of namedLeaves<Tensor>(params).values())
    if (!(await leaf.data()).every(Number.isFinite)) return false;
  return true;
}

function meanMetrics(steps: readonly StepReport[]): Record<string, number> {
  const names = Object.keys(steps[0]!.metrics);
  return Object.fromEntries(names.map((name) => [name, mean(steps.map(({ metrics }) => metrics[name]!))]));
}

/** As TRL's: a straight line to zero, after a warm-up that begins above it. */
function usualSchedule({ learningRate, warmup }: PolicySettings) {
  return (updates: number): Schedule =>
    linearDecay({ peak: learningRate, steps: updates, warmup: Math.ceil(warmup * updates) });
}
