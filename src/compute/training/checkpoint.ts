/**
 * Checkpoints of a training run, each a folder that is whole or absent:
 *   latest                       the name of the newest folder
 *   step-00000500/model.safetensors, ema.safetensors, optimizer.safetensors, training.json
 * `model.safetensors` holds the parameters under their tree names, so it is at once the model's weights file.
 */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic, writeJsonAtomic } from "../../core/atomic.ts";
import { ConfigError, DataError } from "../../core/errors.ts";
import { fromTensor, loadTensors, type SafeTensor, writeSafetensors } from "../safetensors/index.ts";
import type { Tensor } from "../tensor.ts";
import { mapTree, namedLeaves } from "../tree.ts";
import { DivergedError } from "./diverged.ts";
import type { OutsideState } from "./step-program.ts";

/** What must stay the same for a run to go on. */
export interface RunIdentity {
  seed: number | string;
  optimizer: string;
  accumulate: number;
}

/** All there is to a run besides tensors: batches, random numbers and the schedule are functions of the step. */
export interface Position {
  /** Steps done. */
  step: number;
  /** Of the last step; null before the first. */
  loss: number | null;
  /** Wall-clock of all processes together. */
  seconds: number;
}

export interface Checkpoints {
  /** The newest folder, or null before the first. */
  readonly latest: string | null;
  /**
   * Reads the newest one into the structure of `fresh`, which is spent; null where there is none.
   * @throws ConfigError when it belongs to another run: identity, names or shapes differ
   */
  load(fresh: OutsideState): Promise<{ state: OutsideState; position: Position } | null>;
  /**
   * Does nothing when this step is saved already.
   * @throws DivergedError when a tensor holds NaN or infinity; older checkpoints stay as they are
   */
  save(state: OutsideState, position: Position): Promise<void>;
}

const stateFiles = { params: "model", ema: "ema", optimizer: "optimizer" } as const;
const folderName = (step: number) => `step-${String(step).padStart(8, "0")}`;

/** @param keep how many of the newest folders stay */
export async function openCheckpoints(dir: string, identity: RunIdentity, keep: number): Promise<Checkpoints> {
  const pointer = join(dir, "latest");
  let latest = existsSync(pointer) ? join(dir, (await readFile(pointer, "utf8")).trim()) : null;
  return {
    get latest() {
      return latest;
    },
    async load(fresh) {
      return latest === null ? null : readCheckpoint(latest, fresh, identity);
    },
    async save(state, position) {
      const folder = join(dir, folderName(position.step));
      if (folder === latest) return;
      const draft = join(dir, `.${folderName(position.step)}.tmp`);
      await mkdir(dir, { recursive: true });
      for (const entry of await readdir(dir)) // left by processes that died while saving
        if (/^\.step-\d+\.tmp$/.test(entry)) await rm(join(dir, entry), { recursive: true });
      await mkdir(draft);
      await writeCheckpoint(draft, state, { ...identity, ...position });
      await rm(folder, { recursive: true, force: true }); // left by a process that died before it moved `latest`
      await rename(draft, folder);
      await writeFileAtomic(pointer, `${folderName(position.step)}\n`);
      latest = folder;
      const folders = (await readdir(dir)).filter((entry) => /^step-\d+$/.test(entry)).sort();
      for (const old of folders.slice(0, -keep)) await rm(join(dir, old), { recursive: true });
    },
  };
}

async function writeCheckpoint(folder: string, state: OutsideState, position: RunIdentity & Position): Promise<void> {
  for (const [part, file] of Object.entries(stateFiles)) {
    const safe = new Map<string, SafeTensor>();
    for (const [name, tensor] of namedLeaves<Tensor>(state[part as keyof OutsideState] ?? {})) {
      if (!(await tensor.data()).every(Number.isFinite))
        throw new DivergedError(`train: "${name}" holds NaN or infinity after step ${position.step}`, {
          hint: "Lower the peak learning rate, warm up longer, or clip gradients (clipNorm: 1).",
        });
      safe.set(name, await fromTensor(tensor));
    }
    if (safe.size > 0) await writeSafetensors(join(folder, `${file}.safetensors`), safe);
  }
  await writeJsonAtomic(join(folder, "training.json"), position);
}

async function readCheckpoint(folder: string, fresh: OutsideState, identity: RunIdentity) {
  const position = await readPosition(join(folder, "training.json"));
  for (const key of ["seed", "optimizer", "accumulate"] as const)
    if (position[key] !== identity[key])
      throw new ConfigError(`${folder}: ${key} is ${position[key]}, this run has ${identity[key]}`, {
        hint: "Go on with the settings the checkpoint was made with, or train in another folder.",
      });
  const state = { ...fresh };
  for (const [part, file] of Object.entries(stateFiles) as [keyof OutsideState, string][]) {
    if (namedLeaves(fresh[part] ?? {}).size === 0) continue;
    const path = join(folder, `${file}.safetensors`);
    if (!existsSync(path))
      throw new ConfigError(`${folder}: has no ${file}.safetensors, which this run's settings need`, {
        hint: "Go on with the settings the checkpoint was made with, or train in another folder.",
      });
    const found = await loadTensors(path);
    state[part] = mapTree(fresh[part], (leaf: Tensor, name) => {
      const tensor = found.get(name);
      if (!tensor) throw new ConfigError(`${path}: no tensor "${name}", which this model has`);
      if (String(tensor.shape) !== String(leaf.shape))
        throw new ConfigError(`${path}: "${name}" is [${tensor.shape}], this model wants [${leaf.shape}]`);
      leaf.dispose();
      return tensor;
    });
  }
  return { state, position };
}

async function readPosition(path: string): Promise<RunIdentity & Position> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new DataError(`${path}: cannot be read: ${(cause as Error).message}`, {
      cause,
      hint: "Write the name of an older step folder into `latest`, or delete `latest` to start over.",
    });
  }
}
