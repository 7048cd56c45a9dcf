/** A model's tensors by name, from whatever kind of file holds them. */
import { readSafetensors } from "../safetensors/read.ts";
import type { SafeTensor } from "../safetensors/safe-tensor.ts";
import { readTorchFile, stateDictOf } from "./read.ts";

export interface StateDict {
  /** Bytes are read when asked for, until `close`. */
  readonly tensors: ReadonlyMap<string, SafeTensor>;
  /** Of a safetensors file. */
  readonly metadata: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export interface StateDictOptions {
  /** Where a file of torch.save may keep it, the preferred one first; default ["state_dict"], else the whole file. */
  keys?: readonly string[];
}

const torchFile = /\.(pt|pth|ckpt|bin)$/i;
/** What wrappers put before every name: data-parallel training and compiled modules. */
const wrapper = /^(module\.|_orig_mod\.)+/;

/**
 * Opens .safetensors, a Hugging Face folder, or what torch.save wrote, which is interpreted and never executed.
 * @throws DataError naming the file and what is wrong with it
 */
export async function openStateDict(
  path: string,
  { keys = ["state_dict"] }: StateDictOptions = {},
): Promise<StateDict> {
  if (!torchFile.test(path)) return readSafetensors(path);
  const file = await readTorchFile(path);
  try {
    const tensors = new Map<string, SafeTensor>();
    for (const [name, tensor] of stateDictOf(file, keys, path)) tensors.set(name.replace(wrapper, ""), tensor);
    return { tensors, metadata: {}, close: file.close };
  } catch (error) {
    await file.close();
    throw error;
  }
}
