/**
 * The losses that teach a model to prefer one response over another, as functions of summed log-probabilities.
 * Source: papers/overthinking section 2.7. SFT on the preferred response; DPO (Rafailov et al. 2023, arXiv 2305.18290,
 * eq. 7); RPO, which is DPO and SFT together (Pang et al. 2024, arXiv 2404.19733, eq. 1); SimPO (Meng et al. 2024,
 * arXiv 2405.14734, eq. 6).
 *
 * SimPO's margin is stored as gamma; some libraries want gamma / beta, which `describePreference` prints beside it.
 */
import { nn, numpy as np } from "@jax-js/jax";
import { z } from "zod";
import { formatNumber } from "../../core/format.ts";

export type PreferenceMethod = z.output<typeof PreferenceMethod>;
export const PreferenceMethod = z.enum(["sft", "dpo", "rpo", "simpo"]);

export type PreferenceLoss = z.output<typeof PreferenceLoss>;
export const PreferenceLoss = z.discriminatedUnion("method", [
  z.object({ method: z.literal("sft") }),
  z.object({ method: z.literal("dpo"), beta: z.number().positive() }),
  z.object({ method: z.literal("rpo"), beta: z.number().positive(), alpha: z.number().nonnegative() }),
  z.object({ method: z.literal("simpo"), beta: z.number().positive(), gamma: z.number().nonnegative() }),
]);

/** The usual values: beta 0.1 and alpha 1 for DPO and RPO, beta 2 and gamma 0.5 for SimPO (Sky-T1-Flash). */
export function usualLoss(
  method: PreferenceMethod,
  given: { beta?: number; gamma?: number; alpha?: number } = {},
): PreferenceLoss {
  const { beta = method === "simpo" ? 2 : 0.1, gamma = 0.5, alpha = 1 } = given;
  return PreferenceLoss.parse({ method, beta, gamma, alpha });
}

/** "SimPO, beta 2, gamma 0.5 (gamma/beta 0.25)". */
export function describePreference(loss: PreferenceLoss): string {
  const show = formatNumber;
  switch (loss.method) {
    case "sft":
      return "SFT on the chosen responses";
    case "dpo":
      return `DPO, beta ${show(loss.beta)}`;
    case "rpo":
      return `RPO, beta ${show(loss.beta)}, alpha ${show(loss.alpha)}`;
    case "simpo":
      return `SimPO, beta ${show(loss.beta)}, gamma ${show(loss.gamma)} (gamma/beta ${show(loss.gamma / loss.beta)})`;
  }
}

/** Whether the loss compares with the model before training. */
export const needsReference = ({ method }: PreferenceLoss): boolean => method === "dpo" || method === "rpo";

/** All arrays are [pairs]; log-probabilities are sums over the response, in nats. */
export type PairLogprobs = {
  chosen: np.Array;
  chosenLengths: np.Array;
  /** Absent for SFT, which does not look at them. */
  rejected?: np.Array;
  rejectedLengths?: np.Array;
  /** The same sums by the model before training; for DPO and RPO. */
  referenceChosen?: np.Array;
  referenceRejected?: np.Array;
};

/**
 * @param logprobs consumed
 * @returns the mean loss over the pairs, and scalars: `chosen` and `rejected` (nats per token), `margin` (reward of the
 * chosen minus the rejected one, before gamma) and `accuracy` (share of pairs whose margin is above zero)
 */
export function preferenceLoss(
  loss: PreferenceLoss,
  logprobs: PairLogprobs,
): [loss: np.Array, metrics: Record<string, np.Array>] {
  const { chosen, chosenLengths, rejected, rejectedLengths, referenceChosen, referenceRejected } = logprobs;
  const chosenMean = chosen.ref.div(chosenLengths); // [pairs], nats per token
  if (loss.method === "sft") {
    chosen.dispose();
    return [chosenMean.ref.mean().mul(-1), { chosen: chosenMean.mean() }];
  }
  const rejectedMean = rejected!.ref.div(rejectedLengths!);
  const margin = // [pairs]
    loss.method === "simpo"
      ? chosenMean.ref.sub(rejectedMean.ref).mul(loss.beta)
      : chosen.ref.sub(referenceChosen!).sub(rejected!.ref.sub(referenceRejected!)).mul(loss.beta);
  chosen.dispose();
  rejected!.dispose();
  const preferred = minusLogSigmoid(loss.method === "simpo" ? margin.ref.sub(loss.gamma) : margin.ref).mean();
  const value = loss.method === "rpo" ? preferred.sub(chosenMean.ref.mean().mul(loss.alpha)) : preferred;
  const accuracy = np.greater(margin.ref, 0).astype(np.float32).mean();
  return [value, { chosen: chosenMean.mean(), rejected: rejectedMean.mean(), margin: margin.mean(), accuracy }];
}

/**
 * -log sigmoid(x), as logsumexp(0, -x): it overflows nowhere, and its gradient is exact at 0, where DPO starts
 * (forms with |x| or max have a kink there).
 */
function minusLogSigmoid(x: np.Array): np.Array {
  return nn.logsumexp(np.stack([np.zeros(x.shape), x.mul(-1)]), 0);
}
