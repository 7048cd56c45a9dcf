/**
 * A small round of self-training on the embedded reasoner, in a process of its own; for round.slow.test.ts.
 * It writes how far it is, so that it can be killed in the middle of anything: "judge, before 12".
 */
import { writeSync } from "node:fs";
import { join } from "node:path";
import { createLog } from "../../../core/log.ts";
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
  progress: ({ label }) => ({ update: (done) => void writeSync(1, `${label} ${done}\n`), stop() {} }),
  signal: new AbortController().signal,
  dir: join(dir, "round"),
  model: embeddedReasoner(),
  out: join(dir, "out"),
  force: true,
});
process.exit(0);
