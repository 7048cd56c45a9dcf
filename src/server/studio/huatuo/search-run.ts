/** The problems of a search with all that was tried, found ones and others in one form; and what a merge made of them. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { readJsonLines } from "../../../core/jsonl.ts";
import { type Attempt, answerField, questionField, SearchedRow, SftRow } from "../../../systems/huatuogpt-o1/index.ts";
import type { IndexedRun } from "../runs/run-index.ts";
import type { SearchedProblem } from "./contract.ts";

export type FoundProblem = Omit<
  SearchedProblem,
  "index" | "stepCount" | "attemptCount" | "judgedCount" | "opinions" | "merged" | "mergeReject"
>;

/** A line of rejected.jsonl. */
export type RejectedRow = z.output<typeof RejectedRow>;
export const RejectedRow = z.looseObject({
  row: z.int(),
  stage: z.string(),
  label: z.string(),
  detail: z.unknown(),
  item: z.unknown(),
});

export async function readSearch({ dir }: IndexedRun): Promise<FoundProblem[]> {
  const searched = await readArray(join(dir, "searched.json"));
  const found = searched.flatMap((row) => {
    const parsed = SearchedRow.safeParse(row);
    return parsed.success ? [fromSearched(parsed.data)] : [];
  });
  const rejected = await readRejects(dir);
  return [...found, ...rejected.filter(({ label }) => label === "not_found").map(fromRejected)];
}

export async function readRejects(dir: string): Promise<RejectedRow[]> {
  const file = join(dir, "rejected.jsonl");
  const rows: RejectedRow[] = [];
  if (!existsSync(file)) return rows;
  for await (const row of readJsonLines(file, RejectedRow)) rows.push(row);
  return rows;
}

type MergeOutcome = Pick<SearchedProblem, "merged" | "mergeReject">;

/** Of the newest merge that took this search's chains, by question. */
export async function readMerge(search: IndexedRun, runs: readonly IndexedRun[]): Promise<Map<string, MergeOutcome>> {
  const input = join(search.dir, "searched.json");
  const merge = runs.find(
    ({ info }) => info?.command === "huatuo merge" && resolve(String(info.args.flat()[0])) === resolve(input),
  );
  const outcomes = new Map<string, MergeOutcome>();
  if (!merge) return outcomes;
  for (const row of await readArray(join(merge.dir, "merged.json"))) {
    const parsed = SftRow.safeParse(row);
    if (!parsed.success) continue;
    const { Question, Complex_CoT: thinking, Response: response } = parsed.data;
    outcomes.set(Question, { merged: { run: merge.key, thinking, response }, mergeReject: null });
  }
  for (const { stage, label, detail, item } of await readRejects(merge.dir)) {
    const mergeReject = { run: merge.key, stage, label, detail: shorten(detail) };
    outcomes.set(questionOf(item), { merged: null, mergeReject });
  }
  return outcomes;
}

export function questionOf(item: unknown): string {
  const row = (item ?? {}) as Record<string, unknown>;
  return String(row[questionField] ?? row.question ?? "");
}

export function shorten(detail: unknown, length = 1500): string {
  const text = typeof detail === "string" ? detail : JSON.stringify(detail, null, 1);
  return (text ?? "").slice(0, length);
}

function fromSearched(row: SearchedRow): FoundProblem {
  const { provenance } = row;
  const accepted: Attempt = {
    steps: row.response_type.map((type, index) => ({
      type,
      query: row.gpt4_query_cot[index] ?? "",
      reply: row.gpt4_response_cot[index] ?? "",
      actions: row.response_struct[index] ?? [],
      verdict: row.verify[index] ?? null,
    })),
    chain: row.Long_CoT,
    end: "accepted",
  };
  return {
    question: String(row[questionField]),
    answer: String(row[answerField]),
    options: (row.options as Record<string, string> | undefined) ?? null,
    isFound: true,
    attempts: [...(row.prior_fail_try as Attempt[]), accepted],
    isLabelRevealed: provenance.label_revealed,
    teacher: provenance.teacher,
    verifier: provenance.verifier,
  };
}

function fromRejected({ item, detail }: RejectedRow): FoundProblem {
  const row = (item ?? {}) as Record<string, unknown>;
  return {
    question: questionOf(row),
    answer: String(row[answerField] ?? ""),
    options: (row.options as Record<string, string> | undefined) ?? null,
    isFound: false,
    attempts: ((detail as { attempts?: Attempt[] } | null)?.attempts ?? []) as Attempt[],
    isLabelRevealed: false,
    teacher: null,
    verifier: null,
  };
}

async function readArray(file: string): Promise<unknown[]> {
  const text = await readFile(file, "utf8").catch(() => "[]");
  return JSON.parse(text) as unknown[];
}
