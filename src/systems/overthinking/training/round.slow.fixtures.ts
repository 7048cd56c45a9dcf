/** A small round of self-training on the embedded reasoner, in a process of its own; for round.slow.test.ts. */
import { join } from "node:path";
import { createLog } from "../../../core/log.ts";
import { createProgress } from "../../../core/progress.ts";
import { embeddedReasoner } from "./base-model.ts";
import { ROUND_SETTINGS, runRound } from "./round.ts";

const dir = process.argv[2]!;
const silent = { write: () => true };
const settings = {
  ...ROUND_SETTINGS,
  problems: 250, // three chunks
  samples: 2,
  epochs: 1,
  rates: [1e-4],
  validation: 20,
  testPerLevel: 10,
  testSamples: 1,
};
await runRound(settings, {
  log: createLog({ stream: silent }),
  progress: (options) => createProgress({ ...options, stream: silent }),
  signal: new AbortController().signal,
  dir: join(dir, "round"),
  model: embeddedReasoner(),
  out: join(dir, "out"),
  force: true,
});
process.exit(0);
