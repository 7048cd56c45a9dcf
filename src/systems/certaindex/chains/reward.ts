/** The reward of a prefix: what the model answers to the check token. */
import type { Engine } from "../../../language/engine/index.ts";
import { CHECK, RIGHT, WRONG } from "../world/vocabulary.ts";

/**
 * P(ok) / (P(ok) + P(off)), the sigmoid of the difference of the two logits.
 * @param prefix prompt and what was written until a step's end or the answer's, without the end token
 */
export async function reward(engine: Engine, prefix: string, options: { program?: string } = {}): Promise<number> {
  const { tokenizer } = engine;
  const handle = engine.submit({
    ...options,
    prompt: prefix + CHECK,
    maxTokens: 1,
    temperature: 0,
    topLogprobs: tokenizer.vocabSize,
  });
  for await (const event of handle) {
    if (event.type !== "token") continue;
    const logprobOf = (token: string) => event.top!.find(({ id }) => id === tokenizer.tokenId(token))!.logprob;
    return 1 / (1 + Math.exp(logprobOf(WRONG) - logprobOf(RIGHT)));
  }
  return 0; // aborted before a token came
}
