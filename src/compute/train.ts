/**
 * The one training loop. A batch is a pure function of the step and the random numbers of a step come from the seed
 * and the step alone, so the data cursor, the random state and the schedule's position are the step itself: a run that
 * was killed and goes on ends with the bytes of an uninterrupted one.
 */
import { ConfigError } from "../core/errors.ts";
import type { Progress } from "../core/progress.ts";
import { Random } from "../core/random.ts";
import type { Optimizer } from "./optim/optimizer.ts";
import type { Schedule } from "./schedules.ts";
import type { Outside, TensorTree } from "./tensor.ts";
import { openCheckpoints } from "./training/checkpoint.ts";
import { guarded, type NanGuardOptions } from "./training/nan-guard.ts";
import { createStepProgram, initialState, type Loss, type OwnGradients } from "./training/step-program.ts";
import { createSpeedMeter, diverged, type RanStep, readReport, type StepReport } from "./training/step-report.ts";
import { disposeTree } from "./tree.ts";

export { DivergedError } from "./training/diverged.ts";
export type { NanGuardOptions } from "./training/nan-guard.ts";
export type { Loss, OwnGradients } from "./training/step-program.ts";
export type { StepReport } from "./training/step-report.ts";

export interface TrainOptions<Params, Batch> {
  /** Spent: go on with the returned ones. */
  params: Outside<Params>;
  loss: Loss<Params, Batch> | OwnGradients<Params, Batch>;
  /**
   * The data of a step: the same arguments must give the same batch, in this process or another. Its tensors are
   * borrowed, so a small data set may be made once; made on a device, they are freed by their maker, two steps later.
   * @param step 0 for the first step
   * @param rng Random(seed).split(step), and .split(micro) besides where gradients are accumulated
   * @param micro which micro-batch, from 0
   */
  batch(step: number, rng: Random, micro: number): Outside<Batch> | Promise<Outside<Batch>>;
  optimizer: Optimizer;
  schedule: Schedule;
  /** Steps in all, those before a resume included. */
  steps: number;
  seed: number | string;
  /** Micro-batches per step, whose losses and gradients are averaged; default 1. */
  accumulate?: number;
  /** Largest global norm of the gradients; default no clipping. */
  clipNorm?: number;
  /** Keeps an average of the parameters with this decay, e.g. 0.999. */
  ema?: number;
  /** Skips steps with NaN or infinite gradients instead of ending the run at the first; default off. */
  nanGuard?: NanGuardOptions;

  /** Where checkpoints are kept. Training goes on from the latest one in it. */
  checkpointDir?: string;
  /** Steps between checkpoints; default 500. There is always one at the end and at a stop. */
  checkpointEvery?: number;
  /** Newest checkpoints that stay; default 2. */
  checkpointKeep?: number;

  /** Called for each step, in order, at most one step late: reading a loss must not hold up the next step. */
  onStep?(report: StepReport): void;
  /** Its numbers become the report's `evaluation`; the parameters are borrowed. */
  evaluate?(snapshot: Snapshot<Params>): Promise<Record<string, number>>;
  /** Steps between evaluations; default 500. There is always one at the end. */
  evaluateEvery?: number;
  /** Counts steps. */
  progress?: Progress;
  /** What the speed counts, e.g. { unit: "tokens", count: (batch) => batch.tokens.size }; default steps. */
  throughput?: { unit: string; count(batch: Outside<Batch>): number };
  /** Stops after the step at hand, with a checkpoint. */
  signal?: AbortSignal;
}

export interface Snapshot<Params> {
  /** Steps done. */
  step: number;
  params: Outside<Params>;
  ema?: Outside<Params>;
}

export interface TrainResult<Params> extends Snapshot<Params> {
  /** True when `signal` ended it before `steps`. */
  stopped: boolean;
  /** Of the last step; null when there never was one. */
  loss: number | null;
  /** Of all processes together. */
  seconds: number;
}

/**
 * @throws DivergedError when the loss or a gradient is NaN or infinite (with a guard: many times in a row); names the
 *   step and the knobs
 * @throws ConfigError when `checkpointDir` holds another run
 */
export async function train<Params, Batch>(options: TrainOptions<Params, Batch>): Promise<TrainResult<Params>> {
  const { seed, steps, schedule, accumulate = 1, clipNorm, ema, nanGuard, throughput, signal } = options;
  const optimizer = nanGuard ? guarded(options.optimizer, nanGuard) : options.optimizer;
  if (accumulate < 1 || !Number.isInteger(accumulate))
    throw new ConfigError(`train: accumulate must be a whole number from 1, got ${accumulate}`);
  const begun = performance.now();
  const identity = { seed, optimizer: optimizer.name, accumulate };
  const checkpoints =
    options.checkpointDir === undefined
      ? null
      : await openCheckpoints(options.checkpointDir, identity, options.checkpointKeep ?? 2);
  const fresh = await initialState(options.params as TensorTree, optimizer, ema);
  const resumed = await checkpoints?.load(fresh);
  let state = resumed?.state ?? fresh;
  let { step, loss } = resumed?.position ?? { step: 0, loss: null };
  const seconds = () => (resumed?.position.seconds ?? 0) + (performance.now() - begun) / 1000;

  const snapshot = (): Snapshot<Params> => ({
    step,
    params: state.params as Outside<Params>,
    ...(state.ema && { ema: state.ema as Outside<Params> }),
  });
  const knobs = () => ({ clipNorm, checkpoint: checkpoints?.latest ?? null, guarded: nanGuard !== undefined });
  const read = (ran: RanStep) => readReport(ran, knobs());
  let skippedInRow = 0;
  const tell = (report: StepReport) => {
    loss = report.loss;
    options.onStep?.(report);
    skippedInRow = report.skipped ? skippedInRow + 1 : 0;
    if (nanGuard && skippedInRow >= (nanGuard.stopAfter ?? 10))
      throw diverged(
        `step ${report.step}: ${skippedInRow} steps in a row without finite gradients`,
        report.lr,
        knobs(),
      );
    const speed = throughput && { [`${throughput.unit}/s`]: Math.round(report.perSecond) };
    const { metrics, lr, evaluation } = report;
    options.progress?.update(report.step, { loss: report.loss, ...metrics, lr, ...speed, ...evaluation });
  };

  const program = createStepProgram({ loss: options.loss, optimizer, clipNorm, ema });
  const measureSpeed = createSpeedMeter();
  let upcoming = step < steps ? makeBatches(options, step) : null;
  let unread: RanStep | null = null;
  try {
    while (step < steps && !signal?.aborted) {
      const batches = await upcoming!;
      const lr = schedule(step);
      const running = program.run(state, batches, step + 1, lr);
      upcoming = step + 1 < steps ? makeBatches(options, step + 1) : null;
      upcoming?.catch(() => {}); // made while the step runs; a failure is thrown when its turn comes
      const output = await running;
      state = output.state;
      step++;
      const items = throughput ? batches.reduce((sum, batch) => sum + throughput.count(batch), 0) : 1;
      const perSecond = measureSpeed(items);

      if (unread) tell(await read(unread));
      unread = { output, step, lr, perSecond };
      const finished = step === steps;
      const stopping = signal?.aborted === true; // whoever stops wants to leave soon: no evaluation
      const evaluating = finished || (!stopping && step % (options.evaluateEvery ?? 500) === 0);
      const saving = finished || stopping || step % (options.checkpointEvery ?? 500) === 0;
      if (!(evaluating && options.evaluate) && !saving) continue;

      const report: StepReport = await read(unread);
      unread = null;
      if (evaluating && options.evaluate) report.evaluation = await options.evaluate(snapshot());
      tell(report);
      if (saving) await checkpoints?.save(state, { step, loss, seconds: seconds() });
    }
    // A stop that came while the last report was read or told.
    if (unread) tell(await read(unread));
    if (step > 0) await checkpoints?.save(state, { step, loss, seconds: seconds() });
  } finally {
    program.dispose();
  }
  disposeTree(state.optimizer);
  return { ...snapshot(), stopped: step < steps, loss, seconds: seconds() };
}

/** All micro-batches of a step. */
async function makeBatches<Batch>(options: TrainOptions<any, Batch>, step: number): Promise<Outside<Batch>[]> {
  const { seed, accumulate = 1, batch } = options;
  const rng = new Random(seed).split(step);
  const batches = [];
  for (let micro = 0; micro < accumulate; micro++)
    batches.push(await batch(step, accumulate === 1 ? rng : rng.split(micro), micro));
  return batches;
}
