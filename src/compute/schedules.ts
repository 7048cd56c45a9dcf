/**
 * Learning rates by step, computed on the host. A schedule is a pure function of the step, so its position is the
 * step itself and nothing of it needs saving.
 */
import { ConfigError } from "../core/errors.ts";

/** @param step 0 for the first step */
export type Schedule = (step: number) => number;

export interface ScheduleOptions {
  /** The highest learning rate. */
  peak: number;
  /** Steps of the whole schedule, warm-up included. */
  steps: number;
  /** Steps of linear warm-up from peak / warmup; default 0. */
  warmup?: number;
  /** Learning rate at the end; default 0. */
  final?: number;
}

export function constant(lr: number): Schedule {
  return () => lr;
}

/** Warm-up, then a straight line to `final`. */
export function linearDecay(options: ScheduleOptions): Schedule {
  return afterWarmup(options, (progress) => 1 - progress);
}

/** Warm-up, then half a cosine to `final` (Loshchilov and Hutter 2017, "SGDR", eq. 5, without restarts). */
export function cosine(options: ScheduleOptions): Schedule {
  return afterWarmup(options, (progress) => (1 + Math.cos(Math.PI * progress)) / 2);
}

/**
 * Warm-up, stable, decay (Hu et al. 2024, "MiniCPM", section 4): the peak is held until the last `decay` steps, which
 * fall in a straight line to `final`. One stable run can be ended at several lengths.
 */
export function warmupStableDecay({ decay, ...options }: ScheduleOptions & { decay: number }): Schedule {
  const { steps, warmup = 0 } = options;
  if (warmup + decay > steps)
    throw new ConfigError(`schedule: warm-up (${warmup}) and decay (${decay}) are longer than ${steps} steps`);
  const stable = 1 - decay / (steps - warmup); // share of the steps after warm-up
  return afterWarmup(options, (progress) => (progress <= stable ? 1 : (1 - progress) / (1 - stable)));
}

/** @param shape from progress after warm-up (0 to 1) to the share of the way from `final` up to `peak` */
function afterWarmup(options: ScheduleOptions, shape: (progress: number) => number): Schedule {
  const { peak, steps, warmup = 0, final = 0 } = options;
  if (warmup > steps) throw new ConfigError(`schedule: ${warmup} steps of warm-up are more than ${steps} steps`);
  return (step) => {
    if (step < warmup) return (peak * (step + 1)) / warmup;
    const progress = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
    return final + (peak - final) * shape(progress);
  };
}
