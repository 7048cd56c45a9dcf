/** Tells a model's reasoning from its answer while text streams in: what stands between <think> and </think>. */
import { splitByTags, type TaggedPiece, type TagSplitter } from "./tag-splitter.ts";

export type ReasoningPiece = TaggedPiece<"reasoning" | "text">;
export type ReasoningSplitter = TagSplitter<ReasoningPiece["kind"]>;

/** Only the tag that would end the present kind counts: a model may write about the other one. */
const tags = { text: { "<think>": "reasoning" }, reasoning: { "</think>": "text" } } as const;

/** @param isOpen whether the prompt itself ends in an open <think>, as some chat templates have it */
export function splitReasoning(isOpen: boolean): ReasoningSplitter {
  return splitByTags<ReasoningPiece["kind"]>(isOpen ? "reasoning" : "text", (kind) => tags[kind]);
}
