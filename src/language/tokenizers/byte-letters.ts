/**
 * GPT-2's alphabet of bytes: each byte has a printable letter, so vocabularies of byte strings are readable text.
 * Printable Latin-1 bytes stand for themselves, the 68 others for U+0100 and on; a space is "Ġ".
 * Source: `bytes_to_unicode` in openai/gpt-2, src/encoder.py.
 */
const LETTERS = makeLetters();

/** @param text lone surrogates, which UTF-8 cannot hold, become U+FFFD */
export function toByteLetters(text: string): string {
  let letters = "";
  for (const byte of new TextEncoder().encode(text)) letters += LETTERS[byte];
  return letters;
}

/** The 256 letters by code point: the order in which vocabularies list them. */
export function byteAlphabet(): string[] {
  return LETTERS.toSorted();
}

function makeLetters(): string[] {
  const isPrintable = (byte: number) => (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
  let others = 0;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : 0x100 + others++));
}
