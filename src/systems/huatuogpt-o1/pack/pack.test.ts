/** What a pack may say, what is refused before anything is paid, and which questions are held out. */
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { parse } from "yaml";
import { questions, writePack } from "./pack.fixtures.ts";
import { readPack } from "./read.ts";
import { expandPack, Pack } from "./schema.ts";
import { placeOf, splitQuestions } from "./split.ts";

suite("a pack", () => {
  test("takes the defaults of the single commands, short forms, and paths from its own folder", async () => {
    const file = await writePack({ holdout: 0.25, verifier: "exact", sft: { base: "base" }, eval: undefined });
    const pack = await readPack(file);
    expect(pack).toMatchObject({
      questions: join(dirname(file), "questions.json"),
      teacher: { model: "mock", maxTokens: 8192, timeout: 600 },
      holdout: { share: 0.25, decontaminate: true },
      factory: { minWords: 15 },
      merge: { minShare: 0.15, maxShare: 2 },
      sft: { base: join(dirname(file), "base"), mode: "complex", lr: 5e-6, epochs: 3 },
      verifier: { use: "exact" },
      eval: { temperature: 0.5, maxTokens: 2000 },
    });
    expect((await readPack(await writePack({ holdout: 5 }))).holdout).toMatchObject({ count: 5 });
  });

  test.each([
    [{ serach: {} }, 'unknown field "serach"', 'Did you mean "search"?'],
    [{ sft: { base: "base", epoch: 2 } }, 'sft: unknown field "epoch"', 'Did you mean "epochs"?'],
    [
      { search: { depth: "3" } },
      'search.depth: expected a whole number from 0 to 20, got "3" (text)',
      "without quotes",
    ],
    [{ questions: "exam.json" }, "questions: no such file: ", "folder of the pack"],
    [{ sft: { base: "bse" } }, "sft.base: ", "folder of the pack"],
    [{ verifier: "exat" }, 'verifier.use: expected one of "exact", "llm", got "exat" (text)', 'mean "exact"?'],
    [{ verifier: { use: "exact", folder: "v" } }, "verifier: give one of exact, llm, folder and train", ""],
    [{ verifier: { train: "questions.json" } }, "verifier.base: train and base go together", ""],
    [{ verifier: "llm" }, "judge: missing, and verifier: llm needs the model", ""],
    [{ holdout: { share: 0.1, count: 3 } }, "holdout: give one of share and count", ""],
    [{ holdout: undefined }, "holdout: missing, and there is no eval.file", ""],
    [{ rl: { method: "pop" } }, 'rl.method: expected one of "ppo", "rloo", "grpo", "dpo", got "pop"', 'mean "ppo"?'],
  ])("%j is refused with the file and the field", async (change, message, hint) => {
    const file = await writePack(change);
    const error = await readPack(file).catch((one) => one);
    expect(error.code).toBe("DATA");
    expect(error.message).toContain(`${file}: ${message}`);
    expect(error.hint ?? "").toContain(hint);
  });

  test("of the README is one, but for its files", () => {
    const readme = readFileSync(join(import.meta.dirname, "../README.md"), "utf8");
    const [, example] = /^```yaml\n(name: [\s\S]*?)^```$/m.exec(readme)!;
    const pack = Pack.parse(expandPack(parse(example!)));
    expect(pack).toMatchObject({
      holdout: { share: 0.1 },
      verifier: { use: "exact" },
      rl: { method: "grpo", updates: 60 },
    });
  });

  test("names the line of broken YAML, and refuses a base that could not be trained", async () => {
    const file = await writePack();
    appendFileSync(file, "name: twice\n");
    await expect(readPack(file)).rejects.toThrow(/pack\.yaml line \d+, column \d+: Map keys must be unique/);
    await expect(readPack(await writePack({}, { hasTemplate: false }))).rejects.toThrow("has no chat template");
    await expect(readPack(`${file}.missing`)).rejects.toThrow("no such file");
    writeFileSync(file, "- a list\n");
    await expect(readPack(file)).rejects.toThrow("expected a map of names and values, got a list");
  });
});

suite("questions held out", () => {
  const split = (rows: readonly unknown[], holdout: { share?: number; count?: number }) =>
    splitQuestions(rows, { decontaminate: true, ...holdout }, "questions.json");

  test("a question stays on its side whatever stands beside it, in any order", () => {
    const share = 0.3;
    fc.assert(
      fc.property(fc.shuffledSubarray(questions, { minLength: 1 }), (rows) => {
        const expected = rows.filter(({ question }) => placeOf(question) < share);
        if (expected.length === 0 || expected.length === rows.length) return;
        expect(split(rows, { share }).heldOut).toEqual(expected);
      }),
    );
    expect(placeOf("Which  metal?\n")).toBe(placeOf("which metal?"));
  });

  test("a count takes so many, the same question never to both sides, and no row that cannot be scored", () => {
    const { heldOut, training } = split(questions, { count: 4 });
    expect([heldOut.length, training.length]).toEqual([4, questions.length - 4]);
    const twice = split([...questions, ...questions], { count: 4 });
    const asked = (rows: unknown[]) => new Set((rows as typeof questions).map(({ question }) => question));
    expect([...asked(twice.heldOut)].filter((question) => asked(twice.training).has(question))).toEqual([]);
    const [first] = heldOut as typeof questions;
    const broken = { ...first!, answer: "lead" };
    const several = { ...first!, answer_idx: "A,B" };
    const rest = split([broken, several, ...training], { count: 4 });
    expect(rest.heldOut).not.toContain(broken);
    expect(rest.training).toEqual(expect.arrayContaining([broken, several]));
  });

  test("an empty side is refused", () => {
    expect(() => split(questions.slice(0, 2), { count: 2 })).toThrow("none is left for training");
    expect(() => split(questions.slice(0, 2), { share: 1e-9 })).toThrow("none is held out");
    expect(() => split([{}], { count: 1 })).toThrow("of 1 questions, 0 of them usable, none is held out");
  });
});
