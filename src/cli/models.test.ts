/** The list of models: Hugging Face folders, parts with cards, and what is neither. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { fromTensor, writeSafetensors } from "../compute/safetensors/index.ts";
import { Tensor } from "../compute/tensor.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "polymath-models-"));
  vi.stubEnv("POLYMATH_MODELS", root); // read when the command is loaded
});
afterAll(() => rmSync(root, { recursive: true }));

async function put(name: string, file: string, content: object): Promise<void> {
  mkdirSync(join(root, name), { recursive: true });
  writeFileSync(join(root, name, file), JSON.stringify(content));
  const weight = await fromTensor(Tensor.from(new Float32Array(12), [3, 4]));
  const bias = await fromTensor(Tensor.from(new Float32Array(4), [4]));
  await writeSafetensors(join(root, name, "model.safetensors"), new Map(Object.entries({ weight, bias })));
}
const list = async () => {
  const { modelsCommand } = await import("./models.ts");
  const models = await modelsCommand.run([] as never, {} as never, {} as never);
  return { models, text: modelsCommand.print!(models) };
};

test("an empty folder says how the first is made", async () => {
  expect((await list()).text).toMatch(/No models in .*polymath train reasoner/);
});

test("a folder of parts is one model for each card, by the path that other commands take", async () => {
  await put("chains", "config.json", { model_type: "llama" });
  await put("marks/generator", "card.json", { kind: "polymath-lightningdit" });
  await put("marks/tokenizer", "card.json", { kind: "polymath-tokenizer" });
  await put("marks/notes", "other.json", {});
  mkdirSync(join(root, "nothing"));
  const { models, text } = await list();
  expect(models.map(({ name, family, parameterCount }) => [name, family, parameterCount])).toEqual([
    ["chains", "llama", 16],
    ["marks/generator", "polymath-lightningdit", 16],
    ["marks/tokenizer", "polymath-tokenizer", 16],
  ]);
  expect(text).toContain("polymath train marks");
  expect(models[1]!.bytes).toBeGreaterThan(16 * 4);
});
