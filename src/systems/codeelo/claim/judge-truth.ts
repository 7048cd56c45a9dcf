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
import { type TruthPair, tellTruth } from "../problems/truth.ts";
import type { Problem } from "../schemas.ts";
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
  const { pairs: full } = await tellTruth(judge, problems, { signal, onPair });
  const { pairs: control } = await tellTruth(judge, weak, { signal, onPair });
  judging.stop();
  const isRight = ({ expected }: TruthPair) => expected.includes("OK");
  const acceptedFaults = (pairs: readonly TruthPair[]) =>
    certain(pairs.filter((pair) => !isRight(pair) && pair.verdict === "OK").length);
  const rights = full.filter(isRight);
  const limits = full.filter(({ fault }) => ["slow", "infinite-loop", "memory-hog"].includes(fault));
  const named = limits.filter(({ expected, verdict }) => expected.includes(verdict)).length;
  return {
    rows: [
      {
        id: "B1",
        claim: `Wrong programs that are accepted, of ${full.length - rights.length} with a planted fault`,
        published: "none",
        measured: acceptedFaults(full),
        wanted: { atMost: 0 },
        control: { label: "judged by the statement's example alone", measured: acceptedFaults(control) },
      },
      {
        id: "B2",
        claim: `Right programs that are rejected, of ${rights.length}`,
        published: null,
        measured: certain(rights.filter(({ verdict }) => verdict !== "OK").length),
        wanted: { atMost: 0 },
      },
      {
        id: "B3",
        claim: `Programs that are too slow or too large, and are told so (${limits.length})`,
        published: null,
        unit: "%",
        measured: inPercent(clopperPearson(named, limits.length)),
        wanted: { atLeast: 95 },
      },
    ],
    sections: [confusion(full)],
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

function confusion(pairs: readonly TruthPair[]): Findings["sections"][number] {
  const counts = new Map<string, Map<string, number>>();
  for (const { fault, verdict } of pairs) {
    const row = counts.get(fault) ?? new Map<string, number>();
    counts.set(fault, row.set(verdict, (row.get(verdict) ?? 0) + 1));
  }
  const verdicts = [...new Set([...counts.values()].flatMap((row) => [...row.keys()]))].sort();
  return {
    kind: "table",
    title: "What the judge said, by kind of program",
    columns: ["program", ...verdicts],
    rows: [...counts].map(([fault, row]) => [fault, ...verdicts.map((verdict) => row.get(verdict) ?? null)]),
  };
}
