// npm run bench: installs the peers that bench/ compares with, then runs the benchmarks: npm run bench -- matmul
import { join } from "node:path";
import { install, root, run } from "./bootstrap.mjs";

install();
// `npm ci` refuses a lock file whose overrides name another package; `npm install` keeps to it all the same.
install(join(root, "bench"), ["install", "--ignore-scripts"]);
process.exit(run("node", [join(root, "bench", "run.ts"), ...process.argv.slice(2)]));
