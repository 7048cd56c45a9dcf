/**
 * llama.cpp through node-llama-cpp, its prebuilt CPU library. It has no batched call: as its documentation advises,
 * each row is a sequence of one context, and sequences that wait at the same time are evaluated together.
 */
import { join } from "node:path";
import { getLlama, type LlamaContextSequence, LlamaLogLevel, type Token } from "node-llama-cpp";
import { serveDecoder } from "./contender.ts";

const tokensPerRow = 256;
/** Keys and values in float32, where its default is float16; its flash attention is four times as slow on those. */
const exactCache = {
  experimentalKvCacheKeyType: "F32",
  experimentalKvCacheValueType: "F32",
  flashAttention: false,
} as const;

await serveDecoder(async ({ folder, format, batches }, threads) => {
  const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.error, maxThreads: threads });
  const model = await llama.loadModel({ modelPath: join(folder, `${format}.gguf`) });
  const sequences = new Map<number, LlamaContextSequence[]>();
  for (const batch of batches) {
    const context = await model.createContext({
      sequences: batch,
      contextSize: tokensPerRow,
      threads: { ideal: threads, min: threads },
      ...(format === "f32" && exactCache),
    });
    sequences.set(
      batch,
      Array.from({ length: batch }, () => context.getSequence()),
    );
  }
  const vectors = /AVX512 = 1/.test(llama.systemInfo) ? "AVX-512" : /AVX2 = 1/.test(llama.systemInfo) ? "AVX2" : "SIMD";
  return {
    about: `llama.cpp ${llama.llamaCppRelease.release}, ${format}, ${vectors}`,
    async generate({ prompts, answerTokens, onToken }) {
      const own = sequences.get(prompts.length)!;
      for (const sequence of own) await sequence.clearHistory();
      return Promise.all(
        prompts.map(async (prompt, row) => {
          const answer: number[] = [];
          for await (const token of own[row]!.evaluate(prompt as Token[], { temperature: 0, yieldEogToken: true })) {
            answer.push(token);
            onToken(row);
            if (answer.length === answerTokens) break;
          }
          return answer;
        }),
      );
    },
  };
});
