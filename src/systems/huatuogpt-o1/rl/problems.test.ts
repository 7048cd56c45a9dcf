import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { ChatTemplate } from "../../../language/tokenizers/index.ts";
import { openHistory } from "./history.ts";
import { encodeProblems, holdOut, readProblems } from "./problems.ts";
import { config, problems, tokenizer } from "./rl.fixtures.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polymath-huatuo-rl-"));
});
afterAll(() => rm(folder, { recursive: true }));

suite("problems", () => {
  test("are rows of the published RL set; a bad one is named", async () => {
    const file = join(folder, "problems.json");
    const rows = problems.slice(0, 3).map(({ question, reference }) => ({
      "Open-ended Verifiable Question": question,
      "Ground-True Answer": reference,
      process_id: 1,
    }));
    await writeFile(file, JSON.stringify(rows));
    expect(await readProblems(file)).toEqual(problems.slice(0, 3));
    expect(await readProblems(file, 2)).toHaveLength(2);
    await writeFile(file, JSON.stringify([rows[0], { "Open-ended Verifiable Question": "why" }]));
    await expect(readProblems(file)).rejects.toThrow("item 2: Ground-True Answer: missing");
    await writeFile(file, "[]");
    await expect(readProblems(file)).rejects.toThrow("there are no rows");
  });

  test("a tenth is held out, 200 at most, the same for the same seed", () => {
    const { training, heldOut } = holdOut(problems, 1);
    expect([training.length, heldOut.length]).toEqual([36, 4]);
    expect(new Set([...training, ...heldOut])).toEqual(new Set(problems));
    expect(holdOut(problems, 1)).toEqual({ training, heldOut });
    expect(holdOut(problems, 2).heldOut).not.toEqual(heldOut);
    expect(
      holdOut(
        Array.from({ length: 5000 }, (_, i) => i),
        1,
      ).heldOut,
    ).toHaveLength(200);
  });

  test("become prompts by the chat template; those without room are counted", () => {
    const template = new ChatTemplate(
      "{% for m in messages %}{{ m.content }}{% endfor %}{% if add_generation_prompt %}:{% endif %}",
    );
    const long = { question: "pick a b c", reference: "a" };
    const model = { config, tokenizer, template, folder: "a-model" };
    const { prompts, tooLong } = encodeProblems([problems[0]!, long], model, 4);
    expect(prompts.map(({ tokens }) => tokenizer.decode(tokens))).toEqual(["pick a:"]);
    expect(tooLong).toBe(1);
    const refused = { ...model, template: undefined };
    expect(() => encodeProblems(problems, refused, 4)).toThrow("a-model: the tokenizer has no chat template");
  });
});

suite("history", () => {
  const entry = (update: number, value = 0) => ({ update, value });
  test("goes on after a kill: what comes again replaces what was, a broken line was never said", async () => {
    const file = join(folder, "deep", "updates.jsonl");
    const first = await openHistory<ReturnType<typeof entry>>(file);
    for (const update of [1, 2, 3]) first.add(entry(update));
    await writeFile(file, '{"update":4', { flag: "a" });
    const second = await openHistory<ReturnType<typeof entry>>(file);
    second.add(entry(3, 7));
    expect(second.all()).toEqual([entry(1), entry(2), entry(3, 7)]);
    const third = await openHistory<ReturnType<typeof entry>>(file);
    third.add(entry(4));
    expect(third.all()).toEqual([entry(1), entry(2), entry(3, 7), entry(4)]);
    third.add(entry(2, 9)); // the checkpoint was older
    expect((await openHistory<ReturnType<typeof entry>>(file)).all()).toEqual([entry(1), entry(2, 9)]);
  });
});
