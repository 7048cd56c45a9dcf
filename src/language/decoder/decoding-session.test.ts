import { expect, suite, test } from "vitest";
import type { Tensor } from "../../compute/tensor.ts";
import { namedLeaves } from "../../compute/tree.ts";
import { families, largestDifference, randomDecoder, randomTokens } from "./decoder.fixtures.ts";
import { referenceLogits } from "./decoder.reference.ts";
import { startDecoding } from "./decoding-session.ts";
import { compileDecoder } from "./kv-cache.ts";

suite("decoding session", () => {
  for (const name of ["Llama, untied, llama3 rope, all biases", "Qwen2"]) {
    test(`${name}: every step equals a full forward, while rows enter, leave and outgrow their slots`, async () => {
      const config = families[name]!;
      const params = randomDecoder(config);
      const weights = new Map([...namedLeaves<Tensor>(params)].map(([key, tensor]) => [key, tensor.host!]));
      const programs = compileDecoder(config);
      const session = startDecoding(config, params, programs);
      let rows: number[][] = [];
      const expectNext = (logits: Float32Array[], which = rows) => {
        expect(logits.length).toBe(which.length);
        for (const [i, row] of which.entries()) {
          expect(largestDifference(logits[i]!, referenceLogits(config, weights, row).at(-1)!)).toBeLessThan(1e-4);
        }
      };
      const grow = async (steps: number) => {
        for (let step = 0; step < steps; step++) {
          const tokens = rows.map((row) => (7 * row.length + row[0]!) % config.vocabSize);
          for (const [i, token] of tokens.entries()) rows[i]!.push(token);
          const logits = await session.step(tokens);
          if (step % 6 === 0 || step === steps - 1) expectNext(logits);
        }
      };
      const prompts = [3, 11, 20].map((length) => randomTokens(config, length, length));
      rows = prompts.map((prompt) => [...prompt]);
      expectNext(await session.reshape([], prompts));
      await grow(20); // past 32 slots
      const late = randomTokens(config, 40, "late");
      rows = [rows[2]!, rows[0]!, [...late]];
      expectNext(await session.reshape([2, 0], [late]), [late]);
      await grow(3);
      rows = [rows[1]!];
      await session.reshape([1], []);
      await grow(18);
      session.dispose();
      programs.dispose();
    });
  }
});
