/**
 * LiveCodeBench keeps its hidden tests as base64 of zlib of a pickled JSON string. The pickle is read as data; one that
 * holds anything but a string, or asks for a Python function, is refused.
 */
import { inflateSync } from "node:zlib";
import { DataError } from "../../../core/errors.ts";
import { readPickle } from "../../../core/pickle/index.ts";

/** Beyond this, a compressed text is taken for an attack. */
const mostBytes = 512 * 2 ** 20;

/** @throws DataError for anything but a single pickled string */
export function readPickledString(bytes: Uint8Array): string {
  const value = readPickle(bytes);
  if (typeof value === "string") return value;
  throw new DataError(`pickle: expected one string, got ${Array.isArray(value) ? "a list" : typeof value}`, {
    hint: "Only a pickled string is read; pickles are never executed.",
  });
}

/** A packed text: base64 of zlib of a pickled string. @throws DataError where it is not that */
export function unpackString(packed: string): string {
  let bytes: Uint8Array;
  try {
    bytes = inflateSync(Buffer.from(packed, "base64"), { maxOutputLength: mostBytes });
  } catch (cause) {
    throw new DataError(`packed tests: ${(cause as Error).message}`, {
      hint: "They should be base64 of zlib of a pickled string, as LiveCodeBench writes them.",
      cause,
    });
  }
  return readPickledString(bytes);
}
