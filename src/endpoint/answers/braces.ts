/** Brackets in LaTeX: find the end of a group, and split where no bracket is open. All linear in the text. */

/**
 * The index of the brace that closes the one at `open`; -1 where the text ends first.
 * An escaped brace, `\{` or `\}`, does not count.
 */
export function closingBrace(text: string, open: number): number {
  let depth = 0;
  for (let index = open; index < text.length; index++) {
    const char = text[index];
    if (char === "\\") index++;
    else if (char === "{") depth++;
    else if (char === "}" && --depth === 0) return index;
  }
  return -1;
}

const opening = new Set(["(", "[", "{"]);
const closing = new Set([")", "]", "}"]);

/** Cuts `text` at every match of `separator` (sticky) that lies outside all brackets. */
export function splitOutside(text: string, separator: RegExp): string[] {
  const pieces: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const char = text[index]!;
    if (depth === 0) {
      separator.lastIndex = index;
      const match = separator.exec(text);
      if (match && match[0].length > 0) {
        pieces.push(text.slice(start, index).trim());
        start = index + match[0].length;
        index = start - 1;
        continue;
      }
    }
    // Intervals close with the other kind, (3,4], so only the depth is kept.
    if (opening.has(char)) depth++;
    else if (closing.has(char)) depth = Math.max(0, depth - 1);
  }
  pieces.push(text.slice(start).trim());
  return pieces;
}

/** Whether the bracket that opens `text` is closed by its very last character. */
export function isBracketed(text: string): boolean {
  if (text.length < 2 || !opening.has(text[0]!)) return false;
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const char = text[index]!;
    if (opening.has(char)) depth++;
    else if (closing.has(char) && --depth === 0) return index === text.length - 1;
  }
  return false;
}

/** The deepest nesting of brackets. */
export function nestingDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const char of text) {
    if (opening.has(char)) deepest = Math.max(deepest, ++depth);
    else if (closing.has(char)) depth--;
  }
  return deepest;
}
