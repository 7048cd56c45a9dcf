/** CodeElo: a judge with a sandbox, problems of every format, and ratings beside people. */

export { compareOutput } from "./checkers/compare.ts";
export { claimCodeElo } from "./claim.ts";
export { CoderEvaluation, CoderSettings } from "./coder/settings.ts";
export { type TrainedCoder, trainCoder } from "./coder/train.ts";
export { type BadRow, loadProblems } from "./datasets/load.ts";
export { difficultyClass, LoadedProblem } from "./datasets/loaded-problem.ts";
export { judgeOptions, openCommandJudge } from "./judge/commands.ts";
export { type Judge, type JudgeCallOptions, type JudgeOptions, openJudge } from "./judge/judge.ts";
export { findLanguage, needLanguage } from "./judge/languages.ts";
export { auditNoise, type NoiseReport } from "./judge/noise.ts";
export { buildProblem } from "./problems/build.ts";
export { families } from "./problems/catalog/index.ts";
export type { Family, Level } from "./problems/family.ts";
export { readProblem, writeProblem } from "./problems/formats/folder.ts";
export { loadProblem } from "./problems/formats/load.ts";
export { type StressResult, stressProgram } from "./problems/stress.ts";
export { type TruthPair, type TruthReport, tellTruth } from "./problems/truth.ts";
export { codeforcesUpdate, worstRanks } from "./rating/codeforces-update.ts";
export { type Comparison, compareRatings } from "./rating/compare.ts";
export { type ContestRating, fairRating, type Place, repoRating } from "./rating/contest-rating.ts";
export { expectedAhead, ratingWithAhead, winProbability } from "./rating/expected-place.ts";
export { likelihoodRating, meanRating, type RatedPlace } from "./rating/likelihood.ts";
export { passAtK } from "./rating/pass-at-k.ts";
export {
  humanPopulation,
  type Population,
  percentile,
  populationFromList,
  ratingAtShare,
} from "./rating/percentile.ts";
export { Protocol, protocolDifferences, requireSameProtocol } from "./rating/protocol.ts";
export { type RatedContest, type RateOptions, type Rating, rateContests } from "./rating/rate.ts";
export { AttemptSummary, JudgedContest } from "./rating/schemas.ts";
export { FULL_SIMULATION, QUICK_SIMULATION, type Simulation, simulate } from "./rating/simulate.ts";
export { Contest, type Field, fieldOf } from "./rating/standings.ts";
export { extractCode } from "./run/extract-code.ts";
export { publishedSampling, type RunModelOptions, runModel } from "./run/run-model.ts";
export { Attempt } from "./run/schemas.ts";
export { type RunSummary, summarizeRun } from "./run/tables.ts";
export {
  Checker,
  Interactor,
  Judgement,
  KnownProgram,
  LanguageId,
  Problem,
  Program,
  TestCase,
  TestResult,
  Verdict,
} from "./schemas.ts";
export { readServedProblems, type ServedProblem, type ServedStatement, servedStatement } from "./service/problems.ts";
export { openSubmissions, type SubmissionStatus, type Submissions } from "./service/submissions.ts";
export { type ContestTrial, type ContestTrialOptions, tryContests } from "./tour.ts";
export { createWorld, FULL_WORLD, type World, type WorldSettings } from "./world.ts";
