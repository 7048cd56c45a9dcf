/**
 * Stage 1 of the merge: a row holds an accepted chain, or is set aside with its number.
 * in   any object with its number
 * out  SearchedRow
 */
import { validate } from "../../../core/schema.ts";
import { keep, reject, type Stage } from "../../../jobs/index.ts";
import { SearchedRow } from "../schemas.ts";
import type { NumberedRow } from "../stages/check-row.ts";

export const checkSearchedStage: Stage<NumberedRow, SearchedRow> = {
  name: "check-searched",
  version: 1,
  run({ number, row }) {
    const result = validate(SearchedRow, row);
    if ("value" in result) return keep(result.value);
    return reject("bad_row", { row: number, reason: result.problem.message });
  },
};
