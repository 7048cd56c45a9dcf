/** Tells thinking from answer while text streams in, by the tags that reasoning models write. */

export interface Piece {
  kind: "thinking" | "answer";
  text: string;
}

export interface ThinkSplitter {
  /** @returns what became certain; the start of a possible tag is held back */
  push(text: string): Piece[];
  end(): Piece[];
}

/** What each tag switches to; the tags themselves are shown to nobody. */
const tags: Readonly<Record<string, Piece["kind"]>> = {
  "<think>": "thinking",
  "</think>": "answer",
  "<answer>": "answer",
  "</answer>": "answer",
};
const anyTag = new RegExp(Object.keys(tags).join("|"));

/** @param start "thinking" where the prompt itself ends in an open <think>, as some chat templates have it */
export function splitThinking(start: Piece["kind"] = "answer"): ThinkSplitter {
  let kind = start;
  let held = "";
  const take = (text: string): Piece[] => (text ? [{ kind, text }] : []);
  return {
    push(text) {
      held += text;
      const pieces: Piece[] = [];
      for (let match = anyTag.exec(held); match; match = anyTag.exec(held)) {
        pieces.push(...take(held.slice(0, match.index)));
        kind = tags[match[0]]!;
        held = held.slice(match.index + match[0].length);
      }
      const certain = held.length - possibleTagLength(held);
      pieces.push(...take(held.slice(0, certain)));
      held = held.slice(certain);
      return pieces;
    },
    end() {
      const rest = take(held);
      held = "";
      return rest;
    },
  };
}

/** Length of the end of `text` that may become a tag. */
function possibleTagLength(text: string): number {
  const at = text.lastIndexOf("<");
  return at !== -1 && Object.keys(tags).some((tag) => tag.startsWith(text.slice(at))) ? text.length - at : 0;
}
