import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { SafeTensor, writeSafetensors } from "../compute/safetensors/index.ts";
import type { Tensor } from "../compute/tensor.ts";
import { namedLeaves } from "../compute/tree.ts";
import {
  compileForward,
  families,
  int32,
  largestDifference,
  randomDecoder,
  randomTokens,
} from "./decoder/decoder.fixtures.ts";
import { referenceLogits } from "./decoder/decoder.reference.ts";
import { loadModel, saveModel } from "./hugging-face.ts";
import { closedVocabulary } from "./tokenizers/index.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polymath-model-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function filesOf(path: string): Promise<Record<string, string>> {
  const names = (await readdir(path)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(path, name), "base64")])),
  );
}

suite("Hugging Face folders", () => {
  for (const [name, config] of Object.entries(families)) {
    test(`${name}: save, load, save gives the same bytes`, async () => {
      const [first, second] = [join(folder, `${name} 1`), join(folder, `${name} 2`)];
      const tokenizer = closedVocabulary([..."abcdefghijklmnopqrstuvw"]);
      const params = randomDecoder(config);
      await saveModel(first, { config, params, tokenizer });
      const loaded = await loadModel(first);
      expect(loaded.config).toEqual(config);
      await saveModel(second, { ...loaded, tokenizer });
      expect(await filesOf(second)).toEqual(await filesOf(first));
    });
  }

  test("bfloat16 in shards: the values that were stored, and the same bytes again", async () => {
    const config = { ...families.Qwen2!, eosTokenIds: [3, 4] };
    const [first, second] = [join(folder, "bf16 1"), join(folder, "bf16 2")];
    const params = randomDecoder(config);
    await saveModel(first, { config, params, dtype: "bfloat16", maxShardBytes: 8000 });
    expect(await readdir(first)).toContain("model.safetensors.index.json");
    const loaded = await loadModel(first);
    expect([loaded.dtype, loaded.config.eosTokenIds]).toEqual(["bfloat16", [3, 4]]);
    const [stored, original] = [loaded.params, params].map((tree) => tree.model.layers[1]!.mlp.up_proj.weight.host!);
    expect(largestDifference(stored!, original!)).toBeLessThan(2 ** -8 * Math.max(...original!.map(Math.abs)));
    await saveModel(second, { ...loaded, maxShardBytes: 8000 });
    expect(await filesOf(second)).toEqual(await filesOf(first));
  });

  test("a folder as transformers 5 writes it gives the reference's logits", async () => {
    const config = families["Llama, untied, llama3 rope, all biases"]!;
    const path = join(folder, "transformers 5");
    await saveModel(path, { config, params: randomDecoder(config), dtype: "float16" });
    const file = join(path, "config.json");
    const { rope_scaling, rope_theta, torch_dtype, ...json } = JSON.parse(await readFile(file, "utf8"));
    const rope_parameters = { ...rope_scaling, rope_theta };
    await writeFile(
      file,
      JSON.stringify({ ...json, rope_parameters, dtype: torch_dtype, transformers_version: "5.0.0" }),
    );
    const loaded = await loadModel(path);
    const weights = new Map([...namedLeaves<Tensor>(loaded.params)].map(([name, tensor]) => [name, tensor.host!]));
    const tokens = randomTokens(config, 30);
    const forward = compileForward(loaded.config);
    const logits = await (await forward(loaded.params, { tokens: int32([tokens]) })).data();
    expect(largestDifference(logits, referenceLogits(config, weights, tokens).flat())).toBeLessThan(1e-5);
    forward.dispose();
  });
});

const pythonProgram = `
import json, sys, torch
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32).eval()
with torch.no_grad():
    print(json.dumps(model(torch.tensor([json.loads(sys.argv[2])])).logits.flatten().tolist()))
`;
const hasTransformers = spawnSync("python3", ["-c", "import torch, transformers"]).status === 0;

suite("against transformers (skipped where python3 has no torch and transformers)", () => {
  for (const [name, config] of Object.entries(families)) {
    test.skipIf(!hasTransformers)(name, async () => {
      const path = join(folder, `${name} for transformers`);
      const params = randomDecoder(config);
      await saveModel(path, { config, params });
      const tokens = randomTokens(config, 30);
      const { stdout, stderr } = spawnSync("python3", ["-c", pythonProgram, path, JSON.stringify(tokens)]);
      expect(stdout.length, String(stderr)).toBeGreaterThan(0);
      const forward = compileForward(config);
      const logits = await (await forward(params, { tokens: int32([tokens]) })).data();
      expect(largestDifference(logits, JSON.parse(String(stdout)))).toBeLessThan(1e-3);
      forward.dispose();
    });
  }
});

suite("folders at fault", () => {
  /** A sound Qwen2 folder whose config.json and tensors may be changed before it is written. */
  async function broken(
    name: string,
    change: { config?: (json: any) => void; tensors?: (map: Map<string, SafeTensor>) => void },
  ) {
    const config = families.Qwen2!;
    const path = join(folder, `broken ${name}`);
    const params = randomDecoder(config);
    await saveModel(path, { config, params });
    const json = JSON.parse(await readFile(join(path, "config.json"), "utf8"));
    change.config?.(json);
    await writeFile(join(path, "config.json"), JSON.stringify(json));
    const tensors = new Map(
      [...namedLeaves<Tensor>(params)].map(([key, leaf]) => [
        key,
        SafeTensor.from(leaf.host as Float32Array<ArrayBuffer>, leaf.shape),
      ]),
    );
    change.tensors?.(tensors);
    await writeSafetensors(join(path, "model.safetensors"), tensors);
    return loadModel(path);
  }
  const name = "model.layers.0.self_attn.k_proj.weight";

  test("a tensor that is missing", async () => {
    await expect(broken("missing", { tensors: (map) => map.delete(name) })).rejects.toThrow(`tensor ${name} missing`);
  });
  test("a tensor without a place", async () => {
    const extra = SafeTensor.from(new Float32Array(2), [2]);
    const load = broken("extra", { tensors: (map) => map.set("model.layers.0.lora_A", extra) });
    await expect(load).rejects.toThrow("no place for tensor model.layers.0.lora_A");
  });
  test("a tied head that is stored all the same is welcome", async () => {
    const load = broken("tied", { tensors: (map) => map.set("lm_head.weight", map.get("model.embed_tokens.weight")!) });
    expect((await load).params.lm_head).toBeUndefined();
  });
  test("a tensor of another shape", async () => {
    const load = broken("shape", { config: (json) => Object.assign(json, { intermediate_size: 44 }) });
    await expect(load).rejects.toThrow(
      "model.layers.0.mlp.gate_proj.weight: config.json says [44, 24], the file has [40, 24]",
    );
  });
  test("another architecture", async () => {
    const load = broken("architecture", { config: (json) => Object.assign(json, { architectures: ["BertModel"] }) });
    await expect(load).rejects.toThrow(
      /config.json: architectures: expected one of LlamaForCausalLM.*got \["BertModel"\]/,
    );
  });
  test("a field of the wrong kind", async () => {
    const load = broken("field", { config: (json) => Object.assign(json, { num_attention_heads: "4" }) });
    await expect(load).rejects.toThrow(/config.json: num_attention_heads: expected a whole number.*got "4" \(text\)/);
  });
  test("a rope scaling we do not know", async () => {
    const load = broken("rope", {
      config: (json) => Object.assign(json, { rope_scaling: { type: "longrope", factor: 2 } }),
    });
    await expect(load).rejects.toThrow(/rope_scaling.type: expected one of .*"yarn".*got "longrope"/);
  });
});
