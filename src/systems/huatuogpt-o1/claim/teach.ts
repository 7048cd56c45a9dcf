/**
 * From questions of Clinic to training texts, by the stages of the data engine itself: the verifier-guided search, the
 * natural chain, the response and its checks, with the scripted teacher as the model.
 */
import { Random } from "../../../core/random.ts";
import { checkMergedStage, defaultLimits } from "../merge/check.ts";
import { naturalStage } from "../merge/natural.ts";
import { type MergedRow, respondStage } from "../merge/respond.ts";
import { withOverrides } from "../prompts/prompts.ts";
import { answerField, questionField, type SearchedRow, type VerifiableRow } from "../schemas.ts";
import type { Attempt } from "../search/search.ts";
import { searchStage } from "../search/search-stage.ts";
import { createStatistics, type SearchStatistics } from "../search/statistics.ts";
import { ownStrategies } from "../search/strategies.ts";
import { llmVerifier } from "../search/verifiers.ts";
import type { Teacher } from "../teacher.ts";
import type { Clinic } from "../world/clinic.ts";
import type { ClinicQuestion } from "../world/question.ts";
import { clinicTeacher } from "../world/teacher.ts";
import { CONTEXT_LENGTH, clinicTokenizer } from "../world/vocabulary.ts";
import { exampleOf } from "./policy.ts";
import { runThrough } from "./run-stages.ts";

export interface Taught {
  rows: MergedRow[];
  statistics: SearchStatistics;
  /** Rows that the merge's checks set aside, by label; `too_long` are those that do not fit the model's context. */
  rejected: Record<string, number>;
}

export interface TeachOptions {
  seed: number;
  /** Share of the rows, at random, whose teacher is told the answer at once (`Label_CoT`); default 0. */
  revealedShare?: number;
  signal: AbortSignal;
}

/** The row of the RL set that a question makes: one of the answer's names is its reference. */
export const problemOf = ({ text, names }: ClinicQuestion, rng: Random): VerifiableRow =>
  ({ [questionField]: text, [answerField]: rng.choice(names) }) as VerifiableRow;

export async function teach(
  clinic: Clinic,
  questions: readonly ClinicQuestion[],
  options: TeachOptions,
): Promise<Taught> {
  const { seed, signal } = options;
  const prompts = withOverrides({});
  const teacher: Teacher = { endpoint: clinicTeacher(clinic), prompts, maxTokens: 2048 };
  const verifier = llmVerifier(teacher);
  const usual = { teacher, verifier, strategies: ownStrategies(prompts), seed };
  const searching = searchStage({ ...usual, depth: 3, attempts: 3, revealLabel: false });
  const revealing = searchStage({ ...usual, depth: 0, attempts: 1, revealLabel: true });
  const merging = [naturalStage(teacher), respondStage(teacher), checkMergedStage(verifier, defaultLimits)];
  const statistics = createStatistics();
  const rows: MergedRow[] = [];
  const rejected: Record<string, number> = {};
  const count = (label: string) => {
    rejected[label] = (rejected[label] ?? 0) + 1;
  };
  const rng = new Random(seed).split("problems");
  for (const [index, question] of questions.entries()) {
    const own = rng.split(index);
    const context = { place: index, signal };
    const search = own.split("revealed").bool(options.revealedShare ?? 0) ? revealing : searching;
    const found = await runThrough([search], problemOf(question, own), context);
    if ("reject" in found) {
      statistics.addNotFound((found.detail as { attempts: Attempt[] }).attempts);
      continue;
    }
    const [searched] = found.items as [SearchedRow];
    statistics.addFound(searched);
    const merged = await runThrough(merging, searched, context);
    if ("reject" in merged) {
      count(merged.reject);
      continue;
    }
    const row = merged.items[0] as MergedRow;
    if (fitsContext(row)) rows.push(row);
    else count("too_long");
  }
  return { rows, statistics: statistics.result, rejected };
}

/** All forms are taught the same rows, so the longest form decides. */
export function fitsContext(row: MergedRow): boolean {
  return exampleOf(row, "complex", clinicTokenizer()).tokens.length <= CONTEXT_LENGTH;
}
