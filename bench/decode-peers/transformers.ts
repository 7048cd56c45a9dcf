/** transformers.js on its own onnxruntime-node: one batched `generate`. */
import { dirname } from "node:path";
import { BaseStreamer, env, LlamaForCausalLM, Tensor } from "@huggingface/transformers";
import { serveDecoder } from "./contender.ts";

env.allowRemoteModels = false;

class TokenCounter extends BaseStreamer {
  #isPrompt = true;
  readonly #onToken: (row: number) => void;

  constructor(onToken: (row: number) => void) {
    super();
    this.#onToken = onToken;
  }

  override put(tokens: bigint[][]): void {
    if (!this.#isPrompt) for (const row of tokens.keys()) this.#onToken(row);
    this.#isPrompt = false;
  }

  override end(): void {}
}

await serveDecoder(async ({ folder }, threads) => {
  env.localModelPath = dirname(folder);
  const model = await LlamaForCausalLM.from_pretrained(folder.slice(dirname(folder).length + 1), {
    dtype: "fp32",
    device: "cpu",
    session_options: { intraOpNumThreads: threads },
  });
  return {
    about: `transformers.js ${env.version}, fp32, onnxruntime-node`,
    async generate({ prompts, answerTokens, onToken }) {
      const shape = [prompts.length, prompts[0]!.length];
      const int64 = (values: bigint[]) => new Tensor("int64", BigInt64Array.from(values), shape);
      const sequences = await model.generate({
        inputs: int64(prompts.flat().map(BigInt)),
        attention_mask: int64(prompts.flat().map(() => 1n)),
        max_new_tokens: answerTokens,
        do_sample: false,
        streamer: new TokenCounter(onToken),
      } as unknown as Parameters<typeof model.generate>[0]); // its types leave out what it takes
      const rows: bigint[][] = (sequences as Tensor).tolist();
      return rows.map((row) => row.slice(prompts[0]!.length).map(Number));
    },
  };
});
