/** Finds stop strings in text that arrives in pieces, and holds back what may yet become one. */

export interface StopScanner {
  /** @returns text that is certain to stay, and the stop string if one ended the text; nothing may be pushed after */
  push(piece: string): { text: string; stop?: string };
  /** @returns what was held back */
  end(): string;
}

/** @param stops of several that match, the one that begins first ends the text; it is not part of it */
export function scanForStops(stops: readonly string[]): StopScanner {
  let held = "";
  return {
    push(piece) {
      held += piece;
      const matches = stops.map((stop) => ({ stop, at: held.indexOf(stop) })).filter(({ at }) => at >= 0);
      if (matches.length > 0) {
        const { stop, at } = matches.reduce((first, match) => (match.at < first.at ? match : first));
        return { text: held.slice(0, at), stop };
      }
      const certain = held.length - openLength(held, stops);
      const text = held.slice(0, certain);
      held = held.slice(certain);
      return { text };
    },
    end() {
      const text = held;
      held = "";
      return text;
    },
  };
}

/** Length of the longest end of `text` that begins a stop string. */
function openLength(text: string, stops: readonly string[]): number {
  const longest = Math.max(0, ...stops.map((stop) => stop.length - 1));
  for (let length = Math.min(longest, text.length); length > 0; length--) {
    const end = text.slice(-length);
    if (stops.some((stop) => stop.startsWith(end))) return length;
  }
  return 0;
}
