/** HuatuoGPT-o1: exam questions become verifiable problems, these verified reasoning, and this a model that thinks first. */
export { claimHuatuo } from "./claim.ts";
export { type EvalItem, readEvalFile } from "./eval/files.ts";
export { type Choice, matchChoice, type Tier } from "./eval/match-choice.ts";
export { answerItems, type BenchmarkScore, type EvalAnswer, type EvalOptions, scoreBenchmarks } from "./eval/run.ts";
export { type AnsweredQuestion, type McqScore, scoreAnswers } from "./eval/score.ts";
export { type ExportContext, type FormatName, formats, isFlagged, isRevealed } from "./export/formats.ts";
export { formReward, formRewards, parseForm, renderForm } from "./form.ts";
export { looksMedical, medicalNotice } from "./medical-notice.ts";
export { type CheckLimits, checkMergedStage, defaultLimits, leakIn, revealsEarly } from "./merge/check.ts";
export { naturalStage } from "./merge/natural.ts";
export { respondStage } from "./merge/respond.ts";
export { type OpenedPipeline, openPipeline, type PipelineName } from "./pipelines/open.ts";
export { inPublishedOrder, numberedRows, writePublished } from "./pipelines/rows.ts";
export { FactorySettings, MergeSettings, ModelPlace, SearchSettings } from "./pipelines/settings.ts";
export { defaultPrompts, type PromptName } from "./prompts/defaults.ts";
export { type Prompts, readPromptFolder, withOverrides, writePromptFolder } from "./prompts/prompts.ts";
export * from "./rl/index.ts";
export * from "./schemas.ts";
export { renderChain } from "./search/chain.ts";
export { type Attempt, type SearchLog, type SearchOptions, type SearchStep, search } from "./search/search.ts";
export { searchStage } from "./search/search-stage.ts";
export { createStatistics, type SearchStatistics } from "./search/statistics.ts";
export { ownStrategies, pickStrategy, Strategy } from "./search/strategies.ts";
export {
  exactMatch,
  exactMatchVerifier,
  functionVerifier,
  llmVerifier,
  parseVerdict,
  type Verdict,
  type Verifier,
} from "./search/verifiers.ts";
export { checkSftModel, readMixRows, readSftRows, type SftData, type SftModel } from "./sft/examples.ts";
export { type SftMode, sftModes, sftTarget } from "./sft/target.ts";
export { type SftOutcome, type SftSettings, trainOnSftRows } from "./sft/train.ts";
export { checkRowStage } from "./stages/check-row.ts";
export { contaminationIndex, decontaminateStage, readEvaluationFiles } from "./stages/decontaminate.ts";
export { difficultyStage } from "./stages/difficulty.ts";
export { labels, llmFilterStage, parseLabel } from "./stages/llm-filter.ts";
export { longEnoughStage } from "./stages/long-enough.ts";
export { reformatStage } from "./stages/reformat.ts";
export { brokenRule, isNegated, rulesStage } from "./stages/rules.ts";
export type { Teacher } from "./teacher.ts";
export { type ClinicTrial, type EngineTrial, tryClinic, tryEngine } from "./tour.ts";
export { type Audit, type AuditItem, AuditRow, audit, drawSheet, readSheet, writeSheet } from "./verifier/audit.ts";
export { type Calibration, calibrate, figuresAt, type Scored, type ThresholdFigures } from "./verifier/calibrate.ts";
export { type Classifier, createScorer, initClassifier, type Scorer } from "./verifier/classifier.ts";
export { loadVerifier, publishedThreshold, saveVerifier, type VerifierFolder } from "./verifier/folder.ts";
export { readPairs, VerifierPair } from "./verifier/pairs.ts";
export { trainVerifier, type VerifierTraining } from "./verifier/train.ts";
export { type TrainedVerifier, trainedVerifier } from "./verifier/trained.ts";
export * from "./world.ts";
