/** The commands of this system. */
export { ablateCommand } from "./commands/ablate.ts";
export { ditSampleCommand } from "./commands/dit-sample.ts";
export { ditTrainCommand } from "./commands/dit-train.ts";
export { evaluateCommand } from "./commands/evaluate.ts";
export { featuresCommand } from "./commands/features.ts";
export { frontierCommand } from "./commands/frontier.ts";
export { latentsExtractCommand, latentsStatsCommand } from "./commands/latents.ts";
export { tokenizerEvalCommand } from "./commands/tokenizer-eval.ts";
export { tokenizerTrainCommand } from "./commands/tokenizer-train.ts";
export { trainMarksCommand } from "./commands/train-marks.ts";
