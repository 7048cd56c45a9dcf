/**
 * One step of supervised fine-tuning on one executor: `POLYMATH_DEVICE=native node sft-step.ts <model> <rows> <length>`.
 * Rows are packed full of short texts, as the trainer packs them; the value is the loss.
 */
import "../../src/compute/executors/worker-shim.ts"; // before jax-js is loaded
import { adamw } from "../../src/compute/optim/adamw.ts";
import type { TensorTree } from "../../src/compute/tensor.ts";
import { createStepProgram, disposeReport, initialState } from "../../src/compute/training/step-program.ts";
import { Random } from "../../src/core/random.ts";
import { initDecoder } from "../../src/language/decoder/index.ts";
import { batchOfRows } from "../../src/language/train/batches.ts";
import { packExamples } from "../../src/language/train/packing.ts";
import { sftLoss } from "../../src/language/train/sft.ts";
import { serveContender } from "../lib/contender.ts";
import { models } from "./models.ts";

await serveContender(async ([modelName, rowCount, length]) => {
  const config = models[modelName!]!;
  const rng = new Random("bench-sft");
  const params = initDecoder(config, rng.split("weights"));
  const textLength = Number(length) / 2; // two texts fill a row
  const examples = Array.from({ length: 2 * Number(rowCount) }, (_, text) => {
    const textRng = rng.split(text);
    const tokens = Array.from({ length: textLength + 1 }, () => textRng.int(0, config.vocabSize - 1));
    return { tokens, trained: tokens.map((_, place) => place >= 8) };
  });
  const batch = batchOfRows(packExamples(examples, Number(length)));
  const optimizer = adamw({ weightDecay: 0.1 });
  const program = createStepProgram({
    loss: (inside, inputs) => sftLoss(inside, config, inputs),
    optimizer,
    clipNorm: 1,
  });
  let state = await initialState(params as TensorTree, optimizer, undefined);
  let stepCount = 0;
  return {
    about: `sft step on ${process.env.POLYMATH_DEVICE}`,
    async step() {
      stepCount++;
      const output = await program.run(state, [batch], stepCount, 3e-4);
      state = output.state;
      const loss = await output.loss.item();
      disposeReport(output);
      return loss;
    },
  };
});
