/**
 * A pipeline is a list of stages over items. A stage is a function of one item; what it gives is kept under the hash of
 * the stage, its version, its settings and the item, so that no item is worked on twice, whoever asks and however often
 * the process dies.
 */
import type { z } from "zod";
import { ConfigError } from "../core/errors.ts";

export interface StageContext {
  /** Fires when the work is to stop: the item goes back to those that wait. */
  readonly signal: AbortSignal;
  /** Of this item in this stage, from 1. */
  readonly attempt: number;
  /** Where the item stands in the input, for seeds: the same in every run over the same input. */
  readonly place: string;
}

/** What became of an item: it goes on as these items, or ends here for a reason. */
export type Outcome<Out = unknown> = { items: Out[] } | { reject: string; detail?: unknown };

export interface Stage<In = any, Out = any> {
  /** Unique in the pipeline. */
  name: string;
  /** Raised when the code gives other results than before for the same item. */
  version: number;
  /** Whatever else its results depend on: models, prompts, thresholds. Plain data. */
  settings?: unknown;
  /** Checked before the stage runs; an item that does not fit is set aside. */
  input?: z.ZodType<In>;
  /**
   * Works on one item; must not depend on other items or on the time.
   * Throws to be tried again later, or for good where the error says `retryable: false`.
   */
  run(item: In, context: StageContext): Promise<Outcome<Out>> | Outcome<Out>;
  /** Attempts before an item is set aside; default 3. */
  attempts?: number;
}

export interface Pipeline {
  /** Letters, digits, "-" and "_". */
  name: string;
  stages: readonly Stage[];
}

/** The item goes on, perhaps changed. */
export const keep = <Out>(item: Out): Outcome<Out> => ({ items: [item] });

/** The item goes on as several, or none. */
export const split = <Out>(items: Out[]): Outcome<Out> => ({ items });

/** The item ends here; `label` is counted in reports. */
export const reject = (label: string, detail?: unknown): Outcome<never> => ({
  reject: label,
  ...(detail !== undefined && { detail }),
});

/** @throws ConfigError when there is no stage, or names are not unique or not names */
export function definePipeline(pipeline: Pipeline): Pipeline {
  const names = pipeline.stages.map(({ name }) => name);
  if (!/^[\w-]+$/.test(pipeline.name)) throw new ConfigError(`pipeline: "${pipeline.name}" is no name`);
  if (names.length === 0) throw new ConfigError(`${pipeline.name}: there are no stages`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new ConfigError(`${pipeline.name}: two stages are called "${twice}"`);
  return pipeline;
}
