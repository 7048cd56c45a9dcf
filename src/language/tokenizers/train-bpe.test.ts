import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { byteAlphabet, toByteLetters } from "./byte-letters.ts";
import { loadTokenizer } from "./load.ts";
import { learnMerges, trainBpe } from "./train-bpe.ts";

const fixtures = join(import.meta.dirname, "fixtures");
const readCorpus = async () => (await readFile(join(fixtures, "corpus.txt"), "utf8")).split(/(?<=\n)/);

/** The definition, word for word: count all pairs anew, merge the most frequent, of equals the one with smaller ids. */
function learnMergesNaively(words: ReadonlyMap<string, number>, start: readonly string[], vocabSize: number) {
  const tokens = [...start];
  const merges: [string, string][] = [];
  let spellings = Array.from(words, ([word, count]) => ({
    ids: [...word].map((letter) => tokens.indexOf(letter)),
    count,
  }));
  while (tokens.length < vocabSize) {
    const counts = new Map<string, number>();
    for (const { ids, count } of spellings) {
      for (let i = 0; i + 1 < ids.length; i++) {
        const pair = `${ids[i]} ${ids[i + 1]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + count);
      }
    }
    const pairs = Array.from(counts, ([pair, count]) => ({ pair: pair.split(" ").map(Number), count }));
    pairs.sort((a, b) => b.count - a.count || a.pair[0]! - b.pair[0]! || a.pair[1]! - b.pair[1]!);
    if (!pairs[0]) break;
    const [left, right] = pairs[0].pair as [number, number];
    const merged = tokens[left]! + tokens[right]!;
    if (!tokens.includes(merged)) tokens.push(merged);
    const merge: [string, string] = [tokens[left]!, tokens[right]!];
    if (!merges.some((known) => known.join(" ") === merge.join(" "))) merges.push(merge);
    spellings = spellings.map(({ ids, count }) => {
      const next: number[] = [];
      for (let i = 0; i < ids.length; i++) {
        const isPair = ids[i] === left && ids[i + 1] === right;
        next.push(isPair ? tokens.indexOf(merged) : ids[i]!);
        if (isPair) i++;
      }
      return { ids: next, count };
    });
  }
  return { tokens, merges };
}

suite("learnMerges", () => {
  test("merges by frequency, then by smaller ids", () => {
    // ab occurs 5 times, bc 3; then ab+c 3 times; then nothing is left.
    const words = new Map([
      ["abc", 3],
      ["ab", 2],
    ]);
    expect(learnMerges(words, ["a", "b", "c"], 100)).toEqual({
      tokens: ["a", "b", "c", "ab", "abc"],
      merges: [
        ["a", "b"],
        ["ab", "c"],
      ],
    });
    expect(
      learnMerges(
        new Map([
          ["cb", 1],
          ["ca", 1],
        ]),
        ["a", "b", "c"],
        4,
      ).tokens[3],
    ).toBe("ca");
  });

  test("equals the naive definition on words full of overlaps", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 12 });
    const words = fc.array(fc.tuple(word, fc.integer({ min: 1, max: 5 })), { maxLength: 12 });
    fc.assert(
      fc.property(words, fc.integer({ min: 3, max: 40 }), (list, vocabSize) => {
        const counts = new Map(list);
        const start = ["a", "b", "c"];
        expect(learnMerges(counts, start, vocabSize)).toEqual(learnMergesNaively(counts, start, vocabSize));
      }),
      { numRuns: 500 },
    );
  });
});

suite("trainBpe", () => {
  test("learns the vocabulary and merges that the reference trainer learns", async () => {
    // fixtures/llama3 was trained by Hugging Face's tokenizers on the same corpus (fixtures/make.py).
    const reference = JSON.parse(await readFile(join(fixtures, "llama3", "tokenizer.json"), "utf8"));
    const specialTokens = ["<|begin_of_text|>", "<|eot_id|>"];
    const folder = await mkdtemp(join(tmpdir(), "bpe-"));
    try {
      await (await trainBpe(await readCorpus(), { vocabSize: 420, specialTokens })).save(folder);
      const { model } = JSON.parse(await readFile(join(folder, "tokenizer.json"), "utf8"));
      expect(model.vocab).toEqual(reference.model.vocab);
      expect(model.merges).toEqual(reference.model.merges.map((pair: string[]) => pair.join(" ")));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("decode gives back any text", async () => {
    const tokenizer = await trainBpe(await readCorpus(), { vocabSize: 400, specialTokens: ["<|endoftext|>"] });
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: "grapheme" }),
      fc.lorem({ mode: "sentences" }),
    );
    fc.assert(
      fc.property(text, (sample) => tokenizer.decode(tokenizer.encode(sample)) === sample),
      { numRuns: 1000 },
    );
  });

  test("saves what loadTokenizer reads, roles included", async () => {
    const specialTokens = ["<pad>", "<s>", "</s>"];
    const options = { vocabSize: 300, specialTokens, bos: "<s>", eos: "</s>", pad: "<pad>" };
    const trained = await trainBpe(await readCorpus(), options);
    const folder = await mkdtemp(join(tmpdir(), "bpe-"));
    try {
      await trained.save(folder);
      const loaded = await loadTokenizer(folder);
      expect(loaded).toMatchObject({ vocabSize: 300, padId: 0, bosId: 1, eosId: 2, stopIds: [2] });
      expect(loaded).toMatchObject({ padId: trained.padId, bosId: trained.bosId, stopIds: trained.stopIds });
      const text = "<s>The baker counts 17 loaves.</s>";
      expect(loaded.encode(text)).toEqual(trained.encode(text));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("stops early where no pair is left, and takes texts from a stream", async () => {
    async function* texts() {
      yield "ab ab";
    }
    const tokenizer = await trainBpe(texts(), { vocabSize: 1000 });
    expect(tokenizer.vocabSize).toBe(258); // 256 bytes, "ab" and "Ġab"
    expect(tokenizer.encode("ab ab").map((id) => tokenizer.token(id))).toEqual(["ab", "Ġab"]);
  });

  test("refuses options that cannot work", async () => {
    await expect(trainBpe([], { vocabSize: 200 })).rejects.toThrow("no room for 256 bytes");
    await expect(trainBpe([], { vocabSize: 300, specialTokens: ["a"] })).rejects.toThrow("a single byte");
    await expect(trainBpe([], { vocabSize: 300, eos: "</s>" })).rejects.toThrow("not among specialTokens");
  });
});

suite("byte letters", () => {
  test("follow GPT-2's table", () => {
    expect(toByteLetters(" Hé\n")).toBe("ĠHÃ©Ċ");
    expect(new Set(byteAlphabet()).size).toBe(256);
  });
});
