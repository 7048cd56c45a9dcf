/** Polymath's generator on the native executor. */
import "../../src/compute/executors/worker-shim.ts"; // before jax-js is loaded
import { createGenerator } from "../../src/language/generate/index.ts";
import { loadModel } from "../../src/language/hugging-face.ts";
import { closedVocabulary } from "../../src/language/tokenizers/index.ts";
import { serveDecoder } from "./contender.ts";

await serveDecoder(async ({ folder }) => {
  const model = await loadModel(folder);
  const tokenizer = closedVocabulary(Array.from({ length: model.config.vocabSize }, (_, id) => `<${id}>`));
  const generator = createGenerator({ model, tokenizer });
  return {
    about: "Polymath, native executor, float32",
    async generate({ prompts, answerTokens, onToken }) {
      const request = { prompts, maxTokens: answerTokens, temperature: 0, maxBatch: prompts.length, onToken };
      const { completions } = await generator.generate(request);
      return completions.map(({ tokens }) => tokens);
    },
  };
});
