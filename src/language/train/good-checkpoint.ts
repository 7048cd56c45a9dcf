/**
 * The newest model that was found well, kept beside a training that may yet go wrong: in memory, and as
 * `good-<step>.safetensors` in the training's folder.
 */
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fromTensor, loadTensors, type SafeTensor, writeSafetensors } from "../../compute/safetensors/index.ts";
import { type Outside, Tensor } from "../../compute/tensor.ts";
import { mapTree, namedLeaves } from "../../compute/tree.ts";
import type { DecoderParams } from "../decoder/decoder.ts";

export interface GoodCheckpoint {
  /** Steps done; 0 is the model before training. */
  step: number;
  params: Outside<DecoderParams>;
}

const fileOf = (dir: string, step: number) => join(dir, `good-${step}.safetensors`);

/** @param base the model before training, which is the good one of step 0; borrowed */
export async function openGood(
  dir: string | undefined,
  step: number,
  base: Outside<DecoderParams>,
): Promise<GoodCheckpoint> {
  if (!dir || step === 0) return { step: 0, params: await copyParams(base) };
  const found = await loadTensors(fileOf(dir, step));
  return { step, params: mapTree(base, (_: Tensor, name) => found.get(name)) };
}

/** Writes the file, if it is not there; whoever names its step in a file of its own does so afterwards. */
export async function saveGood(dir: string, { step, params }: GoodCheckpoint): Promise<void> {
  if (step === 0 || existsSync(fileOf(dir, step))) return;
  const safe = new Map<string, SafeTensor>();
  for (const [name, leaf] of namedLeaves<Tensor>(params)) safe.set(name, await fromTensor(leaf));
  await writeSafetensors(fileOf(dir, step), safe);
}

/** Removes the files of older ones. */
export async function sweepGood(dir: string, { step }: GoodCheckpoint): Promise<void> {
  for (const entry of await readdir(dir))
    if (/^good-\d+\.safetensors$/.test(entry) && entry !== `good-${step}.safetensors`) await rm(join(dir, entry));
}

/** On the host; training spends parameters, the copy stays. Parameters are borrowed. */
export async function copyParams<Params extends object>(params: Params): Promise<Params> {
  const copies = new Map<string, Tensor>();
  for (const [name, leaf] of namedLeaves<Tensor>(params))
    copies.set(name, Tensor.from((await leaf.data()).slice(), leaf.shape, leaf.dtype));
  return mapTree(params, (_: Tensor, name) => copies.get(name));
}
