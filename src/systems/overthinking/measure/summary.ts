/**
 * The figures of many traces: means with intervals, over all and by difficulty, and how solutions are distributed.
 * Source: papers/overthinking section 2.1.
 *
 * The published code writes a record once per solution, which weights its means by the number of solutions. A file in
 * that form is recognised (every record repeats itself as often as it has solutions) and counted once per record;
 * the weighted means are kept beside, for `--repo-compat`.
 */
import type { AnalysedTrace } from "../prepare.ts";
import { type Estimate, RunningMean, RunningShare } from "./estimate.ts";
import { figuresOfTrace, type TokenBasis, type TraceFigures } from "./figures.ts";

export type Group = {
  /** "all", a level, a model, "finished" or "truncated". */
  name: string;
  traceCount: number;
  /** Shares from 0 to 1. Null: no trace tells. */
  accuracy: Estimate | null;
  outcome: Estimate | null;
  /** Null where strategies are unknown: see the bounds. */
  process: Estimate | null;
  /** Means of the lowest and the highest that the known strategies allow; null when all are known. */
  processBounds: [low: number, high: number] | null;
  solutionCount: Estimate | null;
  reasoningTokenCount: Estimate | null;
  fullTokenCount: Estimate | null;
  /** Of the traces with a correct solution: the first one is correct. */
  firstSolutionCorrect: Estimate | null;
};

export type Distribution = {
  /** Share of new strategies among the solutions at index "1", "2", … "8 or later"; null where no trace tells. */
  distinctness: { index: string; share: number | null; traceCount: number }[];
  /** Of the traces with a correct solution: where the first one stands. */
  firstCorrect: { index: string; share: number; traceCount: number }[];
  solutions: { count: string; share: number; traceCount: number }[];
};

export type Totals = {
  tokenCount: number;
  /** After the first correct solution. */
  wastedTokenCount: number;
  /** Of them in strategies that had occurred before. */
  repeatedTokenCount: number;
};

export type Summary = {
  groups: Group[];
  distribution: Distribution;
  totals: Totals;
  /** Without a token of reasoning: in no figure. */
  excludedCount: number;
  /** Without verdicts: in no outcome efficiency. */
  unjudgedCount: number;
  /** How often each flag occurs. */
  flags: Record<string, number>;
  /** The file repeats each record once per solution, and they were counted once. */
  wasOncePerSolution: boolean;
};

/** Indices above are counted together. */
const shownIndices = 8;

export class SummaryBuilder {
  readonly #basis: TokenBasis;
  /** Three weightings until it is known which the file calls for. */
  readonly #byRow = new Tables();
  readonly #byRecord = new Tables();
  readonly #bySolution = new Tables();
  #isOncePerSolution = true;
  #hasRepeats = false;

  constructor(basis: TokenBasis = "reasoning") {
    this.#basis = basis;
  }

  /** @param copies how often the row stands in the file, one after the other */
  add(trace: AnalysedTrace, copies = 1): void {
    const { length } = trace.solutions;
    if (copies % length !== 0) this.#isOncePerSolution = false;
    if (copies > 1 && length > 1) this.#hasRepeats = true;
    const figures = figuresOfTrace(trace, this.#basis);
    this.#byRow.add(trace, figures, copies);
    // Rounding only matters when the file turns out not to be in this form, and then the table is not used.
    this.#byRecord.add(trace, figures, Math.max(1, Math.round(copies / length)));
    this.#bySolution.add(trace, figures, copies * length);
  }

  /** @param weighting `formula`: each trace weighs the same; `solutions`: as the published code */
  finish(weighting: "formula" | "solutions" = "formula"): Summary {
    const wasOncePerSolution = this.#isOncePerSolution && this.#hasRepeats;
    const formula = wasOncePerSolution ? this.#byRecord : this.#byRow;
    const weighted = wasOncePerSolution ? this.#byRow : this.#bySolution;
    return { ...(weighting === "formula" ? formula : weighted).finish(), wasOncePerSolution };
  }
}

/** Everything under one weighting. */
class Tables {
  readonly #groups = new Map<string, GroupSums>([["all", new GroupSums()]]);
  readonly #newByIndex: RunningShare[] = [];
  readonly #reachedByIndex: number[] = [];
  readonly #firstCorrect = new Map<number, number>();
  readonly #solutions = new Map<number, number>();
  readonly #totals: Totals = { tokenCount: 0, wastedTokenCount: 0, repeatedTokenCount: 0 };
  readonly #flags: Record<string, number> = {};
  #excludedCount = 0;
  #unjudgedCount = 0;

  add(trace: AnalysedTrace, figures: TraceFigures | null, copies: number): void {
    for (const flag of trace.flags) this.#flags[flag] = (this.#flags[flag] ?? 0) + copies;
    if (!figures) {
      this.#excludedCount += copies;
      return;
    }
    if (figures.outcome === null) this.#unjudgedCount += copies;
    const names = [trace.truncated ? "truncated" : "finished"];
    if (trace.level !== null) names.push(`level ${trace.level.replace(/^level\s+/iu, "")}`);
    if (trace.model !== null) names.push(`model ${trace.model}`);
    for (const name of ["all", ...names]) {
      const sums = this.#groups.get(name) ?? new GroupSums();
      this.#groups.set(name, sums);
      sums.add(trace, figures, copies);
    }
    for (const [index, isNew] of figures.isNew.entries()) {
      const at = Math.min(index, shownIndices - 1);
      this.#reachedByIndex[at] = (this.#reachedByIndex[at] ?? 0) + copies;
      this.#newByIndex[at] ??= new RunningShare();
      if (isNew !== null) this.#newByIndex[at].add(isNew, copies);
    }
    if (figures.firstCorrect !== null) addTo(this.#firstCorrect, Math.min(figures.firstCorrect, 3), copies);
    addTo(this.#solutions, Math.min(figures.solutionCount, shownIndices), copies);
    this.#totals.tokenCount += copies * figures.tokenCount;
    this.#totals.wastedTokenCount += copies * figures.wastedTokenCount;
    this.#totals.repeatedTokenCount += copies * figures.repeatedTokenCount;
  }

  finish(): Omit<Summary, "wasOncePerSolution"> {
    const groups = [...this.#groups].map(([name, sums]) => sums.finish(name));
    const [all, ...others] = groups as [Group, ...Group[]];
    const levels = others.filter(({ name }) => name.startsWith("level ")).sort(byName);
    const models = others.filter(({ name }) => name.startsWith("model ")).sort(byName);
    const endings = others.filter(({ name }) => name === "finished" || name === "truncated").sort(byName);
    // Models and endings only where there are several: one alone repeats what "all" says.
    const several = (some: Group[]) => (some.length > 1 ? some : []);
    return {
      groups: [all, ...levels, ...several(models), ...several(endings)],
      distribution: {
        distinctness: this.#reachedByIndex.map((traceCount, index) => {
          const { hits, count } = this.#newByIndex[index]!;
          const name = index + 1 === shownIndices ? `${shownIndices} or later` : String(index + 1);
          return { index: name, share: count === 0 ? null : hits / count, traceCount };
        }),
        firstCorrect: shares(this.#firstCorrect, [0, 1, 2, 3], (index) =>
          index === 3 ? "4 or later" : `${index + 1}`,
        ).map(({ name, ...rest }) => ({ index: name, ...rest })),
        solutions: shares(this.#solutions, range(1, shownIndices), (count) =>
          count === shownIndices ? `${count} or more` : `${count}`,
        ).map(({ name, ...rest }) => ({ count: name, ...rest })),
      },
      totals: this.#totals,
      excludedCount: this.#excludedCount,
      unjudgedCount: this.#unjudgedCount,
      flags: this.#flags,
    };
  }
}

class GroupSums {
  #traceCount = 0;
  #hasUnknown = false;
  readonly #accuracy = new RunningShare();
  readonly #firstCorrect = new RunningShare();
  readonly #outcome = new RunningMean();
  readonly #processLow = new RunningMean();
  readonly #processHigh = new RunningMean();
  readonly #solutions = new RunningMean();
  readonly #reasoningTokens = new RunningMean();
  readonly #fullTokens = new RunningMean();

  add(trace: AnalysedTrace, figures: TraceFigures, copies: number): void {
    const [low, high] = figures.process;
    this.#traceCount += copies;
    this.#hasUnknown ||= low !== high;
    if (trace.correct !== null) this.#accuracy.add(trace.correct, copies);
    if (figures.firstCorrect !== null) this.#firstCorrect.add(figures.firstCorrect === 0, copies);
    if (figures.outcome !== null) this.#outcome.add(figures.outcome, copies);
    this.#processLow.add(low, copies);
    this.#processHigh.add(high, copies);
    this.#solutions.add(figures.solutionCount, copies);
    const reasoning = trace.solutions.reduce((total, { tokenCount }) => total + tokenCount, 0);
    this.#reasoningTokens.add(reasoning, copies);
    this.#fullTokens.add(reasoning + trace.answerTokenCount, copies);
  }

  finish(name: string): Group {
    const [low, high] = [this.#processLow.mean, this.#processHigh.mean];
    return {
      name,
      traceCount: this.#traceCount,
      accuracy: this.#accuracy.estimate(),
      outcome: this.#outcome.estimate(),
      process: this.#hasUnknown ? null : this.#processLow.estimate(),
      processBounds: this.#hasUnknown ? [low!, high!] : null,
      solutionCount: this.#solutions.estimate(),
      reasoningTokenCount: this.#reasoningTokens.estimate(),
      fullTokenCount: this.#fullTokens.estimate(),
      firstSolutionCorrect: this.#firstCorrect.estimate(),
    };
  }
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

const byName = (a: Group, b: Group): number => a.name.localeCompare(b.name, "en", { numeric: true });

function addTo<K>(counts: Map<K, number>, key: K, amount: number): void {
  counts.set(key, (counts.get(key) ?? 0) + amount);
}

function shares(counts: ReadonlyMap<number, number>, keys: readonly number[], name: (key: number) => string) {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return keys.map((key) => {
    const traceCount = counts.get(key) ?? 0;
    return { name: name(key), share: total === 0 ? 0 : traceCount / total, traceCount };
  });
}
