/** Overthinking of o1-like models: the world "Sums", the embedded reasoner, and the efficiency of reasoning traces. */
export { type AnalyseOptions, type Analysis, analyseFile } from "./analyse.ts";
export { type AskOptions, askReasoner, type ReasonerReply } from "./ask.ts";
export { type Audit, auditFile, auditSums } from "./audit.ts";
export { claimOverthinking } from "./claim.ts";
export { type Clusters, clusterByEndpoint } from "./cluster/endpoint.ts";
export { clusterLocally } from "./cluster/local.ts";
export { type EarlyExitFigures, type EarlyExitRow, earlyExitFigures, measureEarlyExit } from "./early-exit/measure.ts";
export { type EarlyExitOptions, type EarlyExitReply, solveEarly } from "./early-exit/solve.ts";
export { type Watcher, watchReasoning } from "./early-exit/watch.ts";
export { figuresByLevel, figuresTable } from "./evaluate.ts";
export { type CheckerName, checkAnswer, checkersOf, codeTestsChecker, endpointChecker } from "./judge/checkers.ts";
export { openCounter, type TokenCounter, whitespaceCounter } from "./measure/count-tokens.ts";
export type { Estimate } from "./measure/estimate.ts";
export { figuresOfTrace, type TokenBasis, type TraceFigures } from "./measure/figures.ts";
export { type Money, moneyOf } from "./measure/money.ts";
export { analysisReport, traceSection } from "./measure/report.ts";
export { type Group, type Summary, SummaryBuilder } from "./measure/summary.ts";
export {
  type Efficiency,
  efficiency,
  type JudgedSolution,
  responseOutcomeEfficiency,
  responseProcessEfficiency,
} from "./metrics.ts";
export {
  buildPairs,
  type DropReason,
  expectEnoughPairs,
  FEWEST_PAIRS,
  type PairOptions,
  type PairResult,
} from "./pairs/build.ts";
export {
  type ExportOptions,
  exportPairs,
  HyperParameters,
  hyperParameters,
  PairFormat,
  PairMethod,
} from "./pairs/export.ts";
export { groupSamples, toSample } from "./pairs/sample.ts";
export { sumsSample, sumsSampleSet } from "./pairs/sums.ts";
export { type Candidate, type TrimFailure, trim } from "./pairs/trim.ts";
export { type AnalysedTrace, type PrepareOptions, prepareTrace, recutTrace } from "./prepare.ts";
export { parseQuestion, type Question, type RefusalReason } from "./questions.ts";
export { evaluateReasoner, FULL_SETTINGS, QUICK_SETTINGS, type ReasonerContext, trainReasoner } from "./reasoner.ts";
export {
  Figures,
  PairSample,
  PositiveKind,
  PreferencePair,
  ReasonerEvaluation,
  ReasonerSettings,
  SampleSet,
  Solution,
  Trace,
} from "./schemas.ts";
export { type Segmentation, segmentByRules } from "./segment/rules.ts";
export { type StagedSegmentation, type StageOptions, segmentByStages } from "./segment/stages.ts";
export { checkText, type SolvedProblem, type SolveOptions, type SolveResult, solveSums } from "./solve.ts";
export { sumsTokenizer } from "./tokenizer.ts";
export { toPublished } from "./traces/published.ts";
export { type ReadCounts, type ReadTracesOptions, readTraceFile } from "./traces/read.ts";
export { readTraces } from "./traces/row.ts";
export { AccuracyGateError } from "./training/gate.ts";
export { ROUND_SETTINGS, type RoundContext, runRound } from "./training/round.ts";
export { type LevelChange, RoundEvaluation, RoundSettings } from "./training/schemas.ts";
export { type RowsOptions, type RowsResult, trainOnRows } from "./training/train-rows.ts";
export { type ParsedSolution, type ParsedTrace, parseTrace } from "./world/parse.ts";
export { LEVELS, type Level, levelOf, type Problem, renderPrompt, sampleProblems, trueSum } from "./world/problem.ts";
export { type PolicyFigures, simulateReference } from "./world/reference.ts";
export { STRATEGIES, type Strategy } from "./world/strategies.ts";
export { type TeacherTrace, teach } from "./world/teacher.ts";
