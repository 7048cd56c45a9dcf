/** HuatuoGPT-o1's data engine: exam questions become verifiable problems, and these verified reasoning. */
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
export { checkRowStage } from "./stages/check-row.ts";
export { contaminationIndex, decontaminateStage, readEvaluationFiles } from "./stages/decontaminate.ts";
export { difficultyStage } from "./stages/difficulty.ts";
export { labels, llmFilterStage, parseLabel } from "./stages/llm-filter.ts";
export { longEnoughStage } from "./stages/long-enough.ts";
export { reformatStage } from "./stages/reformat.ts";
export { brokenRule, isNegated, rulesStage } from "./stages/rules.ts";
export type { Teacher } from "./teacher.ts";
