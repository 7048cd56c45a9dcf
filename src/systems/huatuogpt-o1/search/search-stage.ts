/**
 * The stage of the search pipeline: a problem goes on with its accepted chain, or ends as `not_found` with its log.
 * in   VerifiableRow
 * out  SearchedRow
 */
import { validate } from "../../../core/schema.ts";
import { keep, reject, type Stage } from "../../../jobs/index.ts";
import { answerField, type Provenance, questionField, type SearchedRow, VerifiableRow } from "../schemas.ts";
import type { NumberedRow } from "../stages/check-row.ts";
import { teacherSettings } from "../teacher.ts";
import { type SearchLog, type SearchOptions, search } from "./search.ts";

/** A row that has no problem and answer is set aside with its number. */
export const checkProblemStage: Stage<NumberedRow, VerifiableRow> = {
  name: "check-problem",
  version: 1,
  run({ number, row }) {
    const result = validate(VerifiableRow, row);
    if ("value" in result) return keep(result.value);
    return reject("bad_row", { row: number, reason: result.problem.message });
  },
};

export function searchStage(options: SearchOptions): Stage<VerifiableRow, SearchedRow> {
  const { teacher, verifier, strategies, depth, attempts, revealLabel, seed } = options;
  return {
    name: "search",
    version: 1,
    settings: {
      teacher: teacherSettings(teacher, "init", "reveal"),
      verifier: { name: verifier.name, settings: verifier.settings },
      ...{ strategies, depth, attempts, revealLabel, seed },
    },
    async run(row, { signal }) {
      const [question, answer] = [row[questionField] as string, row[answerField] as string];
      const log = await search(question, answer, { ...options, signal });
      return log.found ? keep(acceptedRow(row, log, options)) : reject("not_found", { attempts: log.attempts });
    },
  };
}

function acceptedRow(row: VerifiableRow, log: SearchLog, options: SearchOptions): SearchedRow {
  const { steps, chain } = log.attempts.at(-1)!;
  const provenance: Provenance = {
    response_type: steps.at(-1)!.type,
    attempt: log.attempts.length,
    depth: steps.filter(({ type }) => type !== "Init_CoT").length,
    label_revealed: log.labelRevealed,
    teacher: options.teacher.endpoint.model,
    verifier: options.verifier.name,
    seed: options.seed,
  };
  return {
    ...row,
    Long_CoT: chain,
    verify: steps.map(({ verdict }) => verdict ?? null),
    response_struct: steps.map(({ actions }) => actions),
    response_type: steps.map(({ type }) => type),
    gpt4_query_cot: steps.map(({ query }) => query),
    gpt4_response_cot: steps.map(({ reply }) => reply),
    prior_fail_try: log.attempts.slice(0, -1),
    provenance,
  } as SearchedRow;
}
