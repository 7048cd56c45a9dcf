import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Tokenizer as Engine } from "@huggingface/tokenizers";
import fc from "fast-check";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { closedVocabulary } from "./closed-vocabulary.ts";

// Overlaps on purpose: prefixes of each other, regex characters, a special token that an ordinary one runs into.
const special = ["<pad>", "<eos>", "<b>"];
const words = ["0", "1", "12", "123", " ", "\n", "+", "(", ")", ".", "a", "ab", "a<", "b>", "<think>", "é", "🧮"];
const vocabulary = closedVocabulary([...special, ...words], { pad: "<pad>", eos: "<eos>", specialTokens: ["<b>"] });
const tokensOf = (text: string) => vocabulary.encode(text).map((id) => vocabulary.token(id));

const spellable = fc
  .array(fc.constantFrom(...special, ...words), { maxLength: 30 })
  .map((parts) => parts.join(""))
  .filter((text) => isSpellable(text));

function isSpellable(text: string): boolean {
  try {
    vocabulary.encode(text);
    return true;
  } catch {
    return false;
  }
}

suite("closedVocabulary", () => {
  test("the place in the list is the id", () => {
    expect(vocabulary).toMatchObject({ padId: 0, eosId: 1, bosId: undefined, stopIds: [1], vocabSize: 20 });
    expect(vocabulary.tokenId("<think>")).toBe(17);
    expect(vocabulary.tokenId("nothing")).toBeUndefined();
  });

  test("takes the longest token at each place, after cutting at special ones", () => {
    expect(tokensOf("12312+1")).toEqual(["123", "12", "+", "1"]);
    expect(tokensOf("ab a<b>")).toEqual(["ab", " ", "a", "<b>"]);
    expect(tokensOf("<think>1\n<eos>")).toEqual(["<think>", "1", "\n", "<eos>"]);
  });

  test("decode gives the text back, with or without special tokens", () => {
    fc.assert(fc.property(spellable, (text) => vocabulary.decode(vocabulary.encode(text)) === text));
    expect(vocabulary.decode(vocabulary.encode("1<b>2<eos>".replace("2", "0")), { skipSpecial: true })).toBe("10");
  });

  test("names the character it cannot spell, its place and what there is", () => {
    const encode = () => vocabulary.encode("é🧮+x12");
    expect(encode).toThrow('No token begins with "x" (U+0078) at character 4 of the text, in "é🧮+x12"');
    expect(encode).toThrow(expect.objectContaining({ code: "DATA", hint: expect.stringContaining('"<think>" "é"') }));
    expect(() => vocabulary.encode("1\ud800")).toThrow("(U+D800) at character 2");
  });

  test("decode names an id outside the vocabulary", () => {
    expect(() => vocabulary.decode([3, 20])).toThrow("id 20 at place 1 is outside the vocabulary of 20");
  });

  test("refuses vocabularies that cannot work", () => {
    expect(() => closedVocabulary(["a", "b", "a"])).toThrow('"a" is token 0 and 2');
    expect(() => closedVocabulary(["a", ""])).toThrow('token 1 is ""');
    expect(() => closedVocabulary(["a"], { eos: "<eos>" })).toThrow('eos token "<eos>" is not in the vocabulary');
  });
});

suite("tokenizer.json of a closed vocabulary", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "closed-"));
    await vocabulary.save(folder);
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("@huggingface/tokenizers gives the same ids and texts", async () => {
    const read = async (name: string) => JSON.parse(await readFile(join(folder, name), "utf8"));
    const engine: any = new Engine(await read("tokenizer.json"), await read("tokenizer_config.json"));
    fc.assert(
      fc.property(spellable, (text) => {
        const ids = vocabulary.encode(text);
        expect(engine.encode(text).ids).toEqual(ids);
        if (ids.length > 0) expect(engine.decode(ids)).toBe(text);
      }),
    );
  });

  const hasReference = spawnSync("python3", ["-c", "import tokenizers"]).status === 0;
  test.skipIf(!hasReference)("the reference gives the same (skipped without Python's tokenizers package)", () => {
    const texts = fc.sample(spellable, { numRuns: 200, seed: 7 });
    const program = `
import json, sys
from tokenizers import Tokenizer
tokenizer = Tokenizer.from_file(sys.argv[1])
encoded = [tokenizer.encode(text).ids for text in json.load(sys.stdin)]
try:
    tokenizer.encode("1+x")
    refused = False
except Exception:
    refused = True
decoded = [tokenizer.decode(ids, skip_special_tokens=False) for ids in encoded]
print(json.dumps({"encoded": encoded, "decoded": decoded, "refused": refused}))`;
    const { stdout, stderr } = spawnSync("python3", ["-c", program, join(folder, "tokenizer.json")], {
      input: JSON.stringify(texts),
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    const encoded = texts.map((text) => vocabulary.encode(text));
    expect(JSON.parse(stdout)).toEqual({ encoded, decoded: texts, refused: true });
  });
});
