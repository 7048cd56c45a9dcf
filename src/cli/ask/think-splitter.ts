/** Tells thinking from answer while text streams in, by the tags that reasoning models write. */
import { splitByTags, type TaggedPiece, type TagSplitter } from "../../language/tag-splitter.ts";

export type Piece = TaggedPiece<"thinking" | "answer">;

/** All of them count everywhere: what is shown to a person has no tag in it. */
const tags = { "<think>": "thinking", "</think>": "answer", "<answer>": "answer", "</answer>": "answer" } as const;

/** @param start "thinking" where the prompt itself ends in an open <think>, as some chat templates have it */
export function splitThinking(start: Piece["kind"] = "answer"): TagSplitter<Piece["kind"]> {
  return splitByTags<Piece["kind"]>(start, () => tags);
}
