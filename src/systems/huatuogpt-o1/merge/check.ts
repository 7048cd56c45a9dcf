/**
 * Stage 4 of the merge: what must hold before a monologue teaches anybody.
 * in, out  MergedRow
 * Source: spec section 2.4 and the faults of section 8; the rules are ours, the authors' code has no such checks.
 *
 *   form         the marks of the trained form stand inside, so that the row could not be read back
 *   leak         it speaks of a key or of having been told the answer
 *   early        it names the answer before the first conclusion that the search gave up
 *   length       far shorter or longer than the chain it was made of: turns were lost, or invented
 *   contradicts  the verifier does not find the answer in the response, or in the end of the monologue
 */
import { keep, reject, type Stage } from "../../../jobs/index.ts";
import { parseForm, renderForm } from "../form.ts";
import { answerField } from "../schemas.ts";
import { renderChain } from "../search/chain.ts";
import { exactMatch, type Verifier } from "../search/verifiers.ts";
import { wordCount } from "../stages/long-enough.ts";
import type { MergedRow } from "./respond.ts";

export interface CheckLimits {
  /** Words of the monologue per word of the rendered chain. */
  minShare: number;
  maxShare: number;
}

/** The paper's example has 758 tokens from 1,565. */
export const defaultLimits: CheckLimits = { minShare: 0.15, maxShare: 2 };

const leaks = [
  /\b(?:labell?ed|reference|ground[- ]truth|gold(?:en)?|provided|given) answer (?:is|was|says|tells|states|confirms)\b/i,
  /\bcorrect answer (?:provided|given|key)\b/i,
  /\b(?:the|an?) (?:labell?ed|reference|ground[- ]truth|gold(?:en)?) answer\b/i,
  /\banswer key\b/i,
  /\b(?:I|we)(?:'ve| have| was| were|'re| are| am)? (?:been )?(?:told|given) (?:that )?the (?:correct |right )?answer\b/i,
  /\bpretend(?:ing)? (?:not to|I don't|that I do not) know\b/i,
  /\bas (?:stated|given|labell?ed) in the (?:label|key|reference)\b/i,
];

/** The words that give away that the answer was known beforehand; null for none. */
export function leakIn(text: string): string | null {
  for (const pattern of leaks) {
    const found = pattern.exec(text);
    if (found) return found[0];
  }
  return null;
}

/**
 * Whether the monologue names the answer before it tells of the first conclusion that the search gave up. Nothing is
 * early where the first conclusion held, where it names the answer itself, or where the chain names it before.
 */
export function revealsEarly({ Long_CoT, Complex_CoT, ...row }: MergedRow): boolean {
  const reference = row[answerField] as string;
  const firstConclusion = Long_CoT.findIndex(({ action }) => action === "Final Conclusion");
  const isGivenUp = Long_CoT.slice(firstConclusion + 1).some(({ action }) => action === "Final Conclusion");
  if (!isGivenUp || Long_CoT.slice(0, firstConclusion + 1).some(({ content }) => exactMatch(content, reference)))
    return false;
  if (exactMatch(row.Question, reference)) return false;
  const lines = Complex_CoT.split("\n");
  const named = lines.findIndex((line) => exactMatch(line, reference));
  if (named === -1) return false;
  const known = new Set(wordsOf(`${row.Question} ${reference}`));
  const ofFirst = wordsOf(Long_CoT[firstConclusion]!.content).filter((word) => !known.has(word));
  const told = lines.findIndex((line) => wordsOf(line).some((word) => ofFirst.includes(word)));
  return ofFirst.length > 0 && (told === -1 || named < told);
}

/** Words that can tell one conclusion from another: not the small change of any sentence. */
function wordsOf(text: string): string[] {
  const common =
    /^(?:this|that|with|from|have|most|likely|answer|conclusion|therefore|final|patient|which|would|because|correct|should|there|their|these|based)$/;
  return (text.toLowerCase().match(/[\p{L}\p{N}-]{4,}/gu) ?? []).filter((word) => !common.test(word));
}

/** The first fault that needs no model; null for none. */
export function faultOf(
  row: MergedRow,
  { minShare, maxShare }: CheckLimits,
): { label: string; detail: unknown } | null {
  const { Complex_CoT, Response } = row;
  if (!parseForm(renderForm(Complex_CoT, Response))) return { label: "form", detail: null };
  const words = leakIn(Complex_CoT) ?? leakIn(Response);
  if (words) return { label: "leak", detail: { words } };
  if (revealsEarly(row)) return { label: "early", detail: { answer: row[answerField] } };
  const share = wordCount(Complex_CoT) / wordCount(renderChain(row.Long_CoT));
  if (share < minShare || share > maxShare) return { label: "length", detail: { share } };
  return null;
}

/** Where a monologue says what it came to. */
export const endOf = (monologue: string): string =>
  monologue
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-3)
    .join("\n");

/** The free checks first; then the verifier reads the response, and the end of the monologue. */
export function checkMergedStage(verifier: Verifier, limits: CheckLimits): Stage<MergedRow, MergedRow> {
  return {
    name: "check-merged",
    version: 1,
    settings: { verifier: { name: verifier.name, settings: verifier.settings }, ...limits },
    async run(row, { signal }) {
      const fault = faultOf(row, limits);
      const shown = { Complex_CoT: row.Complex_CoT, Response: row.Response };
      if (fault) return reject(fault.label, { reason: fault.detail, ...shown });
      const reference = row[answerField] as string;
      for (const [where, text] of [
        ["response", row.Response],
        ["end of the monologue", endOf(row.Complex_CoT)],
      ] as const) {
        const verdict = await verifier.verify(text, reference, { signal });
        if (verdict === null) return reject("unparsed", { where, ...shown });
        if (!verdict) return reject("contradicts", { where, ...shown });
      }
      return keep(row);
    },
  };
}
