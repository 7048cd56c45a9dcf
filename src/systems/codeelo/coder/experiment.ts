/**
 * Three checkpoints of one training and a random-program baseline enter contests beside simulated people; every program,
 * the people's too, is judged in the sandbox, and ratings come out as for any model.
 * Source: section 6 C of the CodeElo specification.
 */
import { join } from "node:path";
import { disposeTree } from "../../../compute/tree.ts";
import type { CommandContext } from "../../../core/command.ts";
import { Random } from "../../../core/random.ts";
import { createEngine } from "../../../language/engine/index.ts";
import { loadModel } from "../../../language/hugging-face.ts";
import type { Judge } from "../judge/judge.ts";
import type { Protocol } from "../rating/protocol.ts";
import { type Rating, rateContests } from "../rating/rate.ts";
import type { Verdict } from "../schemas.ts";
import { createWorld, FULL_WORLD } from "../world.ts";
import { type PlannedProblem, planContest, playContest, summarizeAttempts } from "./contest.ts";
import { attemptCount, judgePrograms, samplePrograms, temperature } from "./sample.ts";
import { type CoderSettings, stageShares } from "./settings.ts";
import { bodyOf, heldOutFamilies, sampleTask, trainedFamilies } from "./task.ts";
import { coderTokenizer } from "./tokenizer.ts";
import { fitCoder, isComplete, stageFolder } from "./train.ts";

export const entrantNames = ["random programs", "10 % of the training", "30 % of the training", "100 %"] as const;
export type EntrantName = (typeof entrantNames)[number];

/** What became of one problem: how many of the eight programs were right. */
export interface ProblemResult {
  family: string;
  isHeldOut: boolean;
  right: number;
}

export interface Entrant {
  name: EntrantName;
  rating: Rating;
  problems: ProblemResult[];
}

export interface ContestExperiment {
  seed: number;
  entrants: Entrant[];
  /** Pairs of a problem and a program that were judged, equal ones once. */
  judgedCount: number;
  /** References that the judge rejected: none, or the experiment says nothing. */
  rejectedReferences: number;
}

export interface ExperimentOptions extends Pick<CommandContext, "log" | "progress" | "signal"> {
  settings: CoderSettings;
  contestCount: number;
  judge: Judge;
  /** Checkpoints and models; what is there of an earlier, unfinished run is gone on with. */
  folder: string;
}

/** @throws the signal's reason */
export async function runContests(options: ExperimentOptions): Promise<ContestExperiment> {
  const { settings, contestCount, judge, progress, signal } = options;
  const { seed } = settings;
  const rng = new Random(`coder contests/${seed}`);
  const contests = Array.from({ length: contestCount }, (_, round) => planContest(rng.split("plan").split(round)));
  const problems = contests.flat();
  const bodies = await entrantPrograms(problems, rng.split("random programs"), options);
  const handedIn = problems.map((problem, at) => [
    ...new Set([...problem.bodies, ...entrantNames.flatMap((name) => bodies.get(name)![at]!)]),
  ]);
  const bar = progress({ label: `judge programs, seed ${seed}`, total: problems.length, unit: "problems" });
  let done = 0;
  const tasks = problems.map(({ task }) => task);
  const judged = await judgePrograms(judge, tasks, handedIn, { signal, onDone: () => bar.update(++done) });
  bar.stop();
  const verdictOf = problems.map((_, at) => new Map(handedIn[at]!.map((body, place) => [body, judged[at]![place]!])));
  const verdictsOf = (list: readonly (readonly string[])[]): Verdict[][] =>
    list.map((some, at) => some.map((body) => verdictOf[at]!.get(body)!));

  const poolVerdicts = verdictsOf(problems.map((problem) => problem.bodies));
  const world = createWorld(rng.split("world"), FULL_WORLD);
  const played = inContests(contests, poolVerdicts).map(({ planned, verdicts, round }) =>
    playContest(String(round + 1), planned, verdicts, world, rng.split("play").split(round)),
  );
  const protocol = protocolOf(contestCount, judge);
  return {
    seed,
    entrants: entrantNames.map((name): Entrant => {
      const own = verdictsOf(bodies.get(name)!);
      const rated = inContests(contests, own).map(({ planned, verdicts, round }) => {
        return { contest: played[round]!, attempts: summarizeAttempts(planned, verdicts), protocol };
      });
      return { name, rating: rateContests(rated, protocol), problems: problems.map(resultOf(own)) };
    }),
    judgedCount: handedIn.reduce((sum, some) => sum + some.length, 0),
    rejectedReferences: poolVerdicts.filter(([reference]) => reference !== "OK").length,
  };
}

const resultOf =
  (verdicts: readonly (readonly Verdict[])[]) =>
  ({ family }: PlannedProblem, at: number): ProblemResult => ({
    family,
    isHeldOut: heldOutFamilies.includes(family),
    right: verdicts[at]!.filter((verdict) => verdict === "OK").length,
  });

/** By problem, eight programs of each entrant; the model is trained where it is not there yet. */
async function entrantPrograms(problems: readonly PlannedProblem[], rng: Random, options: ExperimentOptions) {
  const { folder, settings, signal } = options;
  const stagesDir = join(folder, "stages");
  if (!(await isComplete(stageFolder(stagesDir, 1)))) {
    const fitted = await fitCoder(settings, { ...options, stagesDir, checkpointDir: join(folder, "checkpoints") });
    if (!fitted) throw signal.reason;
    disposeTree(fitted.model.params);
  }
  const [random, ...checkpoints] = entrantNames;
  const bodies = new Map<EntrantName, string[][]>([[random, randomPrograms(problems, rng)]]);
  for (const [index, name] of checkpoints.entries()) {
    bodies.set(
      name,
      await writePrograms(stageFolder(stagesDir, stageShares[index]!), problems, {
        ...options,
        seed: `contests/${options.settings.seed}`,
      }),
    );
  }
  return bodies;
}

/** References of other problems of any family: programs that run and print a number. */
function randomPrograms(problems: readonly PlannedProblem[], rng: Random): string[][] {
  const families = [...trainedFamilies, ...heldOutFamilies];
  return problems.map((_, at) =>
    Array.from({ length: attemptCount }, (__, attempt) => {
      const stream = rng.split(at).split(attempt);
      return bodyOf(sampleTask(stream, stream.choice(families), "contests"));
    }),
  );
}

/** Eight programs for each problem. @param seed of the samples */
export async function writePrograms(
  folder: string,
  problems: readonly PlannedProblem[],
  { seed, progress, signal }: Pick<ExperimentOptions, "progress" | "signal"> & { seed: string },
): Promise<string[][]> {
  const model = await loadModel(folder);
  const engine = await createEngine({ model, tokenizer: coderTokenizer(), maxRows: 96 });
  const bar = progress({ label: "write programs", total: problems.length, unit: "problems" });
  let done = 0;
  try {
    const tasks = problems.map(({ task }) => task);
    return await samplePrograms(engine, tasks, { seed, signal, onDone: () => bar.update(++done) });
  } finally {
    bar.stop();
    await engine.dispose();
    disposeTree(model.params);
  }
}

/** A list over all problems, cut by contest. */
function inContests<T>(contests: readonly PlannedProblem[][], list: readonly T[]) {
  return contests.map((planned, round) => ({
    planned,
    round,
    verdicts: list.slice(round * planned.length, (round + 1) * planned.length),
  }));
}

/** Of contests of the coder's world, each problem attempted eight times and everything judged. */
export function protocolOf(contestCount: number, judge: Judge): Protocol {
  return {
    contests: Array.from({ length: contestCount }, (_, round) => String(round + 1)),
    attempts: attemptCount,
    submits: "all",
    language: "python",
    judge: judge.sandbox.description,
    sampling: { temperature },
    scoring: "minute-0",
    ties: "mid",
    newcomerRating: "as is",
  };
}
