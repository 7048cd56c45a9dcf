/**
 * Generation on one executor: `POLYMATH_DEVICE=native node generate.ts <model> <batch> <tokens>`.
 * A step answers `batch` prompts of 16 tokens with `tokens` tokens each; its value is the number of tokens written.
 */
import "../../src/compute/executors/worker-shim.ts"; // before jax-js is loaded
import { Random } from "../../src/core/random.ts";
import { initDecoder } from "../../src/language/decoder/index.ts";
import { createGenerator } from "../../src/language/generate/index.ts";
import { closedVocabulary } from "../../src/language/tokenizers/index.ts";
import { serveContender } from "../lib/contender.ts";
import { models } from "./models.ts";

await serveContender(async ([modelName, batch, maxTokens]) => {
  const config = models[modelName!]!; // without end tokens: every answer has all its tokens
  const rng = new Random("bench-decode");
  const params = initDecoder(config, rng.split("weights"));
  const tokenizer = closedVocabulary(Array.from({ length: config.vocabSize }, (_, id) => `<${id}>`));
  const generator = createGenerator({ model: { config, params }, tokenizer });
  const prompts = Array.from({ length: Number(batch) }, (_, row) => {
    const promptRng = rng.split("prompts").split(row);
    return Array.from({ length: 16 }, () => promptRng.int(0, config.vocabSize - 1));
  });
  return {
    about: `generate() on ${process.env.POLYMATH_DEVICE}`,
    async step(index) {
      const options = { prompts, maxTokens: Number(maxTokens), temperature: 1, seed: index, maxBatch: prompts.length };
      return (await generator.generate(options)).tokenCount;
    },
  };
});
