/**
 * The collapse guard as a hook of the training loop: at each evaluation it looks at the model, keeps it when it is
 * well, and otherwise says why the training ends. What it knows is in `guard.json` beside the checkpoints, so that a
 * training which was killed goes on with the same guard.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Outside } from "../../compute/tensor.ts";
import { writeJsonAtomic } from "../../core/atomic.ts";
import { readJson } from "../../core/json.ts";
import type { DecoderParams } from "../decoder/decoder.ts";
import { Collapse, type CollapseLimits, judgeVitals, repeatedShare, usualLimits, Vitals } from "./collapse.ts";
import { copyParams, type GoodCheckpoint, openGood, saveGood, sweepGood } from "./good-checkpoint.ts";

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
  const known = file && existsSync(file) ? await readJson(file, GuardFile) : null;
  const baseVitals = known?.base ?? (await measure(base, before));
  let collapse = known?.collapse ?? null;
  let good = await openGood(dir, known?.goodStep ?? 0, base);

  const save = async () => {
    if (!file) return;
    await saveGood(dir!, good);
    await writeJsonAtomic(file, { base: baseVitals, goodStep: good.step, collapse });
    await sweepGood(dir!, good);
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
      else good = { step, params: await copyParams(params) };
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
