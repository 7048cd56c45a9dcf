/** Calls about LightningDiT: drawing while one looks on, the frontier of a run, and the health of its latents. */
import { z } from "zod";
import type { LatentHealth, Measurement } from "../../../systems/lightningdit/index.ts";
import { call } from "../call.ts";
import type { StatusOfRun } from "../runs/contract.ts";
import type { ProblemLine } from "../stream-lines.ts";
import { mostGuidance, mostPictures, mostSeed, mostSteps } from "./limits.ts";

/** A generator that can be drawn with: its tokenizer is there, too. */
export interface GeneratorOffer {
  /** What a drawing names it by. */
  id: string;
  /** The run it lies in; null: a model that ships, or a folder beside the runs. */
  run: string | null;
  /** Of each class; its number where nobody wrote down names. */
  classNames: string[];
  /** Pixels of a picture's side. */
  side: number;
  /** Of a latent. */
  channels: number;
  grid: number;
  /** Steps it was trained for. */
  steps: number;
  /** Name of its tokenizer. */
  tokenizer: string;
}

export interface GeneratorList {
  generators: GeneratorOffer[];
  /** Generators that cannot be drawn with: no folder that the studio reads has their tokenizer. */
  withoutTokenizer: string[];
}

export type DrawLine =
  /** Another drawing is under way; this one comes after it. */
  | { kind: "wait" }
  /** The latents after `step` of `of` steps, decoded: one PNG (as a data address) for each seed. */
  | { kind: "frame"; step: number; of: number; pictures: string[] }
  /** The last frame was the picture itself. */
  | {
      kind: "end";
      /** Of the sampler and of decoding the end; what the other frames took is left out. */
      msPerPicture: number;
      /** The model was made ready for this kind of drawing, which that time holds, too. */
      isFirst: boolean;
    }
  | ProblemLine;

export interface FrontierRun {
  run: string;
  words: string;
  status: StatusOfRun;
  started: string;
  /** Points measured to the end, damaged ones included. */
  pointCount: number;
}

/** A tokenizer of a frontier, and what was found out about it so far. */
export interface FrontierPoint {
  /** Its folder in the run, as "frontier/seed-0/d32-aligned". */
  folder: string;
  seed: number;
  d: number;
  arm: Measurement["arm"];
  /** Null: its generator is not measured yet. */
  measurement: Measurement | null;
  /** There before the measurement is. */
  health: LatentHealth | null;
  /** Files of the run. */
  reconstructions: string | null;
  /** One sheet for each budget, steps rising. */
  samples: { step: number; file: string }[];
}

export interface FrontierView {
  points: FrontierPoint[];
  /** Files that could not be read. */
  unreadable: string[];
}

const run = z.string().min(1).max(200);

export const lightningditCalls = {
  "lightningdit.generators": call(z.object({})).returns<GeneratorList>(),
  /** Answers with lines of JSON. */
  "lightningdit.draw": call(
    z.object({
      generator: z.string().min(1).max(400),
      label: z.int().min(0),
      /** Of the first picture; the others have those after it. */
      seed: z.int().min(0).max(mostSeed),
      count: z.int().min(1).max(mostPictures).default(4),
      steps: z.int().min(1).max(mostSteps).default(50),
      /** 1 is off. */
      guidance: z.number().min(1).max(mostGuidance).default(1),
    }),
  ).returns<Response>(),
  "lightningdit.frontiers": call(z.object({})).returns<FrontierRun[]>(),
  "lightningdit.frontier": call(z.object({ run })).returns<FrontierView>(),
};
