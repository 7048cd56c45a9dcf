/** The data sets whose rows are read as problems; each is told by a field that only it has. */
import { codeContests } from "./code-contests.ts";
import { codeElo } from "./code-elo.ts";
import type { Format } from "./format.ts";
import { liveCodeBench } from "./live-code-bench.ts";
import { openR1 } from "./open-r1.ts";

export const formats: readonly Format[] = [openR1, liveCodeBench, codeContests, codeElo];
