/** Where a text may be cut: before a paragraph, a line or a sentence, not so often that handles hide the text. */
const between = /\n+|(?<=[.!?。！？])\s+/gu;
const fewestCharacters = 30;

/** Rising places in characters, none at the beginning or the end. */
export function splitPlaces(text: string): number[] {
  const places: number[] = [];
  for (const match of text.matchAll(between)) {
    const place = match.index + match[0].length;
    const isFar = place - (places.at(-1) ?? 0) >= fewestCharacters;
    if (isFar && text.slice(place).trim() !== "" && text.slice(0, place).trim() !== "") places.push(place);
  }
  return places;
}
