/**
 * A model of our own, rated at three points of its training beside simulated people: does the rating rise with what the
 * model learned, and by how much? Source: section 6 C of the CodeElo specification, statement 10 of its section 9.
 */
import { Random } from "../../../core/random.ts";
import { bootstrapInterval, type Interval, mean } from "../../../core/statistics/index.ts";
import {
  type ContestExperiment,
  type Entrant,
  type EntrantName,
  entrantNames,
  type ProblemResult,
} from "../coder/experiment.ts";
import { attemptCount } from "../coder/sample.ts";
import { passAtK } from "../rating/pass-at-k.ts";
import { certain, type Findings, inPercent, show } from "./rows.ts";

const [random, first, second, last] = entrantNames;

/** @param experiments one per seed */
export function contestFindings(experiments: readonly ContestExperiment[]): Findings {
  const of = (name: EntrantName) => experiments.map(({ entrants }) => entrants.find((one) => one.name === name)!);
  const gaps = gapsOf(of(last), of(first));
  const solved = [first, second, last].flatMap((name) => of(name).flatMap(({ problems }) => problems));
  const final = of(last).flatMap(({ problems }) => problems);
  return {
    rows: [
      {
        id: "C1",
        claim: "From random programs to 10 % of the training (the plan expects nothing of it: both solve very little)",
        published: null,
        unit: "points",
        measured: bootstrapInterval(gapsOf(of(first), of(random))),
      },
      {
        id: "C2",
        claim: "From 10 % of the training to 30 %",
        published: null,
        unit: "points",
        measured: bootstrapInterval(gapsOf(of(second), of(first))),
        wanted: { atLeast: 1 },
      },
      {
        id: "C3",
        claim: "From 30 % of the training to its end",
        published: null,
        unit: "points",
        measured: bootstrapInterval(gapsOf(of(last), of(second))),
        wanted: { atLeast: 1 },
      },
      {
        id: "C4",
        claim: "From 10 % of the training to its end, contest by contest",
        published: null,
        unit: "points",
        measured: bootstrapInterval(gaps),
        wanted: { atLeast: 300 },
        control: { label: "which of the two is which drawn by lot", measured: bootstrapInterval(byLot(gaps)) },
      },
      {
        id: "C5",
        claim: "The two ratings' 95 % intervals lie apart (smallest distance over seeds)",
        published: null,
        unit: "points",
        measured: certain(
          Math.min(...of(last).map((one, at) => one.rating.mean.low - of(first)[at]!.rating.mean.high)),
        ),
        wanted: { atLeast: 0 },
      },
      {
        id: "C6",
        claim: "Eight attempts solve more than one: pass@8 minus pass@1, over the checkpoints",
        published: "higher",
        unit: "%",
        measured: inPercent(bootstrapInterval(solved.map((one) => pass(one, 8) - pass(one, 1)))),
        wanted: { atLeast: 1 },
      },
      {
        id: "C7",
        claim: "Families never seen in training are solved less often: pass@1 of the seen minus that of the others",
        published: null,
        unit: "%",
        measured: inPercent(seenMinusHeldOut(final)),
        wanted: { atLeast: 5 },
        control: { label: "families dealt out at random", measured: inPercent(seenMinusHeldOut(dealtOut(final))) },
      },
    ],
    sections: [chart(experiments), table(experiments)],
  };
}

/** Rating of one minus that of the other, contest by contest. */
function gapsOf(above: readonly Entrant[], below: readonly Entrant[]): number[] {
  return above.flatMap(({ rating }, at) =>
    rating.contests.map((contest, round) => contest.rating - below[at]!.rating.contests[round]!.rating),
  );
}

function byLot(gaps: readonly number[]): number[] {
  const rng = new Random("drawn by lot");
  return gaps.map((gap) => (rng.bool() ? gap : -gap));
}

const pass = ({ right }: ProblemResult, k: number) => passAtK(attemptCount, right, k);

function seenMinusHeldOut(problems: readonly ProblemResult[]): Interval {
  const meanOf = (sample: readonly ProblemResult[], isHeldOut: boolean) =>
    mean(sample.filter((one) => one.isHeldOut === isHeldOut).map((one) => pass(one, 1)));
  const statistic = (sample: ProblemResult[]) => meanOf(sample, false) - meanOf(sample, true);
  return bootstrapInterval(problems, { statistic, method: "percentile", resampleCount: 2000 });
}

function dealtOut(problems: readonly ProblemResult[]): ProblemResult[] {
  const labels = new Random("dealt out").shuffle(problems.map(({ isHeldOut }) => isHeldOut));
  return problems.map((one, at) => ({ ...one, isHeldOut: labels[at]! }));
}

function chart(experiments: readonly ContestExperiment[]): Findings["sections"][number] {
  const series = experiments.map(({ seed, entrants }) => ({
    label: `seed ${seed}`,
    points: entrants.map(({ name, rating }, x) => {
      const { value, low, high } = rating.mean;
      return { x, y: value, interval: [low, high] as [number, number], label: name };
    }),
  }));
  return {
    kind: "chart",
    title: "Rating by how far the training went",
    chart: { kind: "line", x: { label: "entrant, from random programs to the end" }, y: { label: "rating" }, series },
  };
}

function table(experiments: readonly ContestExperiment[]): Findings["sections"][number] {
  const share = (problems: readonly ProblemResult[], isHeldOut: boolean, k: number) => {
    const some = problems.filter((one) => one.isHeldOut === isHeldOut);
    return `${(100 * mean(some.map((one) => pass(one, k)))).toFixed(1)}`;
  };
  const people = "the people's programs are references and mutants, judged as well";
  const judged = experiments.map(
    ({ seed, judgedCount, rejectedReferences }) =>
      `seed ${seed}: ${judgedCount} different programs judged, ${rejectedReferences} references rejected`,
  );
  return {
    kind: "table",
    title: "Entrants",
    columns: [
      ...["seed", "entrant", "rating", "maximum likelihood", "beat all or nobody, %"],
      ...["pass@1 seen, %", "pass@8 seen, %", "pass@1 held out, %", "pass@8 held out, %"],
    ],
    rows: experiments.flatMap(({ seed, entrants }) =>
      entrants.map(({ name, rating, problems }) => [
        seed,
        name,
        show(rating.mean),
        show(rating.likelihood),
        (100 * rating.censoredShare).toFixed(0),
        share(problems, false, 1),
        share(problems, false, 8),
        share(problems, true, 1),
        share(problems, true, 8),
      ]),
    ),
    note: `${judged.join("; ")}; ${people}. How hard a problem is for people is set by its number of operations.`,
  };
}
