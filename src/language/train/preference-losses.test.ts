/** The four losses against their published formulas in plain float64, and their gradients against differences. */
import { numpy as np, valueAndGrad } from "@jax-js/jax";
import { expect, suite, test } from "vitest";
import { compile } from "../../compute/compile.ts";
import { gradientErrors, onInterpreter, toFloat64 } from "../../compute/layers/float64.fixtures.ts";
import { Tensor } from "../../compute/tensor.ts";
import { mapTree, namedLeaves } from "../../compute/tree.ts";
import { families, randomDecoder, randomTokens } from "../decoder/decoder.fixtures.ts";
import { referenceLogits } from "../decoder/decoder.reference.ts";
import type { DecoderParams } from "../decoder/decoder.ts";
import type { TokenExample } from "./packing.ts";
import { type PreferenceBatch, preferenceBatchLoss } from "./preference.ts";
import {
  describePreference,
  type PairLogprobs,
  type PreferenceLoss,
  preferenceLoss,
  usualLoss,
} from "./preference-losses.ts";
import { batchOfSequences, responseLength } from "./sequence-logprobs.ts";

const losses: PreferenceLoss[] = [
  { method: "sft" },
  { method: "dpo", beta: 0.3 },
  { method: "rpo", beta: 0.3, alpha: 0.7 },
  { method: "simpo", beta: 2, gamma: 0.5 },
];

type Numbers = { chosen: number; rejected: number; n: number; m: number; refChosen: number; refRejected: number };

/** Section 2.7, one pair. */
function byFormula(loss: PreferenceLoss, { chosen, rejected, n, m, refChosen, refRejected }: Numbers): number {
  const minusLogSigmoid = (x: number) => Math.log(1 + Math.exp(-x));
  const dpo = (beta: number) => minusLogSigmoid(beta * (chosen - refChosen - (rejected - refRejected)));
  switch (loss.method) {
    case "sft":
      return -chosen / n;
    case "dpo":
      return dpo(loss.beta);
    case "rpo":
      return dpo(loss.beta) + loss.alpha * (-chosen / n);
    case "simpo":
      return minusLogSigmoid((loss.beta * chosen) / n - (loss.beta * rejected) / m - loss.gamma);
  }
}

const pairs: Numbers[] = [
  { chosen: -3, rejected: -9, n: 4, m: 10, refChosen: -3.5, refRejected: -8 },
  { chosen: -5, rejected: -2, n: 5, m: 3, refChosen: -4, refRejected: -2.5 },
];
const column = (key: keyof Numbers) => Tensor.from(Float32Array.from(pairs, (pair) => pair[key]));
const floats = { chosen: column("chosen"), rejected: column("rejected") };
const others = {
  chosenLengths: column("n"),
  rejectedLengths: column("m"),
  referenceChosen: column("refChosen"),
  referenceRejected: column("refRejected"),
};

suite.each(losses)("$method", (loss) => {
  const { rejected: _, ...chosenOnly } = floats;
  const inputs: Record<string, Tensor> = loss.method === "sft" ? chosenOnly : floats;
  const value = (some: Record<string, np.Array>, rest: Record<string, np.Array>) => {
    const all = { ...some, ...rest } as unknown as PairLogprobs;
    const [result, metrics] = preferenceLoss(loss, all);
    for (const metric of Object.values(metrics)) metric.dispose();
    return result;
  };

  test("is the formula's value", async () => {
    const expected = pairs.reduce((sum, pair) => sum + byFormula(loss, pair), 0) / pairs.length;
    const program = compile(value);
    expect(Math.abs((await (await program(inputs, others)).item()) - expected)).toBeLessThan(1e-6);
    program.dispose();
  });

  test("has the gradient of finite differences", () => {
    const errors = onInterpreter(() => gradientErrors(value, inputs, others));
    for (const [name, error] of Object.entries(errors)) expect(error, name).toBeLessThan(1e-8);
  });

  test("of a whole model has value and gradient of an independent float64 implementation", async () => {
    const config = families.Qwen2!;
    const params = randomDecoder(config);
    const example = (length: number, prompt: number): TokenExample => {
      const tokens = randomTokens(config, length, `${length}/${prompt}`);
      return { tokens, trained: tokens.map((_, at) => at >= prompt) };
    };
    const sequences = [example(7, 3), example(5, 2), example(9, 3), example(8, 2)]; // 2 chosen, 2 rejected
    const used = loss.method === "sft" ? sequences.slice(0, 2) : sequences;
    const reference = [-9, -7, -15, -16];
    const exact = (weights: Map<string, ArrayLike<number>>): number => {
      const sums = used.map(({ tokens, trained }) => {
        const logits = referenceLogits(config, weights, tokens);
        return tokens.reduce((sum, token, at) => {
          if (at === 0 || !trained[at]) return sum;
          const row = logits[at - 1]!;
          return sum + row[token]! - Math.log(row.reduce((z, logit) => z + Math.exp(logit), 0));
        }, 0);
      });
      const one = (at: number) =>
        byFormula(loss, {
          chosen: sums[at]!,
          rejected: sums[at + 2]!,
          n: responseLength(sequences[at]!),
          m: responseLength(sequences[at + 2]!),
          refChosen: reference[at]!,
          refRejected: reference[at + 2]!,
        });
      return (one(0) + one(1)) / 2;
    };

    const batch = {
      ...batchOfSequences(used, 12, 4), // more rows than needed, as in a batch of one shape
      lengths: Tensor.from(Float32Array.from(used, responseLength)),
      ...(loss.method !== "sft" && { reference: Tensor.from(reference) }),
    };
    const pairLoss = (inside: DecoderParams, data: PreferenceBatch) =>
      preferenceBatchLoss(inside, config, data, loss, 2)[0];
    const program = compile(valueAndGrad(pairLoss) as any, { name: loss.method }) as any;
    const [found, gradients] = (await program(params, batch)) as [Tensor, object];
    const weights = new Map<string, ArrayLike<number>>();
    for (const [name, leaf] of namedLeaves<Tensor>(params)) weights.set(name, Float64Array.from(leaf.host!));
    const expected = exact(weights);
    expect(Math.abs((await found.item()) - expected) / Math.max(1, Math.abs(expected))).toBeLessThan(1e-5);

    for (const name of ["model.embed_tokens.weight", "model.layers.1.self_attn.v_proj.bias", "model.norm.weight"]) {
      const gradient = (await namedLeaves<Tensor>(gradients).get(name)!.data()) as Float32Array;
      const size = Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0));
      const along = (step: number) =>
        exact(
          new Map(weights).set(
            name,
            Float64Array.from(weights.get(name)!, (value, i) => value + (step * gradient[i]!) / size),
          ),
        );
      const difference = (along(1e-4) - along(-1e-4)) / 2e-4; // along the gradient: its length
      expect(Math.abs(difference - size) / size, name).toBeLessThan(1e-3);
    }
    program.dispose();
  });
});

suite("preferenceLoss", () => {
  test("DPO begins at ln 2 and pushes each pair apart by beta / 2", () => {
    onInterpreter(() => {
      const start = (x: { chosen: np.Array; rejected: np.Array }) => {
        const [loss, metrics] = preferenceLoss({ method: "dpo", beta: 0.1 }, {
          ...x,
          ...toFloat64({ chosenLengths: column("n"), rejectedLengths: column("m") }),
          referenceChosen: np.array([-3, -5]),
          referenceRejected: np.array([-9, -2]),
        } as PairLogprobs);
        for (const metric of Object.values(metrics)) metric.dispose();
        return loss;
      };
      const [value, grads] = valueAndGrad(start)(toFloat64(floats));
      expect(value.item()).toBeCloseTo(Math.LN2, 6);
      const found = mapTree<Record<string, number[]>>(grads, (grad: np.Array) =>
        Array.from(grad.dataSync() as Float64Array),
      );
      for (const gradient of found.chosen!) expect(gradient).toBeCloseTo(-0.1 / 2 / 2, 6); // mean of two pairs
      for (const gradient of found.rejected!) expect(gradient).toBeCloseTo(0.1 / 2 / 2, 6);
    });
  });

  test("reports margin, log-probabilities per token and the share of pairs in order", async () => {
    const program = compile((x: PairLogprobs) => preferenceLoss({ method: "simpo", beta: 2, gamma: 0.5 }, x)[1]);
    const { referenceChosen: _c, referenceRejected: _r, ...rest } = { ...floats, ...others };
    const metrics = await program(rest);
    const read = await Promise.all(Object.entries(metrics).map(async ([name, value]) => [name, await value.item()]));
    expect(Object.fromEntries(read)).toEqual({
      chosen: expect.closeTo((-3 / 4 - 1) / 2, 6),
      rejected: expect.closeTo((-0.9 - 2 / 3) / 2, 6),
      margin: expect.closeTo((2 * (-0.75 + 0.9) + 2 * (-1 + 2 / 3)) / 2, 6),
      accuracy: 0.5,
    });
    program.dispose();
  });

  test("does not overflow far from zero", async () => {
    const program = compile((x: PairLogprobs) => preferenceLoss({ method: "simpo", beta: 10, gamma: 0 }, x)[0]);
    const ones = Tensor.from([1, 1]);
    const far = { chosen: Tensor.from([-1000, 0]), rejected: Tensor.from([0, -1000]) };
    const loss = await program({ ...far, chosenLengths: ones, rejectedLengths: ones });
    expect(await loss.item()).toBeCloseTo(5000, 0); // 10 · 1000 for the pair in the wrong order, 0 for the other
    program.dispose();
  });

  test("gamma is stored, gamma / beta printed", () => {
    expect(describePreference(usualLoss("simpo"))).toBe("SimPO, beta 2, gamma 0.5 (gamma/beta 0.25)");
    expect(usualLoss("rpo", { alpha: 0.2 })).toEqual({ method: "rpo", beta: 0.1, alpha: 0.2 });
    expect(() => usualLoss("dpo", { beta: 0 })).toThrow();
  });
});
