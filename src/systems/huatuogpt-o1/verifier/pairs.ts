/** Responses beside references with a verdict: what verifiers are trained on, and measured with. */
import { z } from "zod";
import { DataError } from "../../../core/errors.ts";
import type { ReadOptions } from "../../../core/jsonl.ts";
import { readRows } from "../../../core/rows.ts";

export type VerifierPair = z.output<typeof VerifierPair>;
export const VerifierPair = z.object({
  response: z.string().trim().min(1),
  reference: z.string().trim().min(1),
  /** Whether the response gives the reference's answer. */
  label: z.union([z.boolean(), z.stringbool()]),
});

/** @throws DataError naming file, row and field; where there is no row, or only one of the two labels */
export async function readPairs(file: string, options?: ReadOptions): Promise<VerifierPair[]> {
  const pairs: VerifierPair[] = [];
  for await (const pair of readRows(file, VerifierPair, options)) pairs.push(pair);
  const rightCount = pairs.filter(({ label }) => label).length;
  if (rightCount > 0 && rightCount < pairs.length) return pairs;
  throw new DataError(`${file}: ${pairs.length} rows, ${rightCount} of them labelled right`, {
    hint: "A verifier learns the difference: give rows of both labels.",
  });
}
