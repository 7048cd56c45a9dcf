/** What the searches of a run show: where answers are found, what each strategy is worth, what could not be judged. */
import type { SearchedRow } from "../schemas.ts";
import type { Attempt } from "./search.ts";

export interface Tried {
  tried: number;
  accepted: number;
}

export interface SearchStatistics {
  problems: number;
  found: number;
  labelRevealed: number;
  /** Accepted in each attempt, from the first. */
  byAttempt: number[];
  /** Accepted after so many refinements, from none. */
  byDepth: number[];
  /** Replies of each type that could be judged, and of these the accepted. */
  byType: Record<string, Tried>;
  verdicts: number;
  /** Verdicts that were neither True nor False. */
  unparsed: number;
  /** Attempts that ended in a reply that could not be used. */
  faults: { parse_error: number; refused: number };
}

/** Above this share of unclear verdicts a run warns. */
export const unparsedLimit = 0.02;

export function createStatistics() {
  const result: SearchStatistics = {
    problems: 0,
    found: 0,
    labelRevealed: 0,
    byAttempt: [],
    byDepth: [],
    byType: {},
    verdicts: 0,
    unparsed: 0,
    faults: { parse_error: 0, refused: 0 },
  };
  const bump = (list: number[], index: number) => {
    while (list.length <= index) list.push(0);
    list[index]!++;
  };
  const judge = (type: string, verdict: boolean | null) => {
    const tried = result.byType[type] ?? { tried: 0, accepted: 0 };
    result.byType[type] = tried;
    tried.tried++;
    result.verdicts++;
    if (verdict === true) tried.accepted++;
    if (verdict === null) result.unparsed++;
  };
  const addAttempt = ({ steps, end }: Attempt) => {
    for (const { type, verdict } of steps) if (verdict !== undefined) judge(type, verdict);
    if (end === "parse_error" || end === "refused") result.faults[end]++;
  };
  return {
    result,
    addFound({ response_type, verify, prior_fail_try, provenance }: SearchedRow) {
      result.problems++;
      result.found++;
      for (const attempt of prior_fail_try as Attempt[]) addAttempt(attempt);
      for (const [index, type] of response_type.entries()) judge(type, verify[index]!);
      if (provenance.label_revealed) result.labelRevealed++;
      else {
        bump(result.byAttempt, provenance.attempt - 1);
        bump(result.byDepth, provenance.depth);
      }
    },
    addNotFound(attempts: readonly Attempt[]) {
      result.problems++;
      for (const attempt of attempts) addAttempt(attempt);
    },
  };
}
