/**
 * Stage 2 of the factory: short questions test recall rather than reasoning.
 * in, out  CheckedRow
 * Source: spec section 2.1, step 1; the threshold of 15 words is ours, the paper gives none.
 */
import { keep, reject, type Stage } from "../../../jobs/index.ts";
import type { CheckedRow } from "./check-row.ts";

export const wordCount = (text: string) => text.match(/\S+/g)?.length ?? 0;

export function longEnoughStage(minWords: number): Stage<CheckedRow, CheckedRow> {
  return {
    name: "long-enough",
    version: 1,
    settings: { minWords },
    run(row) {
      const words = wordCount(row.question);
      return words >= minWords ? keep(row) : reject("Too Simple", { row: row.process_id, rule: "short", words });
    },
  };
}
