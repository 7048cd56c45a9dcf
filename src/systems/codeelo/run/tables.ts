/**
 * pass@k by class, division and tag, with intervals over problems; the language models choose; what the answers cost.
 * Source: Quan et al. 2025, section 4 (classes, tags of at least 30 problems).
 */
import { bootstrapInterval, type Interval } from "../../../core/statistics/index.ts";
import { difficultyClass, type LoadedProblem } from "../datasets/loaded-problem.ts";
import { passAtK } from "../rating/pass-at-k.ts";
import type { Attempt } from "./schemas.ts";

export interface PassRow {
  group: string;
  problems: number;
  /** By k; null where not all problems have so many attempts. */
  pass: { k: number; value: Interval | null }[];
}

export interface RunSummary {
  all: PassRow;
  classes: PassRow[];
  divisions: PassRow[];
  /** Tags with enough problems. */
  tags: PassRow[];
  /** Attempts by verdict, "no code" and "missing" among them. */
  verdicts: Record<string, number>;
  /** Share of attempts by the language they came in. */
  languages: Record<string, number>;
  promptTokens: number;
  completionTokens: number;
  cutCount: number;
  /** Problems with an attempt that is missing: they are in no row. */
  missing: string[];
}

/** Fewer problems say too little of a tag. */
const smallestTag = 30;

/** @param ks which pass@k to show */
export function summarizeRun(
  problems: readonly LoadedProblem[],
  attempts: readonly Attempt[],
  { ks = [1, 2, 4, 8], tagSize = smallestTag }: { ks?: readonly number[]; tagSize?: number } = {},
): RunSummary {
  const byProblem = Map.groupBy(attempts, ({ problem }) => problem);
  const whole = problems.filter(({ problem }) => {
    const list = byProblem.get(problem.id) ?? [];
    return list.length > 0 && list.every(({ accepted }) => accepted !== null);
  });
  const rowOf = (group: string, members: readonly LoadedProblem[]): PassRow => ({
    group,
    problems: members.length,
    pass: ks.map((k) => ({ k, value: passInterval(members, byProblem, k) })),
  });
  const grouped = (keysOf: (loaded: LoadedProblem) => readonly string[], smallest = 1): PassRow[] => {
    const groups = new Map<string, LoadedProblem[]>();
    for (const loaded of whole) for (const key of keysOf(loaded)) groups.set(key, [...(groups.get(key) ?? []), loaded]);
    return [...groups]
      .filter(([, members]) => members.length >= smallest)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([group, members]) => rowOf(group, members));
  };
  const ids = new Set(whole.map(({ problem }) => problem.id));
  return {
    all: rowOf("all", whole),
    classes: grouped(({ problem }) => [difficultyClass(problem.rating)]),
    divisions: grouped(({ division }) => (division ? [division] : [])),
    tags: grouped(({ problem }) => problem.tags, tagSize),
    verdicts: count(attempts.map(({ verdict, accepted }) => verdict ?? (accepted === null ? "missing" : "no code"))),
    languages: count(attempts.flatMap(({ language }) => language ?? [])),
    promptTokens: attempts.reduce((sum, one) => sum + one.promptTokens, 0),
    completionTokens: attempts.reduce((sum, one) => sum + one.completionTokens, 0),
    cutCount: attempts.filter(({ isCut }) => isCut).length,
    missing: problems.map(({ problem }) => problem.id).filter((id) => !ids.has(id)),
  };
}

function passInterval(
  members: readonly LoadedProblem[],
  byProblem: ReadonlyMap<string, readonly Attempt[]>,
  k: number,
): Interval | null {
  const rates = members.map(({ problem }) => {
    const attempts = byProblem.get(problem.id)!;
    const right = attempts.filter(({ accepted }) => accepted).length;
    return k <= attempts.length ? passAtK(attempts.length, right, k) : Number.NaN;
  });
  return rates.length === 0 || rates.some(Number.isNaN) ? null : bootstrapInterval(rates);
}

function count(names: readonly string[]): Record<string, number> {
  const counts = Map.groupBy(names, (name) => name);
  return Object.fromEntries(
    [...counts].map(([name, list]) => [name, list.length] as const).sort((a, b) => b[1] - a[1]),
  );
}
