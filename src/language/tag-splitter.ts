/** Tells kinds of text apart while it streams in, by the tags between them; the tags themselves are in no piece. */

export interface TaggedPiece<Kind extends string> {
  kind: Kind;
  text: string;
}

export interface TagSplitter<Kind extends string> {
  /** What the text at the end of all that was pushed belongs to. */
  readonly kind: Kind;
  /** @returns what became certain; the beginning of a possible tag is held back */
  push(text: string): TaggedPiece<Kind>[];
  /** What was held back: no tag after all. */
  end(): TaggedPiece<Kind>[];
}

/** @param tagsIn the tags that count within a kind of text, each with the kind that follows it */
export function splitByTags<Kind extends string>(
  start: Kind,
  tagsIn: (kind: Kind) => Readonly<Record<string, Kind>>,
): TagSplitter<Kind> {
  let kind = start;
  let held = "";
  const take = (text: string): TaggedPiece<Kind>[] => (text ? [{ kind, text }] : []);
  return {
    get kind() {
      return kind;
    },
    push(text) {
      held += text;
      const pieces: TaggedPiece<Kind>[] = [];
      for (let tag = firstTag(held, tagsIn(kind)); tag; tag = firstTag(held, tagsIn(kind))) {
        pieces.push(...take(held.slice(0, tag.at)));
        held = held.slice(tag.at + tag.text.length);
        kind = tag.next;
      }
      const certain = held.length - beginningLength(held, Object.keys(tagsIn(kind)));
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

function firstTag<Kind>(text: string, tags: Readonly<Record<string, Kind>>) {
  return Object.entries(tags)
    .map(([tag, next]) => ({ text: tag, next, at: text.indexOf(tag) }))
    .filter(({ at }) => at !== -1)
    .sort((a, b) => a.at - b.at)[0];
}

/** Length of the end of `text` that begins one of the tags. */
function beginningLength(text: string, tags: readonly string[]): number {
  for (let length = Math.max(...tags.map((tag) => tag.length)) - 1; length > 0; length--) {
    if (length <= text.length && tags.some((tag) => tag.startsWith(text.slice(-length)))) return length;
  }
  return 0;
}
