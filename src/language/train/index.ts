/** Trainers of language models, and how data becomes batches for them. */
export { batchOfRows, rowSampler, type SftBatch } from "./batches.ts";
export { type EncodeOptions, encodeExample, SftRow } from "./examples.ts";
export { type PackedRow, packExamples, type TokenExample } from "./packing.ts";
export { createEvaluator, type SftOptions, sft, sftLoss } from "./sft.ts";
