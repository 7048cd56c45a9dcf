/** The stop of `systems/codeelo`: a model that writes programs enters contests, is judged and rated. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { MissingError } from "../../core/errors.ts";
import { formatInterval } from "../../core/format.ts";
import type { ReportSection } from "../../core/report.ts";
import { SandboxError } from "../../sandbox/index.ts";
import {
  type ContestTrial,
  humanPopulation,
  needLanguage,
  openJudge,
  percentile,
  tryContests,
} from "../../systems/codeelo/index.ts";
import { modelsRoot } from "../models.ts";
import type { StopOptions, StopResult, StopSkipped } from "./stop.ts";

const contestCount = 3;
/** The first of the paper's table 1: o1-mini, and the share of rated people that it is better than. */
const publishedRating = 1578;
const publishedPercentile = "89.2 %";

/** Three contests of six problems, eight programs for each; needs Python and a way to confine it. */
export async function visitCodeElo({ seed, progress, signal, say }: StopOptions): Promise<StopResult | StopSkipped> {
  const model = join(modelsRoot, "coder");
  if (!existsSync(join(model, "config.json"))) {
    throw new MissingError(`There is no model in ${model}`, { hint: "`polymath train coder` makes it." });
  }
  const judge = await openHere();
  if ("lacks" in judge) return judge;
  say("a tiny model writes Python for contest problems; the sandbox runs it, and 250 simulated people compete");
  const trial = await tryContests({ model, contestCount, judge, seed, progress, signal });
  const { rating, problems } = trial;
  const right = problems.filter((problem) => problem.right > 0).length;
  const { value, low, high } = rating.mean;
  const recomputed = `${percentile(publishedRating, humanPopulation()).toFixed(1)} %`;
  return {
    did: `entered ${contestCount} contests; ${trial.judgedCount} programs judged`,
    figures: [
      { label: "rating", measured: formatInterval(Math.round(value), bounds(low, high)), published: "1578 (o1-mini)" },
      { label: "problems solved in 8 tries", measured: `${right} of ${problems.length}`, published: null },
      { label: "people rated below 1578", measured: recomputed, published: publishedPercentile },
    ],
    passed: trial.rejectedReferences === 0 && right > 0 && recomputed === publishedPercentile,
    sections: sectionsOf(trial),
  };
}

const bounds = (low: number, high: number): [number, number] => [Math.round(low), Math.round(high)];

async function openHere() {
  try {
    await needLanguage("python");
    return await openJudge();
  } catch (error) {
    if (error instanceof MissingError || error instanceof SandboxError)
      return { lacks: error.message, hint: error.hint } satisfies StopSkipped;
    throw error;
  }
}

function sectionsOf({ problems, example, rating }: ContestTrial): ReportSection[] {
  return [
    {
      kind: "table",
      title: "CodeElo: the contests",
      note: "Problems D to F are of families that the model never saw in training.",
      columns: ["contest", "problem", "family", "in training", "right programs"],
      rows: problems.map(({ contest, index, family, isHeldOut, right, attempts }) => [
        contest,
        index,
        family,
        isHeldOut ? "no" : "yes",
        `${right} of ${attempts}`,
      ]),
    },
    {
      kind: "table",
      title: "CodeElo: its places",
      columns: ["contest", "participants", "ahead of it", "rating of this contest"],
      rows: rating.contests.map(({ name, participants, ahead, rating: own }) => [
        name,
        participants,
        ahead,
        Math.round(own),
      ]),
    },
    ...(example
      ? [{ kind: "code" as const, title: `CodeElo: its program for "${example.statement}"`, code: example.program }]
      : []),
  ];
}
