/** `node suite.fixtures.ts LAUNCHER INIT CGROUPS [UID]`: the escape suite as that user; one line of JSON. */

import type { ProbeOptions } from "../probe.ts";
import { openSandbox } from "../sandbox.ts";
import { runEscapeSuite } from "./suite.ts";

const [launcher, init, cgroups, uid] = process.argv.slice(2);
if (uid) {
  process.chdir("/tmp"); // the folder we came from may be closed to that user
  process.setgroups!([]);
  process.setgid!(Number(uid));
  process.setuid!(Number(uid));
}
const sandbox = await openSandbox({ launcher, init, cgroups: cgroups === "true" } as ProbeOptions);
const results = await runEscapeSuite(sandbox);
process.stdout.write(JSON.stringify({ description: sandbox.description, uid: sandbox.report.uid, results }));
