/** One measurement in a process of its own: `node --expose-gc measure.ts <file>` analyses it and prints a Measurement. */
import { analyseFile } from "../../src/systems/overthinking/analyse.ts";
import { checkersOf } from "../../src/systems/overthinking/judge/checkers.ts";
import { whitespaceCounter } from "../../src/systems/overthinking/measure/count-tokens.ts";

export interface Measurement {
  seconds: number;
  /** Of all threads; what `seconds` would be on an idle machine, or a little more. */
  processorSeconds: number;
  /** Most that was still in use after a collection, modules included. */
  liveMB: number;
  /** Largest resident memory of the process; V8 lets garbage lie while there is room. */
  residentMB: number;
  traceCount: number;
  meanSolutions: number;
}

const collectEvery = 1000; // traces; a collection takes some ten milliseconds

const [file] = process.argv.slice(2) as [string];
const begun = performance.now();
const before = process.cpuUsage();
let [done, liveMB] = [0, 0];
const { groups, traceCount } = await analyseFile(file, {
  checkers: checkersOf("maths"),
  counter: whitespaceCounter,
  onTrace() {
    if (++done % collectEvery !== 0) return;
    globalThis.gc!();
    liveMB = Math.max(liveMB, process.memoryUsage().heapUsed / 1e6);
  },
});
const seconds = (performance.now() - begun) / 1000;
const { user, system } = process.cpuUsage(before);
console.log(
  JSON.stringify({
    seconds,
    processorSeconds: (user + system) / 1e6,
    liveMB,
    residentMB: process.resourceUsage().maxRSS / 1024, // it comes in kilobytes
    traceCount,
    meanSolutions: groups[0]!.solutionCount!.value,
  } satisfies Measurement),
);
