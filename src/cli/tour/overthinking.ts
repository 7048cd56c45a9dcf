/** The stop of `systems/overthinking`: its reasoner solves sums it never saw, a few of them aloud. */
import { Random } from "../../core/random.ts";
import type { ReportSection } from "../../core/report.ts";
import {
  type Figures,
  figuresByLevel,
  renderPrompt,
  type SolvedProblem,
  sampleProblems,
  solveSums,
} from "../../systems/overthinking/index.ts";
import type { LocalModel } from "../ask/local-model.ts";
import { openConciseReasoner, openReasoner } from "../ask/reasoner.ts";
import { splitThinking } from "../ask/think-splitter.ts";
import { createVoice } from "../ask/voice.ts";
import { describeCount } from "../text.ts";
import { percent, type StopOptions, type StopResult } from "./stop.ts";

const problemsPerLevel = 10; // of five levels
const aloudCount = 2;
const wantedAccuracy = 0.95;

/** Solves 50 held-out problems: the first ones streamed, the others as one batch with a progress bar. */
export async function visitOverthinking(options: StopOptions): Promise<StopResult> {
  const { seed, signal, say } = options;
  const model = await openReasoner();
  const concise = await openConciseReasoner();
  const rng = new Random(seed).split("tour");
  const problems = rng.shuffle(sampleProblems(rng, problemsPerLevel, "test"));
  say(`a model of ${describeCount(model.parameterCount)} parameters adds, and thinks it over\n`);
  const aloud = await solveAloud(model, problems.slice(0, aloudCount), options);
  const { solved, tokensPerSecond } = await solveSilently(model, problems.slice(aloudCount), options);
  const before = [...aloud, ...solved];
  signal.throwIfAborted();
  const result = describeStop(before, tokensPerSecond);
  if (!concise) return result;
  say("the same sums, after it learned from its own shortened thoughts");
  const { solved: after } = await solveSilently(concise, problems, options);
  signal.throwIfAborted();
  return withCure(result, before, after);
}

/** Adds what self-training saved. */
function withCure(result: StopResult, before: readonly SolvedProblem[], after: readonly SolvedProblem[]): StopResult {
  const [from, ...levelsFrom] = figuresByLevel(before) as [Figures, ...Figures[]];
  const [to, ...levelsTo] = figuresByLevel(after) as [Figures, ...Figures[]];
  const saved = Math.round(100 * (1 - to.tokenCount / from.tokenCount));
  const measured = `${saved} %, ${percent(to.accuracy)} right`;
  const figures = [
    ...result.figures,
    { label: "saved by self-training", measured, published: "45 % (QwQ-32B, MATH500)" },
  ];
  const tokens = (levels: readonly Figures[]) => levels.map(({ tokenCount }) => tokenCount);
  const chart: ReportSection = {
    kind: "chart",
    title: "Overthinking: tokens per answer, before and after self-training",
    chart: {
      kind: "bar",
      x: { label: "addends" },
      y: { label: "tokens" },
      categories: levelsFrom.map(({ level }) => String(Number(level) + 1)),
      series: [
        { label: "before", values: tokens(levelsFrom) },
        { label: "after", values: tokens(levelsTo) },
      ],
    },
  };
  const passed = result.passed && to.accuracy >= wantedAccuracy && to.tokenCount < from.tokenCount;
  return { ...result, figures, passed, sections: [...result.sections, chart] };
}

async function solveAloud(model: LocalModel, problems: SolvedProblem["problem"][], { say, signal }: StopOptions) {
  const all: SolvedProblem[] = [];
  for (const problem of problems) {
    if (signal.aborted) break;
    say(`${renderPrompt(problem)}?`);
    const [voice, splitter] = [createVoice(process.stderr), splitThinking()];
    const onText = (_: number, text: string) => splitter.push(text).forEach(voice.say);
    const { solved, tokenCount, tokensPerSecond } = await solveSums(model.generator, [problem], { onText, signal });
    voice.end(`${tokenCount} tokens, ${Math.round(tokensPerSecond)} tokens/s\n`);
    all.push(...solved);
  }
  return all;
}

async function solveSilently(
  model: LocalModel,
  problems: SolvedProblem["problem"][],
  { progress, signal }: StopOptions,
) {
  const bar = progress({ label: "solve", total: problems.length, unit: "problems" });
  let [done, right] = [0, 0];
  const result = await solveSums(model.generator, problems, {
    signal,
    onSolved: (_, { correct }) => {
      done++;
      right += Number(correct);
      bar.update(done, { right, wrong: done - right });
    },
  });
  bar.stop(`${right} right, ${Math.round(result.tokensPerSecond)} tokens/s`);
  return result;
}

function describeStop(solved: readonly SolvedProblem[], tokensPerSecond: number): StopResult {
  const [all, ...levels] = figuresByLevel(solved) as [Figures, ...Figures[]];
  // Published: Chen et al. 2024 (arXiv 2412.21187) for QwQ-32B-Preview; other problems and another model,
  // so only the direction compares.
  const figures = [
    { label: "right answers", measured: percent(all.accuracy), published: null },
    { label: "solutions per answer", measured: all.solutionCount.toFixed(1), published: "3.5 (QwQ-32B, ASDIV)" },
    { label: "first solution right", measured: percent(all.firstCorrect), published: "> 92 %" },
    { label: "outcome efficiency, level 1", measured: percent(levels[0]!.outcome), published: "< 50 %" },
    { label: "speed", measured: `${Math.round(tokensPerSecond)} tokens/s`, published: null },
  ];
  return {
    did: `thought about ${solved.length} sums it never saw`,
    figures,
    passed: all.accuracy >= wantedAccuracy,
    sections: [roundsChart(levels), thoughtsOf(solved)],
  };
}

function roundsChart(levels: readonly Figures[]): ReportSection {
  return {
    kind: "chart",
    title: "Overthinking: solutions per answer, by number of addends",
    note: "A model that thinks no more than it needs stops at two: one solution and one check.",
    chart: {
      kind: "bar",
      x: { label: "addends" },
      y: { label: "solutions" },
      categories: levels.map(({ level }) => String(Number(level) + 1)),
      series: [{ label: "solutions per answer", values: levels.map(({ solutionCount }) => solutionCount) }],
    },
  };
}

/** One answer, cut into its solutions: what was needed, what was not. */
function thoughtsOf(solved: readonly SolvedProblem[]): ReportSection {
  const shown = solved.reduce((most, one) => (one.solutions.length > most.solutions.length ? one : most));
  const firstRight = shown.solutions.findIndex(({ correct }) => correct);
  const pieces = shown.trace.solutions.map(({ text }, index) => ({
    text,
    label: `solution ${index + 1}`,
    tone: !shown.solutions[index]!.correct
      ? ("bad" as const)
      : index > firstRight
        ? ("waste" as const)
        : ("good" as const),
  }));
  return {
    kind: "trace",
    title: `Overthinking, the longest thought: ${renderPrompt(shown.problem)}${shown.answer ?? "?"}`,
    pieces,
  };
}
