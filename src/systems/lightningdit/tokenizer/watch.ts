/** Warns of what goes wrong slowly: an adaptive weight that explodes, a discriminator that has won. */
import type { StepReport } from "../../../compute/train.ts";
import type { Log } from "../../../core/log.ts";

/** A weight above this says that the gradient it divides by has vanished. */
const hugeWeight = 1e6;
const hugeFor = 100;
/** A hinge loss below this: the discriminator tells all patches apart, and its gradient teaches nothing. */
const wonBelow = 0.01;
const wonFor = 500;

/** Each warning is given once per stretch of such steps. */
export function createTrainingWatch(log: Pick<Log, "warn">) {
  const lengths = { huge: 0, won: 0 };
  const count = (kind: keyof typeof lengths, isSo: boolean, limit: number, warn: () => void) => {
    lengths[kind] = isSo ? lengths[kind] + 1 : 0;
    if (lengths[kind] === limit) warn();
  };
  return {
    see({ step, metrics, lr, skipped }: StepReport): void {
      if (skipped) log.warn("tokenizer-skip", { step, lr, why: "the gradients hold NaN or infinity" });
      const { vfWeight = 0, discriminator = 1 } = metrics;
      count("huge", vfWeight > hugeWeight, hugeFor, () =>
        log.warn("tokenizer-weight", {
          step,
          vfWeight,
          hint: "The alignment's gradient is near zero: widen the margins less, or lower vfWeight.",
        }),
      );
      count("won", discriminator < wonBelow, wonFor, () =>
        log.warn("tokenizer-discriminator", {
          step,
          discriminator,
          hint: "It has won: start it later (adversaryFrom).",
        }),
      );
    },
  };
}
