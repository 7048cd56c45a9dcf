/**
 * The collapse guard as a hook of the training loop: at each evaluation it looks at the model, keeps it when it is
 * well, and otherwise says why the training ends. What it knows is in `guard.json` beside the checkpoints, so that a
 * training which was killed goes on with the same guard.
 */
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { fromTensor, loadTensors, type SafeTensor, writeSafetensors } from "../../compute/safetensors/index.ts";
import { type Outside, Tensor } from "../../compute/tensor.ts";
import { mapTree, namedLeaves } from "../../compute/tree.ts";
import { writeJsonAtomic } from "../../core/atomic.ts";
import { readJson } from "../../core/json.ts";
import type { DecoderParams } from "../decoder/decoder.ts";
import { Collapse, type CollapseLimits, judgeVitals, repeatedShare, usualLimits, Vitals } from "./collapse.ts";

/** Answers of a model under training, and how many were right. */
export interface Probe {
  /** Token ids of sampled answers, prompts not counted. */
  answers: readonly (readonly number[])[];
  /** Share of validation problems answered right; undefined where nothing can judge. */
  accuracy?: number;
}

export interface GuardOptions {
  /** Lets the model answer; parameters are borrowed. The same parameters must give the same answers. */
  probe(params: Outside<DecoderParams>): Promise<Probe>;
  /** What `probe` says of the model before training, where that is known already. */
  before?: Probe;
  /** Limits that differ from the usual ones. */
  limits?: Partial<CollapseLimits>;
}

export interface GoodCheckpoint {
  /** Steps done; 0 is the model before training. */
  step: number;
  params: Outside<DecoderParams>;
}

export interface CollapseGuard {
  /** What ended the training, in this process or an earlier one. */
  readonly collapse: Collapse | null;
  /** The newest checkpoint that was well. */
  readonly good: GoodCheckpoint;
  /** Looks at the model; afterwards `collapse` says whether the training must end. Parameters are borrowed. */
  check(step: number, params: Outside<DecoderParams>): Promise<Record<string, number>>;
  /** Writes down that the numbers themselves broke. */
  diverged(step: number, message: string): Promise<void>;
}

interface Context {
  /** Mean log-probability of chosen responses, nats per token. */
  chosen(params: Outside<DecoderParams>): Promise<number>;
  /** Where the guard keeps its files; without it, in memory alone. */
  dir?: string;
  signal?: AbortSignal;
}

const GuardFile = z.object({ base: Vitals, goodStep: z.int(), collapse: Collapse.nullable() });

/** @param base the model before training; borrowed */
export async function openGuard(
  { probe, before, limits }: GuardOptions,
  base: Outside<DecoderParams>,
  { chosen, dir, signal }: Context,
): Promise<CollapseGuard> {
  const measure = async (params: Outside<DecoderParams>, known?: Probe): Promise<Vitals> => {
    const { answers, accuracy } = known ?? (await probe(params));
    return {
      repetition: repeatedShare(answers),
      chosen: await chosen(params),
      ...(accuracy !== undefined && { accuracy }),
    };
  };
  const file = dir && join(dir, "guard.json");
  const weightsOf = (step: number) => join(dir!, `good-${step}.safetensors`);
  const known = file && existsSync(file) ? await readJson(file, GuardFile) : null;
  const baseVitals = known?.base ?? (await measure(base, before));
  let collapse = known?.collapse ?? null;
  let good: GoodCheckpoint =
    known && known.goodStep > 0
      ? { step: known.goodStep, params: await readInto(base, weightsOf(known.goodStep)) }
      : { step: 0, params: await copyOf(base) };

  const save = async () => {
    if (!file) return;
    if (good.step > 0 && !existsSync(weightsOf(good.step))) await writeParams(weightsOf(good.step), good.params);
    await writeJsonAtomic(file, { base: baseVitals, goodStep: good.step, collapse });
    for (const entry of await readdir(dir!)) {
      if (/^good-\d+\.safetensors$/.test(entry) && entry !== `good-${good.step}.safetensors`)
        await rm(join(dir!, entry));
    }
  };
  if (!known && !signal?.aborted) await save();
  return {
    get collapse() {
      return collapse;
    },
    get good() {
      return good;
    },
    async check(step, params) {
      const vitals = await measure(params);
      if (signal?.aborted) return {}; // answers that were cut off say nothing about the model
      const fault = judgeVitals(vitals, baseVitals, { ...usualLimits, ...limits });
      if (fault) collapse = { ...fault, step };
      else good = { step, params: await copyOf(params) };
      await save();
      return vitals;
    },
    async diverged(step, message) {
      const knob = "lower the learning rate, warm up longer, or clip gradients harder";
      collapse = { cause: "divergence", step, message, knob };
      await save();
    },
  };
}

async function copyOf(params: Outside<DecoderParams>): Promise<Outside<DecoderParams>> {
  const copies = new Map<string, Tensor>();
  for (const [name, leaf] of namedLeaves<Tensor>(params)) {
    copies.set(name, Tensor.from((await leaf.data()).slice(), leaf.shape, leaf.dtype));
  }
  return mapTree(params, (_: Tensor, name) => copies.get(name));
}

async function writeParams(path: string, params: Outside<DecoderParams>): Promise<void> {
  const safe = new Map<string, SafeTensor>();
  for (const [name, leaf] of namedLeaves<Tensor>(params)) safe.set(name, await fromTensor(leaf));
  await writeSafetensors(path, safe);
}

/** Weights of the file in the tree of `like`. */
async function readInto(like: Outside<DecoderParams>, path: string): Promise<Outside<DecoderParams>> {
  const found = await loadTensors(path);
  return mapTree(like, (_: Tensor, name) => found.get(name));
}
