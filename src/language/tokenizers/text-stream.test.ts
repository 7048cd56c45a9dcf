import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, expect, suite, test } from "vitest";
import { loadTokenizer } from "./load.ts";
import { streamText } from "./text-stream.ts";
import type { Tokenizer } from "./tokenizer.ts";

suite.for(["qwen2", "llama3", "llama2", "metaspace"])("streamText: %s style", (name) => {
  let tokenizer: Tokenizer;
  beforeAll(async () => {
    tokenizer = await loadTokenizer(join(import.meta.dirname, "fixtures", name));
  });
  const pieces = (ids: readonly number[], options?: { skipSpecial?: boolean }) => {
    const stream = streamText(tokenizer, options);
    return [...ids.map((id) => stream.push(id)), stream.end()];
  };

  test("never emits half a character", () => {
    const text = "数学 🧮👩‍🔬 naïve";
    const parts = pieces(tokenizer.encode(text));
    expect(parts.length).toBeGreaterThan(text.length); // the fixture spells these characters byte by byte
    for (const part of parts) expect(part.isWellFormed() && !part.includes("\ufffd")).toBe(true);
    expect(parts.join("")).toBe(text);
  });

  test("emits at once what is certain", () => {
    const ids = tokenizer.encode("the sum");
    expect(pieces(ids).at(-1)).toBe("");
  });

  test("the pieces of any ids, invalid bytes included, make the whole", () => {
    const someIds = fc.array(fc.nat(tokenizer.vocabSize - 1), { maxLength: 60 });
    fc.assert(
      fc.property(someIds, fc.boolean(), (ids, skipSpecial) => {
        expect(pieces(ids, { skipSpecial }).join("")).toBe(tokenizer.decode(ids, { skipSpecial }));
      }),
    );
  });
});
