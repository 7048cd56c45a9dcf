/**
 * How far is a rating from the truth? Bots of known skill enter contests of a simulated population, under the rules of
 * people and under those of the published protocol, and are rated as models are.
 */
import { Random } from "../../../core/random.ts";
import { bootstrapInterval, type Interval, mean, standardDeviation } from "../../../core/statistics/index.ts";
import { createWorld, FULL_WORLD, HUMAN, type Privileges, type World, type WorldSettings } from "../world.ts";
import { fairRating } from "./contest-rating.ts";
import { likelihoodRating, meanRating, type RatedPlace } from "./likelihood.ts";

export interface SimulationSettings {
  /** Worlds; everything is drawn anew in each. */
  seeds: readonly number[];
  /** Contests that a bot enters; the paper has 54. */
  contestCount: number;
  skills: readonly number[];
  world: WorldSettings;
  /** Bots whose intervals are held against the truth, over all worlds. */
  coverageCount: number;
}

export const FULL_SIMULATION: SimulationSettings = {
  seeds: [0, 1, 2, 3, 4],
  contestCount: 54,
  skills: [1100, 1400, 1700, 2000],
  world: FULL_WORLD,
  coverageCount: 200,
};

export const QUICK_SIMULATION: SimulationSettings = {
  ...FULL_SIMULATION,
  seeds: [0, 1],
  world: { ...FULL_WORLD, burnInCount: 100 },
  coverageCount: 60,
};

/** Which rules a bot enters under. */
export const rules = {
  "as people": HUMAN,
  "8 attempts": { attempts: 8, isInstant: false },
  "minute 0": { attempts: 2, isInstant: true },
  "published protocol": { attempts: 8, isInstant: true },
} as const satisfies Record<string, Privileges>;

export type RuleName = keyof typeof rules;

export interface Bias {
  rules: RuleName;
  /** Mean contest rating minus the truth, over worlds and skills; the item is one bot's entry into all contests. */
  bias: Interval;
  /** Of the maximum-likelihood rating. */
  likelihoodBias: Interval;
  /** Standard deviation of the ratings of single contests. */
  contestDeviation: number;
  censoredShare: number;
}

export interface Simulation {
  biases: Bias[];
  /** Standard deviation of the estimate after so many contests: independent contests averaged, against a sequence of updates. */
  spread: {
    contestCount: number;
    averaged: number;
    sequential: number;
    sequentialBias: number;
    /** The one deviation over the other; below 1 the mean of contests is the better estimate. */
    ratio: Interval;
  }[];
  /** Share of 95 % intervals that hold the truth, for bots with the privileges of people. */
  coverage: { covered: number; count: number };
}

/** @param onProgress called with the share that is done */
export async function simulate(
  settings: SimulationSettings,
  { signal, onProgress = () => {} }: { signal?: AbortSignal; onProgress?: (share: number) => void } = {},
): Promise<Simulation> {
  const { seeds, skills, contestCount, coverageCount } = settings;
  const names = Object.keys(rules) as RuleName[];
  const entries = Object.fromEntries(names.map((name) => [name, [] as BotEntry[]])) as Record<RuleName, BotEntry[]>;
  const spread: SpreadRun[] = [];
  const coverage = { covered: 0, count: 0 };
  for (const [index, seed] of seeds.entries()) {
    const rng = new Random(`codeelo/${seed}`);
    const world = createWorld(rng.split("world"), settings.world);
    for (const name of names) {
      for (const skill of skills) {
        await breathe(signal);
        entries[name].push(enterContests(world, skill, rules[name], contestCount, rng.split(`${name} ${skill}`)));
      }
    }
    for (let run = 0; run < 20; run++) spread.push(followSequence(world, 1700, rng.split("sequence").split(run)));
    const share = Math.ceil(coverageCount / seeds.length);
    for (let bot = 0; bot < share && coverage.count < coverageCount; bot++) {
      await breathe(signal);
      const botRng = rng.split("coverage").split(bot);
      const skill = 1000 + 900 * botRng.split("skill").next();
      const { ratings } = enterContests(world, skill, HUMAN, contestCount, botRng);
      const { low, high } = meanRating(ratings);
      const truth = world.truth(skill);
      coverage.count++;
      if (low <= truth && truth <= high) coverage.covered++;
      onProgress((index + (bot + 1) / share) / seeds.length);
    }
  }
  return {
    biases: names.map((name) => describeBias(name, entries[name])),
    spread: [5, 10, 20, 40].map((count) => describeSpread(spread, count)),
    coverage,
  };
}

interface BotEntry {
  truth: number;
  ratings: number[];
  likelihood: number;
  censoredCount: number;
}

function enterContests(world: World, skill: number, privileges: Privileges, count: number, rng: Random): BotEntry {
  const ratings: number[] = [];
  const places: RatedPlace[] = [];
  let censoredCount = 0;
  for (let round = 0; round < count; round++) {
    const contest = world.contest(rng.split("contests").split(round));
    const place = contest.enter(skill, privileges, rng.split("bot").split(round));
    const { rating, censored } = fairRating(place, contest.field);
    ratings.push(rating);
    places.push({ ...place, field: contest.field });
    if (censored) censoredCount++;
  }
  return { truth: world.truth(skill), ratings, likelihood: likelihoodRating(places).value, censoredCount };
}

function describeBias(name: RuleName, entries: readonly BotEntry[]): Bias {
  const all = entries.flatMap(({ ratings }) => ratings);
  return {
    rules: name,
    bias: bootstrapInterval(entries.map(({ truth, ratings }) => mean(ratings) - truth)),
    likelihoodBias: bootstrapInterval(entries.map(({ truth, likelihood }) => likelihood - truth)),
    contestDeviation: mean(entries.map(({ ratings }) => standardDeviation(ratings))),
    censoredShare: entries.reduce((sum, { censoredCount }) => sum + censoredCount, 0) / all.length,
  };
}

/** One bot's estimates after each contest, in both ways. */
interface SpreadRun {
  truth: number;
  averaged: number[];
  sequential: number[];
}

/** The bot starts at 1400, as the people did. */
function followSequence(world: World, skill: number, rng: Random): SpreadRun {
  let [sum, rating] = [0, 1400];
  const run: SpreadRun = { truth: world.truth(skill), averaged: [], sequential: [] };
  for (let round = 0; round < 40; round++) {
    const contest = world.contest(rng.split("contests").split(round));
    const place = contest.enter(skill, HUMAN, rng.split("bot").split(round));
    sum += fairRating(place, contest.field).rating;
    rating = contest.update(place, rating);
    run.averaged.push(sum / (round + 1));
    run.sequential.push(rating);
  }
  return run;
}

function describeSpread(runs: readonly SpreadRun[], contestCount: number): Simulation["spread"][number] {
  const at = (run: SpreadRun, kind: "averaged" | "sequential") => run[kind][contestCount - 1]! - run.truth;
  const errors = (kind: "averaged" | "sequential") => runs.map((run) => at(run, kind));
  return {
    contestCount,
    averaged: standardDeviation(errors("averaged")),
    sequential: standardDeviation(errors("sequential")),
    sequentialBias: mean(errors("sequential")),
    ratio: bootstrapInterval(
      runs.map((run) => ({ averaged: at(run, "averaged"), sequential: at(run, "sequential") })),
      {
        statistic: (sample) =>
          standardDeviation(sample.map((one) => one.averaged)) / standardDeviation(sample.map((one) => one.sequential)),
      },
    ),
  };
}

/** Lets the event loop turn, and ends where nobody waits any more. */
async function breathe(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal?.throwIfAborted();
}
