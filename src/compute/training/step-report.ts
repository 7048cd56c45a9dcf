/** What a step has to say: read from its output one step late, so that the executor never waits for the reader. */
import { DivergedError } from "./diverged.ts";
import { disposeReport, type StepOutput } from "./step-program.ts";

export interface StepReport {
  /** 1 after the first step. */
  step: number;
  loss: number;
  lr: number;
  /** Global norm before clipping. */
  gradNorm: number;
  /** What the loss reports besides itself. */
  metrics: Record<string, number>;
  /** Units of `throughput` (or steps) per second, over the last 20 steps. */
  perSecond: number;
  /** With a guard: the gradients were not finite, and the step changed nothing. */
  skipped?: true;
  evaluation?: Record<string, number>;
}

/** A step that has run, whose numbers may still be on the device. */
export type RanStep = Pick<StepReport, "step" | "lr" | "perSecond"> & { output: StepOutput };

/**
 * Reads and frees a step's numbers.
 * @throws DivergedError when the loss or a gradient is NaN or infinite and no guard skips such steps
 */
export async function readReport(
  { output, ...known }: RanStep,
  knobs: { clipNorm: number | undefined; checkpoint: string | null; guarded?: boolean },
): Promise<StepReport> {
  const [loss, gradNorm] = await Promise.all([output.loss.item(), output.gradNorm.item()]);
  const metrics: Record<string, number> = {};
  for (const [name, value] of Object.entries(output.metrics)) metrics[name] = await value.item();
  disposeReport(output);
  if (Number.isFinite(loss) && Number.isFinite(gradNorm)) return { ...known, loss, gradNorm, metrics };

  if (knobs.guarded && !Number.isFinite(gradNorm)) return { ...known, loss, gradNorm, metrics, skipped: true };
  throw diverged(`step ${known.step}: the loss is ${loss} and the gradient norm ${gradNorm}`, known.lr, knobs);
}

/** The error that ends a run, with the knobs that may mend it. */
export function diverged(
  what: string,
  lr: number,
  { clipNorm, checkpoint }: { clipNorm: number | undefined; checkpoint: string | null },
): DivergedError {
  const clip = clipNorm === undefined ? "set clipNorm (for example 1)" : `lower clipNorm (now ${clipNorm})`;
  const safe = checkpoint ? ` The last good checkpoint is ${checkpoint}.` : "";
  return new DivergedError(`train: ${what}`, {
    hint: `Lower the learning rate (now ${lr.toPrecision(3)}) or ${clip}.${safe}`,
  });
}

/** Counts items; says how many came per second over the last 20 calls. */
export function createSpeedMeter(): (items: number) => number {
  const marks = [{ at: performance.now(), total: 0 }];
  return (items) => {
    const [first, last] = [marks[0]!, marks.at(-1)!];
    const now = { at: performance.now(), total: last.total + items };
    marks.push(now);
    if (marks.length > 20) marks.shift();
    return (now.total - first.total) / Math.max(1e-6, (now.at - first.at) / 1000);
  };
}
