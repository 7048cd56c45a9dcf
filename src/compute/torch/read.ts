/**
 * Opens what torch.save wrote (.pt, .ckpt, .pth, .bin) without executing any of it: the pickle inside is interpreted for
 * tensors and plain containers, and any other name in it is refused (core/pickle).
 */
import { DataError } from "../../core/errors.ts";
import { readPickle } from "../../core/pickle/index.ts";
import { SafeTensor } from "../safetensors/safe-tensor.ts";
import { openTorchArchive } from "./archive.ts";
import { storageOf, torchGlobals } from "./globals.ts";

export interface TorchFile {
  /** What was saved: Maps for dicts, arrays for lists and tuples, SafeTensors whose bytes are read when asked for. */
  readonly value: unknown;
  /** Tensors can be read until then. */
  close(): Promise<void>;
}

/** @throws DataError when the file is not of torch.save, is damaged, or holds more than tensors and plain data */
export async function readTorchFile(file: string): Promise<TorchFile> {
  const archive = await openTorchArchive(file);
  try {
    const value = readPickle(archive.pickle, {
      label: `${file}: data.pkl`,
      globals: torchGlobals(archive, file),
      persistent: (id) => storageOf(id, file),
    });
    return { value, close: archive.close };
  } catch (error) {
    await archive.close();
    throw error;
  }
}

/**
 * The tensors of a state dict inside a file, by name: those of the first of `keys` that the file has, else of the whole.
 * @param keys e.g. ["ema", "model"] for files of LightningDiT's trainer, ["state_dict"] for those of Lightning
 * @throws DataError when there is no dict of tensors
 */
export function stateDictOf(
  { value }: Pick<TorchFile, "value">,
  keys: readonly string[],
  file: string,
): Map<string, SafeTensor> {
  const root = value instanceof Map ? value : new Map();
  const found = keys.map((key) => root.get(key)).find((entry) => entry instanceof Map) ?? root;
  const tensors = new Map<string, SafeTensor>();
  for (const [name, tensor] of found as Map<unknown, unknown>)
    if (tensor instanceof SafeTensor) tensors.set(String(name), tensor);
  if (tensors.size === 0) {
    const names = [...root.keys()].map(String).slice(0, 8).join(", ");
    throw new DataError(`${file}: holds no state dict${names ? `; its keys are ${names}` : ""}`, {
      hint: `Looked under ${[...keys, "the whole"].join(", ")}.`,
    });
  }
  return tensors;
}
