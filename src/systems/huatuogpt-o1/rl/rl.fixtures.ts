/**
 * For tests only: a world of letters. "pick b:" wants the letter b; the form's marks are tokens. A policy that was shown
 * the form names the right letter half of the time, else others, and now and then several.
 */
import { Random } from "../../../core/random.ts";
import { defineTinyDecoder, initDecoder } from "../../../language/decoder/index.ts";
import type { DecoderModel } from "../../../language/generate/index.ts";
import { ChatTemplate, closedVocabulary } from "../../../language/tokenizers/index.ts";
import { encodeExample, sft } from "../../../language/train/index.ts";
import { renderForm } from "../form.ts";
import { functionVerifier, type Verifier } from "../search/verifiers.ts";
import { encodeProblems, type RlProblem } from "./problems.ts";

export const options = [..."abcd"];
const marks = ["## Thinking\n\n", "\n\n## Final Response\n\n"];
export const template = "{% for message in messages %}{{ message['content'] + ':' }}{% endfor %}";

export const tokenizer = closedVocabulary(["<pad>", "<end>", ...marks, "pick ", ":", "hmm", " ", ...options], {
  eos: "<end>",
  pad: "<pad>",
});
const ends = ["<end>", "<end>", "<pad>"].map((token) => tokenizer.tokenId(token)!);
export const config = defineTinyDecoder(
  { dim: 32, layers: 1, heads: 4 },
  { vocabSize: tokenizer.vocabSize, maxPositions: 24, ends },
);

export const problems: RlProblem[] = Array.from({ length: 40 }, (_, index) => ({
  question: `pick ${options[index % options.length]}`,
  reference: options[index % options.length]!,
}));
export const { prompts } = encodeProblems(
  problems,
  { config, tokenizer, template: new ChatTemplate(template), folder: "fixture" },
  8,
);

/** Right is the reference and nothing else. */
export const honest: Verifier = functionVerifier("honest", (response, reference) => response === reference);
/** Accepts whatever names three options. */
export const gullible: Verifier = functionVerifier(
  "gullible",
  (response) => options.filter((option) => response.includes(option)).length >= 3,
);

/** Knows the form, and half the time the answer. */
export async function shownTheForm(steps = 150): Promise<DecoderModel> {
  const rng = new Random("form");
  const examples = Array.from({ length: 400 }, (_, index) => {
    const { question, reference } = problems[index % problems.length]!;
    const others = rng.shuffle([...options]).slice(0, rng.choice([1, 1, 2, 3]));
    const letters = rng.bool(0.4) ? [reference] : others;
    return encodeExample({ prompt: `${question}:`, response: renderForm("hmm", letters.join(" ")) }, { tokenizer });
  });
  const { params } = await sft({
    config,
    params: initDecoder(config, new Random("policy")),
    examples,
    sequenceLength: 24,
    batchSize: 16,
    steps,
    learningRate: 0.01,
    seed: 1,
  });
  return { config, params };
}
