/**
 * How alike two texts are, by the measure that the published scorer uses: Ratcliff and Obershelp 1988, as in Python's
 * difflib.SequenceMatcher with its `autojunk`: in a second text of 200 characters and more, characters that make up more
 * than one in a hundred do not begin a match. Ours only where figures must equal the published ones.
 */

const longText = 200;

/** 2 × matched characters / all characters, 0 to 1. Not symmetric. */
export function similarity(first: string, second: string): number {
  const [a, b] = [[...first], [...second]];
  if (a.length + b.length === 0) return 1;
  const places = placesOf(b);
  let matched = 0;
  const open: [aLow: number, aHigh: number, bLow: number, bHigh: number][] = [[0, a.length, 0, b.length]];
  for (let range = open.pop(); range; range = open.pop()) {
    const [aLow, aHigh, bLow, bHigh] = range;
    const { i, j, size } = longestMatch(a, b, places, range);
    if (size === 0) continue;
    matched += size;
    if (aLow < i && bLow < j) open.push([aLow, i, bLow, j]);
    if (i + size < aHigh && j + size < bHigh) open.push([i + size, aHigh, j + size, bHigh]);
  }
  return (2 * matched) / (a.length + b.length);
}

/** Where each character stands in a text, without those that are too common to say anything. */
function placesOf(text: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [index, character] of text.entries()) {
    const found = places.get(character);
    if (found) found.push(index);
    else places.set(character, [index]);
  }
  if (text.length < longText) return places;
  const most = Math.floor(text.length / 100) + 1;
  for (const [character, found] of places) if (found.length > most) places.delete(character);
  return places;
}

/** The longest run that both have within a range, the earliest of equals; then stretched over common characters. */
function longestMatch(
  a: readonly string[],
  b: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  [aLow, aHigh, bLow, bHigh]: readonly [number, number, number, number],
): { i: number; j: number; size: number } {
  let [bestI, bestJ, size] = [aLow, bLow, 0];
  let lengths = new Map<number, number>(); // of the run that ends at each place of b
  for (let i = aLow; i < aHigh; i++) {
    const next = new Map<number, number>();
    for (const j of places.get(a[i]!) ?? []) {
      if (j < bLow) continue;
      if (j >= bHigh) break;
      const run = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, run);
      if (run > size) [bestI, bestJ, size] = [i - run + 1, j - run + 1, run];
    }
    lengths = next;
  }
  while (bestI > aLow && bestJ > bLow && a[bestI - 1] === b[bestJ - 1])
    [bestI, bestJ, size] = [bestI - 1, bestJ - 1, size + 1];
  while (bestI + size < aHigh && bestJ + size < bHigh && a[bestI + size] === b[bestJ + size]) size++;
  return { i: bestI, j: bestJ, size };
}
