/** Pictures to learn from and held-out ones: of the user's folder or table, or of the world "marks". */

import type { CommandContext } from "../../core/command.ts";
import { DataError } from "../../core/errors.ts";
import { Random } from "../../core/random.ts";
import { type ImageSet, packImages } from "../../media/index.ts";
import { type MarkSplit, marks } from "./world.ts";

export interface ImageSource {
  /** A folder of class folders, or a CSV of path and label; absent: the world "marks". */
  source?: string;
  /** Pixels of a side. */
  side: number;
  /** Pictures to learn from; of the user's, at most. */
  count: number;
  /** Held-out pictures; of the user's, at most a fifth of all. */
  holdout: number;
  seed: number | string;
  /** Where the user's pictures are packed. */
  folder: string;
  /** Of the marks to learn from; judges have their own. */
  split?: MarkSplit;
  /** Smaller pictures are enlarged instead of rejected. */
  enlarge?: boolean;
}

export interface ImageSets {
  train: ImageSet;
  validation: ImageSet;
  /** Pictures that could not be used. */
  rejected: number;
  close(): Promise<void>;
}

export async function openImages(
  options: ImageSource,
  { progress }: Pick<CommandContext, "progress">,
): Promise<ImageSets> {
  const { source, side, count, holdout, seed, folder, split = "train", enlarge } = options;
  if (source === undefined) {
    const train = marks(split, { seed, count, side });
    return {
      train,
      validation: marks("validation", { seed, count: holdout, side }),
      rejected: 0,
      close: async () => {},
    };
  }
  const bar = progress({ label: "decode pictures", unit: "images" });
  const all = await packImages({ source, side, folder, small: enlarge ? "enlarge" : "reject", progress: bar });
  bar.stop();
  const order = new Random(seed).split("holdout").shuffle(Array.from({ length: all.count }, (_, index) => index));
  // Always the same fifth is held out, however many are asked for: nothing that was trained on is ever measured on.
  const fifth = Math.floor(all.count / 5);
  if (fifth < 2)
    throw new DataError(`${source}: ${all.count} pictures are too few to hold some out`, {
      hint: "Ten or more are needed to begin with.",
    });
  return {
    train: subset(all, order.slice(fifth, fifth + count)),
    validation: subset(all, order.slice(0, Math.min(holdout, fifth))),
    rejected: all.rejected,
    close: () => all.close(),
  };
}

/** Some pictures of a set, in the order given. */
export function subset(set: ImageSet, indices: readonly number[]): ImageSet {
  return {
    count: indices.length,
    side: set.side,
    classNames: set.classNames,
    labels: Int32Array.from(indices, (index) => set.labels[index]!),
    read: (index) => set.read(indices[index]!),
    close: () => set.close(),
  };
}
