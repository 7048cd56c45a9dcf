/** Trainers of language models, and how data becomes batches for them. */
export { batchOfRows, rowSampler, type SftBatch } from "./batches.ts";
export { Collapse, type CollapseLimits, judgeVitals, repeatedShare, usualLimits, Vitals } from "./collapse.ts";
export type { GuardOptions, Probe } from "./collapse-guard.ts";
export { type EncodeOptions, encodeConversation, encodeExample, SftRow } from "./examples.ts";
export { copyParams } from "./good-checkpoint.ts";
export { type PackedRow, packExamples, type TokenExample } from "./packing.ts";
export { type PreferenceOptions, type PreferenceResult, trainPreference } from "./preference.ts";
export {
  describePreference,
  PreferenceLoss,
  PreferenceMethod,
  preferenceLoss,
  usualLoss,
} from "./preference-losses.ts";
export { encodePair, type PreferencePair, PreferenceRow } from "./preference-pairs.ts";
export * from "./rl/index.ts";
export { createSequenceScorer, responseLength, type SequenceScorer } from "./sequence-logprobs.ts";
export { createEvaluator, type SftOptions, sft, sftLoss } from "./sft.ts";
