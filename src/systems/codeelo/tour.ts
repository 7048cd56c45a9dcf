/**
 * What the tour shows of codeelo: the coder that ships hands in programs in contests beside simulated people, everybody's
 * programs are judged in the sandbox, and its places give one rating.
 */
import type { CommandContext } from "../../core/command.ts";
import { Random } from "../../core/random.ts";
import { planContest, playContest, summarizeAttempts } from "./coder/contest.ts";
import { protocolOf, writePrograms } from "./coder/experiment.ts";
import { judgePrograms } from "./coder/sample.ts";
import { heldOutFamilies, statementOf } from "./coder/task.ts";
import type { Judge } from "./judge/judge.ts";
import { type Rating, rateContests } from "./rating/rate.ts";
import { createWorld } from "./world.ts";

export interface ContestTrial {
  rating: Rating;
  /** In contest order. */
  problems: { contest: number; index: string; family: string; isHeldOut: boolean; attempts: number; right: number }[];
  /** Of the model and of people, equal ones of a problem once. */
  judgedCount: number;
  /** References that the judge rejected: none, or the rating says nothing. */
  rejectedReferences: number;
  /** A program of the model that was accepted, where there is one. */
  example: { statement: string; program: string } | null;
}

export interface ContestTrialOptions extends Pick<CommandContext, "progress" | "signal"> {
  /** Of the coder: a Hugging Face folder. */
  model: string;
  contestCount: number;
  judge: Judge;
  seed: number;
}

/** @throws the signal's reason */
export async function tryContests(options: ContestTrialOptions): Promise<ContestTrial> {
  const { contestCount, judge, seed, progress, signal } = options;
  const rng = new Random(`coder tour/${seed}`);
  const contests = Array.from({ length: contestCount }, (_, round) => planContest(rng.split("plan").split(round)));
  const problems = contests.flat();
  const tasks = problems.map(({ task }) => task);
  const own = await writePrograms(options.model, problems, { ...options, seed: `tour/${options.seed}` });

  const handedIn = problems.map(({ bodies }, at) => [...new Set([...bodies, ...own[at]!])]);
  const bar = progress({ label: "judge programs", total: problems.length, unit: "problems" });
  let done = 0;
  const judged = await judgePrograms(judge, tasks, handedIn, { signal, onDone: () => bar.update(++done) });
  bar.stop();
  const verdictsOf = (at: number, bodies: readonly string[]) =>
    bodies.map((body) => judged[at]![handedIn[at]!.indexOf(body)]!);
  const ownVerdicts = own.map((bodies, at) => verdictsOf(at, bodies));
  const poolVerdicts = problems.map(({ bodies }, at) => verdictsOf(at, bodies));

  const world = createWorld(rng.split("world"));
  const protocol = protocolOf(contestCount, judge);
  const rated = contests.map((planned, round) => {
    const first = round * planned.length;
    const cut = <T>(list: readonly T[]) => list.slice(first, first + planned.length);
    const contest = playContest(String(round + 1), planned, cut(poolVerdicts), world, rng.split("play").split(round));
    return { contest, attempts: summarizeAttempts(planned, cut(ownVerdicts)), protocol };
  });
  const solvedAt = ownVerdicts.findLastIndex((verdicts) => verdicts.includes("OK"));
  return {
    rating: rateContests(rated, protocol),
    problems: problems.map(({ index, family }, at) => ({
      contest: Math.floor(at / contests[0]!.length) + 1,
      index,
      family,
      isHeldOut: heldOutFamilies.includes(family),
      attempts: ownVerdicts[at]!.length,
      right: ownVerdicts[at]!.filter((verdict) => verdict === "OK").length,
    })),
    judgedCount: handedIn.reduce((sum, bodies) => sum + bodies.length, 0),
    rejectedReferences: poolVerdicts.filter(([reference]) => reference !== "OK").length,
    example:
      solvedAt < 0
        ? null
        : { statement: statementOf(tasks[solvedAt]!), program: own[solvedAt]![ownVerdicts[solvedAt]!.indexOf("OK")]! },
  };
}
