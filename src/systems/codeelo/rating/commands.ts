/** `polymath codeelo percentile`, `rate`, `compare` and `simulate`. */
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { UsageError } from "../../../core/errors.ts";
import { readJson } from "../../../core/json.ts";
import { readJsonLines } from "../../../core/jsonl.ts";
import { type Comparison, compareRatings } from "./compare.ts";
import { describeComparison, describeRating, describeSimulation, ratingReport, simulationReport } from "./describe.ts";
import { humanRatingsDate } from "./human-ratings.ts";
import { humanPopulation, percentile, populationFromList } from "./percentile.ts";
import { Protocol } from "./protocol.ts";
import { rateContests } from "./rate.ts";
import { JudgedContest } from "./schemas.ts";
import { FULL_SIMULATION, QUICK_SIMULATION, type Simulation, simulate } from "./simulate.ts";

export const percentileCommand = defineCommand({
  name: "codeelo percentile",
  summary: "Say which share of rated people a rating is better than",
  description: `Among the 717,421 people with a Codeforces rating in ${humanRatingsDate}, or a list of your own.`,
  examples: ["polymath codeelo percentile 1578", "polymath codeelo percentile 1261 --ratings ratings.json --json"],
  args: z.tuple([
    z.coerce.number("expected a number").meta({ label: "rating" }).describe("an Elo rating on Codeforces's scale"),
  ]),
  options: z.object({
    ratings: z.string().optional().meta({ label: "file" }).describe("a JSON list of ratings to compare with"),
  }),
  async run([rating], { ratings }) {
    const population = ratings
      ? populationFromList(await readJson(ratings, z.array(z.unknown())), ratings)
      : humanPopulation();
    return { rating, percentile: percentile(rating, population), people: population.size };
  },
  print: (result) =>
    `${result.percentile} % of ${result.people.toLocaleString("en")} people have a lower rating than ${result.rating}`,
});

export const rateCommand = defineCommand({
  name: "codeelo rate",
  summary: "Solve a model's Elo rating from its judged contests",
  description:
    "Prints the rating under the fair equation with its 95 % interval, the maximum-likelihood rating, and the figure that " +
    "the published code gives. The file has one contest a line: standings, rating changes, and the verdicts of attempts.",
  examples: [
    "polymath codeelo rate judged.jsonl",
    "polymath codeelo rate judged.jsonl --ties worst --newcomer 1400 --json",
  ],
  args: z.tuple([z.string().meta({ label: "file" }).describe("judged contests, JSON lines")]),
  options: z.object({
    ties: z.enum(["mid", "worst"]).default("mid").describe("place given to equal results"),
    newcomer: z
      .union([z.literal("asis"), z.coerce.number()])
      .default("asis")
      .describe("rating of people in their first contest, whom the API may give as 0"),
    smallestField: z.number().int().min(2).default(200).describe("contests with no more rated people are skipped"),
  }),
  journal: true,
  async run([file], { ties, newcomer, smallestField }, { run }) {
    const contests: JudgedContest[] = [];
    for await (const contest of readJsonLines(file, JudgedContest)) contests.push(contest);
    if (contests.length === 0) throw new UsageError(`${file} has no contests`);
    const protocol = protocolOf(contests, { ties, newcomer });
    const rating = rateContests(contests, protocol, {
      ties,
      smallestField,
      ...(newcomer !== "asis" && { newcomerRating: newcomer }),
    });
    await run.finish(ratingReport(rating));
    return rating;
  },
  print: describeRating,
});

/** The card in the file where there is one, with what rating adds to it. */
function protocolOf(
  contests: readonly JudgedContest[],
  { ties, newcomer }: { ties: "mid" | "worst"; newcomer: number | "asis" },
): Protocol {
  const given = Protocol.partial().safeParse(contests[0]!.protocol ?? {});
  const attempts = contests.flatMap((contest) => Object.values(contest.attempts).map((list) => list.length));
  return {
    attempts: Math.max(1, ...attempts),
    submits: "all",
    language: "not told",
    judge: "not told",
    sampling: {},
    scoring: "minute-0",
    ...(given.success ? given.data : {}),
    contests: contests.map(({ contest }) => contest.contest.id).sort(),
    ties,
    newcomerRating: newcomer === "asis" ? "as is" : newcomer,
  };
}

export const compareCommand = defineCommand({
  name: "codeelo compare",
  summary: "Compare two ratings contest by contest, if they were made under one protocol",
  examples: ["polymath codeelo compare a.json b.json"],
  args: z.tuple([
    z.string().meta({ label: "first" }).describe("what `codeelo rate --json` or `codeelo run --json` printed"),
    z.string().meta({ label: "second" }).describe("the same for another model"),
  ]),
  options: z.object({ force: z.boolean().default(false).describe("compare although the protocols differ") }),
  async run([first, second], { force }): Promise<Comparison> {
    const [a, b] = await Promise.all([first, second].map((file) => readJson(file, RatingFile)));
    return compareRatings(a!, b!, { force });
  },
  print: describeComparison,
});

/** The parts of a rating that a comparison reads; the result of a run holds it as `rating`. */
const RatingFile = z.preprocess(
  (value) => (typeof value === "object" && value !== null && "rating" in value ? value.rating : value),
  z.object({
    protocol: Protocol,
    contests: z.array(z.object({ id: z.string(), rating: z.number() })).min(1),
  }),
);

export const simulateCommand = defineCommand({
  name: "codeelo simulate",
  summary: "Rate bots of known skill in simulated contests: how far a rating is from the truth",
  examples: ["polymath codeelo simulate", "polymath codeelo simulate --quick --json"],
  options: z.object({ quick: z.boolean().default(false).describe("two small worlds, some seconds") }),
  journal: true,
  async run(_, { quick }, { run, progress, signal }): Promise<Simulation> {
    const bar = progress({ label: "simulate contests", total: 100, unit: "%" });
    const settings = quick ? QUICK_SIMULATION : FULL_SIMULATION;
    const result = await simulate(settings, { signal, onProgress: (share) => bar.update(Math.round(100 * share)) });
    bar.stop();
    await run.finish(simulationReport(result));
    return result;
  },
  print: describeSimulation,
});
