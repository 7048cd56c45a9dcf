import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { closedVocabulary } from "./closed-vocabulary.ts";
import { loadTokenizer } from "./load.ts";

const fixtures = join(import.meta.dirname, "fixtures");

interface Case {
  text: string;
  ids: number[];
  withSpecial: number[];
  decoded: string;
  skipped: string;
}

// The Rust reference made these files and the expected ids (fixtures/make.py).
suite.for(["qwen2", "llama3", "llama2", "metaspace"])("loadTokenizer: %s style", (name) => {
  const folder = join(fixtures, name);

  test("gives the ids of the reference implementation", async () => {
    const tokenizer = await loadTokenizer(folder);
    const cases: Case[] = JSON.parse(await readFile(join(folder, "expected.json"), "utf8"));
    const found = cases.map(({ text }) => ({
      text,
      ids: tokenizer.encode(text),
      withSpecial: tokenizer.encode(text, { special: true }),
      decoded: tokenizer.decode(tokenizer.encode(text, { special: true })),
      skipped: tokenizer.decode(tokenizer.encode(text, { special: true }), { skipSpecial: true }),
    }));
    expect(found).toEqual(cases);
  });

  test("counts its vocabulary to the last id", async () => {
    const tokenizer = await loadTokenizer(folder);
    expect(tokenizer.token(tokenizer.vocabSize - 1)).toBeTypeOf("string");
    expect(tokenizer.token(tokenizer.vocabSize)).toBeUndefined();
  });
});

suite("loadTokenizer", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tokenizer-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("takes roles from tokenizer_config.json and further stops from generation_config.json", async () => {
    const qwen2 = await loadTokenizer(join(fixtures, "qwen2"));
    expect(qwen2).toMatchObject({ bosId: undefined, eosId: 2, padId: 0, stopIds: [2, 0] });
    const llama2 = await loadTokenizer(join(fixtures, "llama2"));
    expect(llama2).toMatchObject({ bosId: 1, eosId: 2, padId: undefined, stopIds: [2] });
    expect([llama2.isSpecial(2), llama2.isSpecial(3), llama2.tokenId("</s>")]).toEqual([true, false, 2]);
  });

  test("save copies the files byte for byte", async () => {
    await (await loadTokenizer(join(fixtures, "llama2"))).save(join(folder, "copy"));
    for (const name of ["tokenizer.json", "tokenizer_config.json", "chat_template.jinja"]) {
      expect(await readFile(join(folder, "copy", name))).toEqual(await readFile(join(fixtures, "llama2", name)));
    }
  });

  test("reads a closed vocabulary back as one, companions included", async () => {
    const vocabulary = closedVocabulary(["<eos>", "1", "2", "+"], { eos: "<eos>", specialTokens: ["+"] });
    await vocabulary.save(join(folder, "closed"));
    await writeFile(join(folder, "closed", "chat_template.jinja"), "{{ messages[0].content }}");
    const loaded = await loadTokenizer(join(folder, "closed"));
    expect(loaded.encode("1+2<eos>")).toEqual([1, 3, 2, 0]);
    expect(loaded).toMatchObject({ eosId: 0, vocabSize: 4 });
    expect(loaded.isSpecial(3)).toBe(true);
    expect(() => loaded.encode("1+x")).toThrow('No token begins with "x"');
    await loaded.save(join(folder, "again"));
    for (const name of ["tokenizer.json", "tokenizer_config.json", "chat_template.jinja"]) {
      expect(await readFile(join(folder, "again", name))).toEqual(await readFile(join(folder, "closed", name)));
    }
  });

  test("decode names an id outside the vocabulary", async () => {
    const tokenizer = await loadTokenizer(join(fixtures, "qwen2"));
    expect(() => tokenizer.decode([5, 9999])).toThrow("id 9999 at place 1");
    expect(tokenizer.decode([])).toBe("");
    expect(tokenizer.encode("")).toEqual([]);
  });

  test("names the file that is missing or damaged", async () => {
    await expect(loadTokenizer(folder)).rejects.toThrow("tokenizer.json is missing");
    await writeFile(join(folder, "tokenizer.json"), '{"model": ');
    await expect(loadTokenizer(folder)).rejects.toThrow(`${join(folder, "tokenizer.json")}: invalid JSON`);
    await writeFile(join(folder, "tokenizer.json"), '{"model": {"type": "Telepathy"}}');
    await expect(loadTokenizer(folder)).rejects.toThrow("Unknown TokenizerModel type: Telepathy");
  });
});
