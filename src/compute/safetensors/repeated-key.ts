/** JSON.parse keeps the last of two equal keys without a word; formats that forbid them need to know. */

/**
 * Finds a key that occurs twice in one object, comparing keys after their escapes are read.
 * @param json text that JSON.parse accepts
 * @returns the first repeated key, or undefined
 */
export function findRepeatedKey(json: string): string | undefined {
  const open: (Set<string> | null)[] = []; // keys of each enclosing object, null for a list
  let at = 0;
  while (at < json.length) {
    const char = json[at]!;
    if (char === "{") open.push(new Set());
    else if (char === "[") open.push(null);
    else if (char === "}" || char === "]") open.pop();
    if (char !== '"') {
      at++;
      continue;
    }
    const end = endOfString(json, at);
    const keys = open.at(-1);
    if (keys && isBeforeColon(json, end)) {
      const key: string = JSON.parse(json.slice(at, end));
      if (keys.has(key)) return key;
      keys.add(key);
    }
    at = end;
  }
  return undefined;
}

/** One past the closing quote of the string that begins at `start`. */
function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at + 1;
}

function isBeforeColon(json: string, from: number): boolean {
  let at = from;
  while (" \t\n\r".includes(json[at]!)) at++;
  return json[at] === ":";
}
