/**
 * Whether data is medical, and what must then be said.
 * Source: spec section 1: the authors forbid clinical use, and whoever loads medical data is to see that.
 */
export const medicalNotice =
  "This data is medical. Models trained on it, and what they write, are for research only: not for diagnosis, treatment " +
  "or advice to patients. HuatuoGPT-o1's authors forbid clinical use.";

const words =
  /\b(?:patients?|diagnos(?:is|es|tic|ed)|symptoms?|clinical(?:ly)?|disease|syndrome|treatment|therapy|physicians?|hospital|surgery|surgical|tumou?rs?|infection|blood pressure|drugs?|dose|lesions?|fever|pain|serum|biopsy|pregnan(?:t|cy)|mg\/dL|mmHg)\b|患者|诊断|治疗|症状|疾病/iu;

/** A row in five with a clinical word: a set of history or law questions has far fewer, a medical one far more. */
const medicalShare = 0.2;

export function looksMedical(texts: readonly string[]): boolean {
  return texts.length > 0 && texts.filter((text) => words.test(text)).length / texts.length >= medicalShare;
}
