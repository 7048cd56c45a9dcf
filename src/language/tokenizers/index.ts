/** Text to ids and back: closed vocabularies, Hugging Face's tokenizer.json, a BPE trainer, chat templates. */
export { ChatTemplate, type RenderOptions, type TemplateMessage } from "./chat-template.ts";
export { type ClosedVocabularyOptions, closedVocabulary } from "./closed-vocabulary.ts";
export { loadTokenizer } from "./load.ts";
export { streamText, type TextStream } from "./text-stream.ts";
export type { Tokenizer } from "./tokenizer.ts";
export { type TrainBpeOptions, trainBpe } from "./train-bpe.ts";
