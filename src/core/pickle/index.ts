/** Python's pickles, read as data: `readPickle` interprets, and never executes. */
export { type PickleGlobal, type PickleOptions, type PickleValue, readPickle } from "./read.ts";
