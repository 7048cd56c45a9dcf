/** A trained part as a folder: model.safetensors, and card.json with the hash of it, so that the two cannot be mixed up. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { fromTensor, loadTensors, type SafeTensor, writeSafetensors } from "../../compute/safetensors/index.ts";
import type { Tensor } from "../../compute/tensor.ts";
import { namedLeaves } from "../../compute/tree.ts";
import { writeJsonAtomic } from "../../core/atomic.ts";
import { DataError } from "../../core/errors.ts";
import { readJson } from "../../core/json.ts";

/** @returns the card with the hash of the weights */
export async function saveCarded<Card extends object>(
  folder: string,
  card: Card,
  params: object,
): Promise<Card & { sha256: string }> {
  const tensors = new Map<string, SafeTensor>();
  for (const [name, tensor] of namedLeaves<Tensor>(params)) tensors.set(name, await fromTensor(tensor));
  const file = join(folder, "model.safetensors");
  await writeSafetensors(file, tensors);
  const complete = { ...card, sha256: await hashOf(file) };
  await writeJsonAtomic(join(folder, "card.json"), complete);
  return complete;
}

/** @throws DataError when there is no card, or the weights are not those of it */
export async function loadCarded<Card extends { sha256: string }>(folder: string, schema: z.ZodType<Card>) {
  const card = await readJson(join(folder, "card.json"), schema);
  const file = join(folder, "model.safetensors");
  if ((await hashOf(file)) !== card.sha256)
    throw new DataError(`${file}: is not the file that card.json describes`, {
      hint: "Copy both files together, or train it again.",
    });
  return { card, file, tensors: await loadTensors(file) };
}

/** SHA-256 in hex. */
export async function hashOf(file: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
}
