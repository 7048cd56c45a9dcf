/**
 * Questions held out for the evaluation. Which side a question is on follows from its words alone: it stays there when
 * others are added, and the same question asked twice is never on both.
 */
import { contentHash } from "../../../core/canonical.ts";
import { DataError } from "../../../core/errors.ts";
import { validate } from "../../../core/schema.ts";
import { McqRow } from "../schemas.ts";
import { problemOf } from "../stages/check-row.ts";
import type { Pack } from "./schema.ts";

export interface Split<Row> {
  training: Row[];
  heldOut: Row[];
}

/** Where a question stands between 0 and 1; case and white space do not move it. */
export function placeOf(question: string): number {
  const hash = contentHash(question.replace(/\s+/g, " ").trim().toLowerCase());
  return Number.parseInt(hash.slice(0, 12), 16) / 2 ** 48;
}

/**
 * Rows that no evaluation could score (defects, keys of several letters) are left to the factory, which says what is
 * wrong with them.
 * @param file for messages
 * @throws DataError where a side is empty
 */
export function splitQuestions<Row>(
  rows: readonly Row[],
  { share, count }: NonNullable<Pack["holdout"]>,
  file: string,
): Split<Row> {
  const places = rows.map((row) => {
    const result = validate(McqRow, row);
    if ("problem" in result || problemOf(result.value) !== null) return Number.POSITIVE_INFINITY;
    const { question, options, answer_idx } = result.value;
    return Object.hasOwn(options, answer_idx) ? placeOf(question) : Number.POSITIVE_INFINITY;
  });
  const usable = places.filter(Number.isFinite).sort((a, b) => a - b);
  // A count is made up by the lowest places, so that a longer file changes as little as can be.
  const end = share ?? (usable[Math.min(count!, usable.length) - 1] ?? 0) + Number.EPSILON;
  const isHeldOut = (_: Row, index: number) => places[index]! < end;
  const split = {
    training: rows.filter((row, index) => !isHeldOut(row, index)),
    heldOut: rows.filter(isHeldOut),
  };
  for (const [side, name] of [
    [split.heldOut, "held out"],
    [split.training, "left for training"],
  ] as const) {
    if (side.length > 0) continue;
    throw new DataError(
      `${file}: holdout: of ${rows.length} questions, ${usable.length} of them usable, none is ${name}`,
      {
        hint: "Give a number of questions, such as holdout: 20, that is smaller than their number.",
      },
    );
  }
  return split;
}
