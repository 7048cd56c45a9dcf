/**
 * The guard of a training on rewards: judges the rollouts of each update, remembers the newest policy whose rollouts were
 * well, and gives it back when an alarm ends the training. `rl.json` holds what a process that goes on must know; it is
 * written before the checkpoint, and what is newer in it than the checkpoint is found again, because updates repeat.
 */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Outside } from "../../../compute/tensor.ts";
import { writeJsonAtomic } from "../../../core/atomic.ts";
import { readJson } from "../../../core/json.ts";
import type { DecoderParams } from "../../decoder/decoder.ts";
import { copyParams, type GoodCheckpoint, openGood, saveGood, sweepGood } from "../good-checkpoint.ts";
import {
  Alarm,
  type AlarmLimits,
  areEqual,
  type Fault,
  judgeRollouts,
  type RolloutVitals,
  usualAlarmLimits,
} from "./alarms.ts";

/** Seconds of all processes together. */
export type PhaseSeconds = z.output<typeof PhaseSeconds>;
export const PhaseSeconds = z.object({
  /** Sampling. */
  generation: z.number(),
  /** The reward function. */
  scoring: z.number(),
  /** Log-probabilities, values, and the optimizer's steps. */
  update: z.number(),
});

const GuardFile = z.object({
  /** Null before the first update. */
  firstEntropy: z.number().nullable(),
  /** Updates done when the rewards began to be all the same; null when they are not. */
  equalSince: z.int().nullable(),
  goodUpdate: z.int(),
  alarm: Alarm.nullable(),
  seconds: PhaseSeconds,
});

export interface PolicyGuard {
  /** What ended the training, in this process or an earlier one. */
  readonly alarm: Alarm | null;
  readonly good: GoodCheckpoint;
  readonly seconds: PhaseSeconds;
  /**
   * Judges the rollouts of the policy after so many updates; afterwards `alarm` says whether the training must end.
   * @param watched what a watcher of the caller's found
   */
  judge(done: number, vitals: RolloutVitals, watched: Fault | null): void;
  /** The policy whose rollouts were well becomes the one to go back to. Parameters are borrowed. */
  keep(done: number, params: Outside<DecoderParams>): Promise<void>;
  raise(done: number, fault: Fault): void;
  /** To be called before a checkpoint is written, and when an alarm was raised. */
  save(): Promise<void>;
}

export interface GuardContext {
  dir: string | undefined;
  limits: Partial<AlarmLimits> | undefined;
  /** The most that a rollout can be paid: a batch in which all are is no alarm. */
  bestReward: number | undefined;
  /** Updates of the checkpoint that the training goes on from. */
  resumedAt: number;
}

/** @param base the policy before training; borrowed */
export async function openPolicyGuard(
  base: Outside<DecoderParams>,
  { dir, limits: given, bestReward, resumedAt }: GuardContext,
): Promise<PolicyGuard> {
  const limits = { ...usualAlarmLimits, ...given };
  const file = dir && join(dir, "rl.json");
  const known = file && existsSync(file) ? await readJson(file, GuardFile) : null;
  let alarm = known?.alarm ?? null;
  let firstEntropy = known?.firstEntropy ?? null;
  let good = await openGood(dir, known?.goodUpdate ?? 0, base);
  const since = known?.equalSince ?? null;
  let equalSince = since !== null && since < resumedAt ? since : null;
  const seconds = known?.seconds ?? { generation: 0, scoring: 0, update: 0 };
  const raise = (done: number, fault: Fault) => {
    alarm = { ...fault, update: done + 1 };
  };
  return {
    seconds,
    get alarm() {
      return alarm;
    },
    get good() {
      return good;
    },
    raise,
    judge(done, vitals, watched) {
      firstEntropy ??= vitals.entropy;
      equalSince = areEqual(vitals.rewards, bestReward) ? (equalSince ?? done) : null;
      const equalCount = equalSince === null ? 0 : done - equalSince + 1;
      const fault = judgeRollouts(vitals, { limits, firstEntropy, equalCount }) ?? watched;
      if (fault) raise(done, fault);
    },
    async keep(done, params) {
      good = { step: done, params: await copyParams(params) };
    },
    async save() {
      if (!file) return;
      await mkdir(dir, { recursive: true });
      await saveGood(dir, good);
      const state = { firstEntropy, equalSince, goodUpdate: good.step, alarm, seconds };
      await writeJsonAtomic(file, state);
      await sweepGood(dir, good);
    },
  };
}
