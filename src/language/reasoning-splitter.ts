/** Tells a model's reasoning from its answer while text streams in: what stands between <think> and </think>. */

export interface ReasoningPiece {
  kind: "reasoning" | "text";
  text: string;
}

export interface ReasoningSplitter {
  /** What the text at the end of all that was pushed belongs to. */
  readonly kind: ReasoningPiece["kind"];
  /** @returns what became certain; the beginning of a possible tag is held back */
  push(text: string): ReasoningPiece[];
  end(): ReasoningPiece[];
}

const [open, close] = ["<think>", "</think>"];

/** @param isOpen whether the prompt itself ends in an open <think>, as some chat templates have it */
export function splitReasoning(isOpen: boolean): ReasoningSplitter {
  let kind: ReasoningPiece["kind"] = isOpen ? "reasoning" : "text";
  let held = "";
  const take = (text: string): ReasoningPiece[] => (text ? [{ kind, text }] : []);
  const tag = () => (kind === "text" ? open : close);
  return {
    get kind() {
      return kind;
    },
    push(text) {
      held += text;
      const pieces: ReasoningPiece[] = [];
      for (let at = held.indexOf(tag()); at !== -1; at = held.indexOf(tag())) {
        pieces.push(...take(held.slice(0, at)));
        held = held.slice(at + tag().length);
        kind = kind === "text" ? "reasoning" : "text";
      }
      const certain = held.length - beginningLength(held, tag());
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

/** Length of the end of `text` that begins `tag`. */
function beginningLength(text: string, tag: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length--) {
    if (tag.startsWith(text.slice(-length))) return length;
  }
  return 0;
}
