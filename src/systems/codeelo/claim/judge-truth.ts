/**
 * The judge held to the truth: every known program of the catalogue, right ones and planted faults, and the verdicts.
 * Source: section 6 B of the CodeElo specification. "No false positives" is the paper's claim for its platform.
 */
import type { CommandContext } from "../../../core/command.ts";
import { clopperPearson } from "../../../core/statistics/index.ts";
import type { Judge } from "../judge/judge.ts";
import { findLanguage } from "../judge/languages.ts";
import { buildProblem } from "../problems/build.ts";
import { families } from "../problems/catalog/index.ts";
import type { Level } from "../problems/family.ts";
import { type TruthReport, tellTruth } from "../problems/truth.ts";
import type { Problem, Verdict } from "../schemas.ts";
import { certain, type Findings, inPercent } from "./rows.ts";

export async function truthExperiment(
  judge: Judge,
  levels: readonly Level[],
  seed: number,
  { progress, signal }: Pick<CommandContext, "progress" | "signal">,
): Promise<Findings> {
  const hasCpp = (await findLanguage("cpp")) !== undefined;
  const problems: Problem[] = [];
  const building = progress({ label: "build problems", total: families.length * levels.length, unit: "problems" });
  for (const family of families) {
    for (const level of levels) {
      signal.throwIfAborted();
      problems.push(runnable(await buildProblem(judge, family, level, seed), hasCpp));
      building.update(problems.length);
    }
  }
  building.stop();
  // All in one call: programs that sleep or loop wait beside each other and not after each other.
  const weak = problems.filter(({ interactor }) => !interactor).map(onlySample);
  const total = [...problems, ...weak].reduce((sum, { solutions }) => sum + solutions.length, 0);
  const judging = progress({ label: "judge known programs", total, unit: "programs" });
  let done = 0;
  const onPair = () => judging.update(++done);
  const full = await tellTruth(judge, problems, { signal, onPair });
  const control = await tellTruth(judge, weak, { signal, onPair });
  judging.stop();
  const rightCount = full.pairs.filter(({ expected }) => expected.includes("OK")).length;
  const { limited, limitedAndTold } = full;
  return {
    rows: [
      {
        id: "B1",
        claim: `Wrong programs that are accepted, of ${full.pairs.length - rightCount} with a planted fault`,
        published: "none",
        measured: certain(full.falseAccepts.length),
        wanted: { atMost: 0 },
        control: { label: "judged by the statement's example alone", measured: certain(control.falseAccepts.length) },
      },
      {
        id: "B2",
        claim: `Right programs that are rejected, of ${rightCount}`,
        published: null,
        measured: certain(full.falseRejects.length),
        wanted: { atMost: 0 },
      },
      {
        id: "B3",
        claim: `Programs that are too slow or too large, and are told so (${limited.length})`,
        published: null,
        unit: "%",
        measured: inPercent(clopperPearson(limitedAndTold.length, limited.length)),
        wanted: { atLeast: 95 },
      },
    ],
    sections: [confusionTable(full)],
  };
}

/** Programs of languages that this machine lacks say nothing about the judge. */
function runnable(problem: Problem, hasCpp: boolean): Problem {
  return hasCpp
    ? problem
    : { ...problem, solutions: problem.solutions.filter(({ program }) => program.language !== "cpp") };
}

/** A weak test set, the statement's example, and the programs that only a good one finds: those with wrong answers. */
function onlySample(problem: Problem): Problem {
  const tests = problem.tests.filter(({ isSample }) => isSample);
  const solutions = problem.solutions.filter(({ expected }) => expected.includes("WRONG_ANSWER"));
  return { ...problem, tests, solutions };
}

function confusionTable({ confusion }: TruthReport): Findings["sections"][number] {
  const rows = Object.entries(confusion);
  const verdicts = [...new Set(rows.flatMap(([, row]) => Object.keys(row) as Verdict[]))].sort();
  return {
    kind: "table",
    title: "What the judge said, by kind of program",
    columns: ["program", ...verdicts],
    rows: rows.map(([fault, row]) => [fault, ...verdicts.map((verdict) => row[verdict] ?? null)]),
  };
}
