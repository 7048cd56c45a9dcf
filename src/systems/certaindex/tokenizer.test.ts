import { expect, suite, test } from "vitest";
import { Random } from "../../core/random.ts";
import { ChatTemplate } from "../../language/tokenizers/index.ts";
import { chainsTokenizer, tokenIds } from "./tokenizer.ts";
import { lesson } from "./world/lessons.ts";
import { CHAT_TEMPLATE, splitTokens, VOCABULARY } from "./world/vocabulary.ts";

suite("the tokenizer of digit chains", () => {
  test("reads a lesson's text as its tokens, and gives the text back", () => {
    const tokenizer = chainsTokenizer();
    for (let index = 0; index < 200; index++) {
      const { tokens } = lesson(new Random("tokens"), index);
      const text = tokens.join("");
      expect(tokenizer.encode(text)).toEqual(tokenIds(tokens));
      expect(tokenizer.decode(tokenIds(tokens))).toBe(text);
      expect(splitTokens(text)).toEqual(tokens);
    }
  });
  test("has 84 tokens, of which <think> and the box are ordinary", () => {
    const tokenizer = chainsTokenizer();
    expect(tokenizer.vocabSize).toBe(VOCABULARY.length);
    expect(VOCABULARY).toHaveLength(84);
    expect(tokenizer.decode(tokenizer.encode("<s>①+4=7</think>\\boxed{7}</s>"), { skipSpecial: true })).toBe(
      "①+4=7</think>\\boxed{7}",
    );
  });
});

suite("the chat template", () => {
  const template = new ChatTemplate(CHAT_TEMPLATE, { bos_token: "<s>", eos_token: "</s>" });
  const render = (content: string) => template.render([{ role: "user", content }], { addGenerationPrompt: true });
  test.each([
    ["3+4*7-2", "<s>3①+4②*7③-2=<think>"],
    [" 3 + 4 * 7 = ", "<s>3①+4②*7=<think>"],
    ["fast 3+4?7!1", "<s>3①+4②?7③!1=<fast>"],
    ["think 3+4", "<s>3①+4=<think>"],
    ["3①+4②*7", "<s>3①+4②*7=<think>"],
  ])("makes a prompt of %j", (content, prompt) => {
    expect(render(content)).toBe(prompt);
  });
});
